"""The scheduler: when it runs what is due, also when the clock is set back, and where."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery.schedules import schedule
from redis import Redis

from apis.alerting import tasks as alerting
from apis.management.up.beat import LocalScheduler
from apis.probing import tasks as probing
from corsdash import celery_app
from corsdash.beat import Scheduler
from tests.support.servers import until

pytestmark = pytest.mark.once


@pytest.fixture
def sent() -> list[str]:
    """The tasks that were sent."""
    return []


@pytest.fixture
def scheduler(tmp_path: Path, sent: list[str]) -> Iterator[Scheduler]:
    """A scheduler with two entries, whose tasks are only noted."""

    class Noting(Scheduler):
        def apply_async(self, entry: Any, *args: Any, **kwargs: Any) -> None:
            sent.append(entry.task)
            self.reserve(entry)

    found = Noting(celery_app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    found.setup_schedule()
    found.schedule.clear()
    for name, seconds in (("often", 2), ("seldom", 15)):
        found.add(name=name, task=name, schedule=schedule(timedelta(seconds=seconds), app=celery_app))
    yield found
    found.close()


def ticks(scheduler: Scheduler, clock: Any, seconds: int) -> None:
    """Let the time pass."""
    for _ in range(seconds * 4):
        scheduler.tick()
        clock.shift(0.25)


def test_a_clock_that_is_set_back_stops_no_entry(scheduler: Scheduler, sent: list[str]) -> None:
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as clock:
        ticks(scheduler, clock, 40)
        assert {"often", "seldom"} == set(sent)
        sent.clear()
        clock.shift(-3600)
        ticks(scheduler, clock, 40)
    assert sent.count("often") >= 15
    assert sent.count("seldom") >= 2


def test_a_stored_run_from_the_future_is_none(scheduler: Scheduler, sent: list[str]) -> None:
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as clock:
        for entry in scheduler.schedule.values():
            entry.last_run_at = entry.default_now() + timedelta(hours=1)
        ticks(scheduler, clock, 20)
    assert {"often", "seldom"} == set(sent)


def test_it_sleeps_until_an_entry_is_due(scheduler: Scheduler, sent: list[str]) -> None:
    """To wake up before that is to look again and again until it is."""
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as clock:
        for entry in scheduler.schedule.values():
            entry.last_run_at = entry.default_now()
        for due in (["often"], ["often"] * 2, ["often"] * 3):
            pause = scheduler.tick()
            assert 1.9 < pause < 2.1
            clock.shift(pause + 0.001)
            assert scheduler.tick() == 0
            assert sent == due


@pytest.fixture
def local(tmp_path: Path, broker: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalScheduler]:
    """The scheduler of the worker of the default queue."""
    broker.flushdb()
    monkeypatch.setenv("CELERY_SKIP_CHECKS", "1")
    celery_app.loader.import_default_modules()  # As a worker does when it starts.
    found = LocalScheduler(["celery"], celery_app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    found.setup_schedule()
    yield found
    found.close()
    broker.flushdb()


def start(scheduler: LocalScheduler, name: str) -> None:
    """Let an entry be due."""
    scheduler.apply_entry(scheduler.schedule[name], producer=scheduler.producer)


def again(scheduler: LocalScheduler, name: str, runs: list[Any]) -> bool:
    """Let it be due; whether it has run twice."""
    start(scheduler, name)
    return len(runs) > 1


def test_a_task_of_the_worker_itself_runs_without_the_broker(
    local: LocalScheduler, broker: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once at a time, next to others; one that fails runs again when it is due."""
    runs, go_on, other = [], threading.Event(), threading.Event()

    def run() -> None:
        runs.append(threading.current_thread())
        go_on.wait(20)
        raise RuntimeError("this run fails")

    monkeypatch.setattr(probing.tick, "run", run)
    monkeypatch.setattr(alerting.settle, "run", other.set)
    start(local, "probing-tick")
    start(local, "probing-tick")
    start(local, "alerting-settle")
    assert other.wait(20)
    assert len(runs) == 1
    go_on.set()
    until(lambda: again(local, "probing-tick", runs), "it runs again once it has ended")
    assert runs[0] is not threading.current_thread()
    assert broker.llen("celery") == 0


def test_slow_tasks_do_not_delay_another_one(local: LocalScheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of the schedule's others have not ended, the probes' turn comes at once."""
    ours = [name for name, entry in local.schedule.items() if local.runs_here(celery_app.tasks[entry.task])]
    slow, go_on, ran = [name for name in ours if name != "probing-tick"], threading.Event(), threading.Event()
    for name in slow:
        monkeypatch.setattr(celery_app.tasks[local.schedule[name].task], "run", go_on.wait)
    monkeypatch.setattr(celery_app.tasks["apis.probing.tasks.tick"], "run", ran.set)
    try:
        for name in (*slow, "probing-tick"):
            start(local, name)
        assert len(slow) > 2
        assert ran.wait(20)
    finally:
        go_on.set()


def test_a_task_of_another_worker_is_published(local: LocalScheduler, broker: Redis) -> None:
    start(local, "probing-prune")
    assert (broker.llen("background"), broker.llen("celery")) == (1, 0)
