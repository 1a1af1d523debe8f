"""Sync and health over REST."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apis.demo.emulator.faults import Faults
from apis.inventory.models import Account, SyncRun
from apis.jobs import queue
from apis.jobs.watch import Watch
from apis.probing.models import Tick
from apis.probing.runs import schedule
from apis.rest import health
from tests.rest.conftest import Program
from tests.support.servers import until


def followed(writer: Program, run: int) -> Any:
    """The run once it is done."""
    return until(lambda: (found := writer.get(f"sync/{run}").good())["finished_at"] and found, "the sync is done")


def test_a_sync_mirrors_each_region(worker: Any, writer: Program, account: Account) -> None:
    run = writer.post("sync").good(202)["run"]
    done = followed(writer, run)
    assert (done["run"], done["state"]) == (run, "done")
    [region] = done["regions"]
    assert region == {
        "account": "demo",
        "region": "us-east-1",
        "state": "done",
        "found": region["found"],
        "changed": region["found"],
        "drifted": 0,
        "gone": 0,
        "error": None,
    } | {"changed": region["changed"]}
    assert region["found"] == len([row for page in writer.pages("apis?account=demo") for row in page]) > 0


def test_a_region_that_fails_says_why(worker: Any, writer: Program, account: Account, faults: Faults) -> None:
    faults.add("refuse", operation="GetApis")
    done = followed(writer, writer.post("sync", {"account": "demo", "region": "us-east-1"}).good(202)["run"])
    assert done["state"] == "failed"
    assert done["regions"][0]["state"] == "failed"
    assert "apigateway:GET" in done["regions"][0]["error"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"account": "nobody"}, "account"),
        ({"region": "mars-1"}, "region"),
        ({"account": 7}, "account"),
        ({"regions": []}, "regions"),
    ],
)
def test_names_the_field_at_fault(writer: Program, account: Account, body: dict[str, Any], field: str) -> None:
    writer.post("sync", body).problem(422, field)
    assert not SyncRun.objects.exists()


def health_of(client: Client) -> dict[str, Any]:
    """What the health page says now; it never says more than background threads have seen."""
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200, "it can still serve pages"
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def watched(transactional_db: None) -> Iterator[None]:
    """Health is looked after from scratch, and not beyond the test's database."""
    health.database.stop()
    queue.watch.stop()
    yield
    health.database.stop()
    queue.watch.stop()


def test_health_is_shown_to_anyone(client: Client, watched: None) -> None:
    schedule.beat()
    well = {"status": "ok", "database": "ok", "broker": "ok", "scheduler": "ok"}
    until(lambda: health_of(client) == well, "all is well")


@pytest.mark.parametrize("late", [None, timedelta(minutes=5)])
def test_health_without_a_scheduler(client: Client, watched: None, late: timedelta | None) -> None:
    if late is not None:
        Tick.objects.create(name="probing", at=timezone.now() - late)
    until(lambda: health_of(client)["scheduler"] == "late", "the scheduler is late")
    assert health_of(client)["status"] == "degraded"


def test_health_without_a_broker(client: Client, watched: None, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    schedule.beat()
    until(lambda: health_of(client)["scheduler"] == "ok", "the scheduler was seen")
    assert {"status": "degraded", "broker": "unreachable"}.items() <= health_of(client).items()


def test_a_check_that_hangs_is_not_waited_for() -> None:
    """It has no answer, which health calls unreachable, until it comes back."""
    held, go_on = threading.Event(), threading.Event()

    def hang() -> str:
        held.set()
        go_on.wait(30)
        return "ok"

    hanging = Watch(hang, every_s=0.01, patience_s=0.05)
    try:
        hanging.start()
        assert held.wait(10)
        until(lambda: hanging.value is None, "a check that hangs has no answer")
        go_on.set()
        until(lambda: hanging.value == "ok", "it answers again")
    finally:
        go_on.set()
        hanging.stop()
