"""When a maintenance window holds in a stretch of time, past, present and future."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from croniter import croniter

from apis.alerting.rules.clock import local_time
from apis.alerting.rules.models import Maintenance


class Occurrence(NamedTuple):
    """One stretch in which a window holds."""

    starts_at: datetime
    ends_at: datetime


def occurrences(window: Maintenance, since: datetime, until: datetime, most: int = 60) -> list[Occurrence]:
    """Return the first `most` occurrences of a window that hold at some time between two others, oldest first."""
    return list(islice((one for one in _all(window, since, until) if one.ends_at > since), most))


def _all(window: Maintenance, since: datetime, until: datetime) -> Iterator[Occurrence]:
    if window.repeat == Maintenance.Repeat.ONCE:
        starts_at = window.starts_at or window.created_at
        if window.ends_at and starts_at < until:
            yield Occurrence(starts_at, window.ends_at)
        return
    length = timedelta(seconds=window.duration)
    starts = _weekly if window.repeat == Maintenance.Repeat.WEEKLY else _cron
    for at in starts(window, since - length):
        if at >= until:
            return
        yield Occurrence(at, at + length)


def _weekly(window: Maintenance, since: datetime) -> Iterator[datetime]:
    assert window.time is not None
    day = since.astimezone(ZoneInfo(window.zone)).date()
    while window.weekdays:
        if day.weekday() in window.weekdays:
            yield local_time(day, window.time, window.zone)
        day += timedelta(days=1)


def _cron(window: Maintenance, since: datetime) -> Iterator[datetime]:
    starts = croniter(window.cron, since.astimezone(ZoneInfo(window.zone)))
    while True:
        yield starts.get_next(datetime).astimezone(UTC)
