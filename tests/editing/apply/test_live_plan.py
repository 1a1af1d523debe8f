"""A plan is compared with AWS itself: a worker reads it while the page is checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from redis import Redis

from apis.demo.emulator.faults import Faults
from apis.editing.apply.views.plan import LIVE_READ_S
from apis.inventory.models import HttpApi
from apis.inventory.reading import live_read
from tests.support.mirrored import START

NEW = {**START, "AllowOrigins": ["https://a.example", "https://b.example"]}


@pytest.fixture
def planned(client: Client, editor: User, api: HttpApi, broker: Redis) -> Callable[[], str]:
    """Review a proposal; returns the mark by which the page follows the read."""
    client.force_login(editor)

    def review() -> str:
        sent = {"proposal": json.dumps(NEW), "version": api.version}
        answer = client.post(f"/apis/{api.pk}/plan/", sent)
        assert answer.status_code == 200
        return str(answer.context["reading"])

    return review


@pytest.fixture
def follow(client: Client, api: HttpApi) -> Callable[[str], Any]:
    """What the page asks for while it waits."""

    def ask(mark: str) -> Any:
        sent = {"proposal": json.dumps(NEW), "version": api.version, "note": "mine"}
        return client.post(f"/apis/{api.pk}/plan/live/?asked={mark}", sent, headers={"HX-Request": "true"})

    return ask


def read(api: HttpApi, mark: str) -> None:
    """What the worker does."""
    from datetime import UTC, datetime

    live_read.carry_out(api.pk, datetime.fromtimestamp(float(mark), UTC))


def test_until_it_is_read_the_page_goes_on_waiting(planned: Callable[[], str], follow: Callable[[str], Any]) -> None:
    assert follow(planned()).status_code == 204


def test_when_nothing_has_changed_it_says_so(
    planned: Callable[[], str], follow: Callable[[str], Any], api: HttpApi
) -> None:
    mark = planned()
    read(api, mark)
    answer = follow(mark)
    assert answer.context["error"] == ""
    assert "hx-post" not in answer.content.decode()
    assert "HX-Retarget" not in answer


def test_when_aws_has_changed_the_conflict_takes_the_plans_place(
    planned: Callable[[], str], follow: Callable[[str], Any], api: HttpApi, outside: Callable[..., None]
) -> None:
    """With what was found, who did it, and what was filled in."""
    mark = planned()
    outside(**(START | {"AllowOrigins": ["https://theirs.example"]}))
    read(api, mark)
    answer = follow(mark)
    assert answer.status_code == 409
    assert (answer["HX-Retarget"], answer["HX-Reselect"]) == ("#main", "#main")
    assert answer.context["conflict"].live.allow_origins == ("https://theirs.example",)
    assert answer.context["form_values"]["note"] == "mine"
    assert [change.kind for change in answer.context["meanwhile"]] == ["drift"]


def test_when_aws_has_what_is_proposed_the_plan_says_it_is_live(
    planned: Callable[[], str], follow: Callable[[str], Any], api: HttpApi, outside: Callable[..., None]
) -> None:
    mark = planned()
    outside(**NEW)
    read(api, mark)
    answer = follow(mark)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#main")
    assert not answer.context["plan"].diff


def test_when_aws_cannot_be_read_it_says_why(
    planned: Callable[[], str], follow: Callable[[str], Any], api: HttpApi, faults: Faults
) -> None:
    mark = planned()
    faults.add("refuse", operation="GetApi")
    read(api, mark)
    assert "apigateway:GET" in follow(mark).context["error"]


@pytest.mark.parametrize("mark", ["", "x", "1e400", "nan", "0"])
def test_no_one_waits_for_ever(planned: Callable[[], str], follow: Callable[[str], Any], mark: str) -> None:
    """Nor for a mark that is none."""
    planned()
    old = f"{(timezone.now() - timedelta(seconds=LIVE_READ_S + 1)).timestamp():.3f}"
    assert follow(mark or old).context["error"]


def test_a_get_is_no_way_to_follow(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    assert client.get(f"/apis/{api.pk}/plan/live/?asked=1").status_code == 405
