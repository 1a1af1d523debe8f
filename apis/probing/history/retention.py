"""How long results and roll-ups are kept, and what they take on disk once old ones expire."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count

from apis.probing.history.rollups import DAY, HOUR, MINUTES, kept_for
from apis.probing.models import Probe

RESULT = 0
BYTES = {
    "postgresql": {RESULT: 146, MINUTES: 197, HOUR: 336, DAY: 227},
    "sqlite": {RESULT: 100, MINUTES: 98, HOUR: 237, DAY: 129},
}
"""Bytes of a row with its indexes: of a result, and of roll-ups by their seconds. tests/benchmarks/storage measures."""


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of one kind: who reads them, the setting with the days they are kept, and what they come to by then."""

    name: str
    read_by: str
    setting: str
    days: float
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of the runs of all enabled probes; sizes in bytes. `database_size` is today's, of all tables."""

    probes: int
    runs_a_minute: float
    kinds: tuple[KeptRows, ...]
    database: str
    database_size: int

    @property
    def size(self) -> int:
        """What all kinds take together."""
        return sum(kind.size for kind in self.kinds)


def estimate_retention() -> Retention:
    """Estimate what the retention settings cost if probes go on as they are scheduled; retries come on top."""
    enabled = Probe.objects.filter(enabled=True, api__gone_at=None).order_by()
    intervals = dict(enabled.values_list("interval").annotate(count=Count("pk")))
    names = {
        MINUTES: ("5-minute roll-ups", "History of 24 hours", "CORSDASH_KEEP_5_MINUTES_DAYS"),
        HOUR: ("Hourly roll-ups", "History of 7 and 30 days", "CORSDASH_KEEP_HOURLY_DAYS"),
        DAY: ("Daily roll-ups", "History of 90 days and a year", "CORSDASH_KEEP_DAILY_DAYS"),
    }
    results = _rows(intervals, 1, days := float(settings.CORSDASH_KEEP_RESULTS_DAYS))
    kinds = [_kind("Results", "Lists of results", "CORSDASH_KEEP_RESULTS_DAYS", days, results, RESULT)]
    for seconds, (name, read_by, setting) in names.items():
        days = kept_for(seconds).total_seconds() / DAY
        kinds.append(_kind(name, read_by, setting, days, _rows(intervals, seconds, days), seconds))
    return Retention(
        probes=sum(intervals.values()),
        runs_a_minute=sum(60 / interval * count for interval, count in intervals.items()),
        kinds=tuple(kinds),
        database=connection.display_name,
        database_size=_database_size(),
    )


def _kind(name: str, read_by: str, setting: str, days: float, rows: int, row: int) -> KeptRows:
    return KeptRows(name, read_by, setting, days, rows, rows * BYTES[connection.vendor][row])


def _rows(intervals: dict[int, int], seconds: int, days: float) -> int:
    """Return how many rows these days make: one for each run, but one at most in so many seconds of a probe."""
    return round(sum(days * DAY / max(interval, seconds) * count for interval, count in intervals.items()))


def _database_size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])
