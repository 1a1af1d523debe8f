"""Requests that wait for a worker: when it does not come in time (504), and when too many wait already (503)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.http import HttpRequest
from redis import Redis

from apis.editing.apply.tasks import apply_change
from apis.inventory.models import Change, HttpApi
from apis.rest import waiting
from apis.rest.editing import changes, plans
from tests.rest.conftest import Program

WANTED = {"AllowOrigins": ["https://b.example"]}
pytestmark = pytest.mark.once


@pytest.fixture
def no_worker(broker: Redis, queued: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The broker takes what no one carries out, and patience is short."""
    monkeypatch.setattr(changes, "LONGEST_APPLY_S", 0.2)
    monkeypatch.setattr(plans, "LONGEST_READ_S", 0.2)
    yield
    broker.flushdb()


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    """So many requests wait in threads as may; it ends with the test, or when it is closed."""
    with ExitStack() as held:
        for _ in range(waiting.AT_ONCE):
            held.enter_context(waiting.place(HttpRequest()))
        yield held


def test_a_change_that_no_one_applies_in_time(no_worker: None, writer: Program, api: HttpApi) -> None:
    """It stays pending, so that it can be followed; the next request learns that it is running."""
    problem = writer.put(f"apis/{api.pk}/cors", {"cors": WANTED, "version": api.version}).problem(504)
    assert writer.get(f"changes/{problem['change']}").good()["status"] == "pending"
    writer.put(f"apis/{api.pk}/cors", {"cors": WANTED, "version": api.version}).problem(409)
    apply_change(problem["change"])
    assert writer.get(f"changes/{problem['change']}").good()["status"] == "applied"


def test_a_plan_without_a_worker_says_so(no_worker: None, writer: Program, api: HttpApi) -> None:
    plan = writer.post(f"apis/{api.pk}/plan", {"cors": WANTED, "version": api.version}).good()
    assert plan["unchecked"]
    assert plan["diff"]


def test_too_many_that_wait(crowd: ExitStack, writer: Program, api: HttpApi) -> None:
    """A change is refused before anything is stored, a plan is made without AWS; a place that is free is taken."""
    body = {"cors": WANTED, "version": api.version}
    reply = writer.put(f"apis/{api.pk}/cors", body)
    assert reply.problem(503)["detail"] == waiting.FULL
    assert int(reply.headers["Retry-After"]) > 0
    assert not Change.objects.filter(status=Change.Status.PENDING).exists()
    assert writer.post(f"apis/{api.pk}/plan", body).good()["unchecked"].startswith(waiting.FULL)
    crowd.close()
    assert writer.put(f"apis/{api.pk}/cors", body).good()["status"] == "applied"
