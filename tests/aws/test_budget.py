"""One account's calls are spread out over all that make them, and AWS's own "too many" is heeded."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apis.aws import Reach, Throttled, get_api, in_background, rate_limit
from apis.aws.models import CallSlot
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo

several_connections = pytest.mark.django_db(transaction=True)


def together(work: Callable[[], Any], times: int, threads: int) -> None:
    """Do `work` so many times in several threads, each with a database connection of its own."""

    def one(_: int) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(times)))


@several_connections
def test_an_account_never_gets_more_than_five_calls_in_a_second(demo: Demo) -> None:
    reach = Reach(f"test-{uuid.uuid4()}", endpoint_url=demo.endpoint, trusted=True)
    demo.calls.clear()
    together(lambda: get_api(reach, "us-east-1", "abc123def4"), times=12, threads=6)
    came = sorted(one.at for one in demo.calls)
    assert len(came) == 12
    assert all(sum(start <= at < start + 1 for at in came) <= 5 for start in came)
    assert came[-1] - came[0] < 6


@several_connections
def test_slots_are_handed_out_one_by_one() -> None:
    key, given = f"test-{uuid.uuid4()}", list[float]()

    def take() -> None:
        rate_limit.take(key, 100)
        given.append(time.monotonic())

    together(take, times=30, threads=10)
    assert max(given) - min(given) > 29 * 0.01 * 0.9


@pytest.mark.django_db
def test_accounts_do_not_wait_for_each_other() -> None:
    start = time.monotonic()
    for _ in range(20):
        rate_limit.take(f"test-{uuid.uuid4()}", 0.1)
    assert time.monotonic() - start < 5


@pytest.mark.django_db
def test_who_would_wait_too_long_sees_why_and_takes_nothing() -> None:
    key = f"test-{uuid.uuid4()}"
    rate_limit.take(key, 0.01)
    before = CallSlot.objects.get(key=key).next_at
    with pytest.raises(Throttled, match="Try again in a minute") as found:
        rate_limit.take(key, 0.01, patience_s=5)
    assert found.value.code == "LocalBudget"
    assert CallSlot.objects.get(key=key).next_at == before


def test_a_call_that_would_wait_too_long_is_not_made(reach: Reach, called: Callable[[], list[Any]]) -> None:
    CallSlot.objects.create(key=reach.key, next_at=time.time() + 2 * rate_limit.PATIENCE_S)
    with pytest.raises(Throttled, match="queued"):
        get_api(reach, "us-east-1", "abc123def4")
    assert called() == []


@pytest.mark.django_db
def test_a_clock_that_was_set_back_blocks_no_one() -> None:
    key = f"test-{uuid.uuid4()}"
    CallSlot.objects.create(key=key, next_at=time.time() + 86400)
    rate_limit.take(key, patience_s=1)
    assert CallSlot.objects.get(key=key).next_at < time.time() + 10


def test_each_try_takes_a_turn_and_too_many_calls_are_heeded(
    reach: Reach, faults: Faults, called: Callable[[], list[Any]]
) -> None:
    faults.add("throttle", times=1)
    get_api(reach, "us-east-1", "abc123def4")
    first, second = called()
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at > rate_limit.BACK_OFF_S - 0.2


@several_connections
def test_a_persons_calls_go_before_those_in_the_background() -> None:
    """However many wait in the background, a person's call waits for one slot and not for theirs."""
    key, order = f"test-{uuid.uuid4()}", list[str]()
    many, started = 12, threading.Barrier(13)

    def background() -> None:
        started.wait(30)
        with in_background():
            rate_limit.take(key, 20)
        order.append("background")

    def person() -> None:
        started.wait(30)
        for _ in range(3):
            rate_limit.take(key, 20)
            order.append("person")

    with ThreadPoolExecutor(many + 1) as pool:
        waiting = [pool.submit(_closing, background) for _ in range(many)]
        waiting.append(pool.submit(_closing, person))
        for one in waiting:
            one.result()
    assert order.count("background") == many
    assert max(at for at, who in enumerate(order) if who == "person") < many - 3


def _closing(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()
