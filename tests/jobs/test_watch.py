"""A watch asks in the background, and rests when nobody reads its answer."""

from __future__ import annotations

from itertools import count

import pytest

from apis.jobs import watch
from tests.support.servers import until

pytestmark = pytest.mark.once


def test_it_rests_while_nobody_reads_and_asks_again_after_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "REST_AFTER_S", 0.0)
    numbers = count(1)
    asked: list[int] = []

    def check() -> int:
        asked.append(next(numbers))
        return asked[-1]

    watched = watch.Watch(check, every_s=0.01)
    try:
        assert watched.value == 1
        until(lambda: watched.resting, "it rests")
        before = len(asked)
        assert watched.value == before + 1, "a new answer, not the one from before the rest"
    finally:
        watched.stop()


def test_one_that_does_not_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "REST_AFTER_S", 0.0)
    asked: list[int] = []
    watched = watch.Watch(lambda: asked.append(1), every_s=0.01, rests=False)
    try:
        watched.start()
        until(lambda: len(asked) > 5, "it asks again and again")
        assert not watched.resting
    finally:
        watched.stop()
