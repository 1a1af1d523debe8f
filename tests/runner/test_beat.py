"""The scheduler goes on when the clock is set back, and starts with a schedule that a clock ahead has stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery.schedules import schedule

from corsdash import celery_app
from corsdash.beat import Scheduler

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
