"""The ranges that a history can be read in, and the roll-ups that each is read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from apis.probing.history import rollups
from apis.probing.history.rollups import DAY, HOUR, MINUTES, SPANS


@dataclass(frozen=True, slots=True)
class Range:
    """How long a range is, and the seconds of a bar of availability (`bucket`) and of a point of latency."""

    label: str
    length: timedelta
    bucket: int
    point: int


RANGES = {
    "24h": Range("24 hours", timedelta(hours=24), MINUTES, MINUTES),
    "7d": Range("7 days", timedelta(days=7), HOUR, HOUR),
    "30d": Range("30 days", timedelta(days=30), 6 * HOUR, 3 * HOUR),
    "90d": Range("90 days", timedelta(days=90), DAY, 12 * HOUR),
    "1y": Range("1 year", timedelta(days=365), DAY, DAY),
}
DEFAULT = "24h"


def range_name(given: str | None) -> str:
    """Return the range that an address names; the default for any other text."""
    return given if given in RANGES else DEFAULT


def rollup_for(step: int, length: timedelta) -> int:
    """Return the seconds of the roll-ups to read: the longest that fit in a step, or longer ones that are kept."""
    fitting = max(seconds for seconds in SPANS if seconds <= step)
    kept = (seconds for seconds in SPANS if seconds >= fitting and rollups.kept_for(seconds) >= length)
    return next(kept, DAY)


class Stretch(NamedTuple):
    """The time of a history: from `start` until right before `end`, in seconds since 1970, both multiples of `seconds`.

    `base` is the length of the roll-ups to read.
    """

    base: int
    seconds: int
    start: int
    end: int


def stretch_of(span: str, now: datetime) -> Stretch:
    """Return the time of a range; `now` is in its last bucket."""
    length = RANGES[span].length
    base = rollup_for(RANGES[span].bucket, length)
    seconds = max(base, RANGES[span].bucket)
    end = rollups.start_of(now, seconds) + seconds
    return Stretch(base, seconds, end - int(length.total_seconds()) // seconds * seconds, end)
