"""A clock that runs behind: what is done meanwhile counts as done then. Only for a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from apis.demo.history.aws import DemoApi


class MovedClock:
    """The time in this process and in the demo AWS."""

    def __init__(self, aws: DemoApi) -> None:
        self._aws = aws
        self._behind = timedelta(0)

    def now(self) -> datetime:
        """Return the time, as `timezone.now` does."""
        return datetime.now(UTC) - self._behind

    def set(self, moment: datetime) -> None:
        """Make it this time."""
        self._behind = datetime.now(UTC) - moment
        self._aws.post("clock", {"behind": self._behind.total_seconds()})


@contextmanager
def moved_clock(aws: DemoApi) -> Iterator[MovedClock]:
    """Let this whole process ask the moved clock for the time; afterwards the real one again."""
    clock, real = MovedClock(aws), timezone.now
    timezone.now = clock.now
    try:
        yield clock
    finally:
        timezone.now = real
        aws.post("clock", {"behind": 0})
