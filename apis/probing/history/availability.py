"""Availability over time, from roll-ups: buckets of runs, latency percentiles and the events on the same axis."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Sum
from django.utils import timezone

from apis.inventory.models import Account
from apis.probing.history import latency_sketch, rollups
from apis.probing.history.events import Event, Scope, events, probe_filter
from apis.probing.history.ranges import stretch_of
from apis.probing.history.rollups import DAY
from apis.probing.models import Rollup


@dataclass(frozen=True, slots=True)
class Bucket:
    """What came of the runs in one stretch; `runs` counts those with an outcome, so without `not_run`.

    `maintenance` counts the runs in maintenance windows, which no other count includes.

    `p50` and `p95` are latencies in milliseconds; None where no answer came, or many APIs are counted together.
    `late` runs started long after they were due; `missed` ones did not happen, which the next run finds out.
    """

    at: datetime
    seconds: int
    passed: int = 0
    failed: int = 0
    not_run: int = 0
    maintenance: int = 0
    p50: float | None = None
    p95: float | None = None
    late: int = 0
    missed: int = 0

    @property
    def runs(self) -> int:
        """The runs that passed or failed."""
        return self.passed + self.failed


@dataclass(frozen=True, slots=True)
class History:
    """Buckets without gaps, oldest first, and the events among them, oldest first."""

    buckets: list[Bucket]
    events: list[Event]

    @property
    def maintenance(self) -> int:
        """The runs in maintenance windows."""
        return sum(bucket.maintenance for bucket in self.buckets)

    @property
    def availability(self) -> float | None:
        """The share of runs that passed, from 0 to 1; None without runs."""
        runs = sum(bucket.runs for bucket in self.buckets)
        return sum(bucket.passed for bucket in self.buckets) / runs if runs else None

    @property
    def late(self) -> int:
        """The runs that started late."""
        return sum(bucket.late for bucket in self.buckets)

    @property
    def missed(self) -> int:
        """The runs that did not happen."""
        return sum(bucket.missed for bucket in self.buckets)


class _Counts(NamedTuple):
    """The columns of roll-ups that are read, in their order."""

    passed: int
    failed: int
    not_run: int
    maintenance: int | None
    late: int
    missed: int
    latency: bytes = b""


_SUMS = {f"{name}_sum": Sum(name) for name in ("passed", "failed", "not_run", "maintenance", "late", "missed")}


def load_history(scope: Scope, span: str, now: datetime | None = None) -> History:
    """Return the history of a probe in a range, or of all probes of an API, an account or the fleet.

    `span` is one of RANGES. The last bucket is the one that now is in.
    """
    base, seconds, start, end = stretch_of(span, now or timezone.now())
    counted: dict[int, list[_Counts]] = {}
    for at, *counts in _rows(scope, base, start, end):
        counted.setdefault((at - start) // seconds, []).append(_Counts(*counts))
    buckets = [
        _bucket(datetime.fromtimestamp(start + place * seconds, UTC), seconds, counted.get(place, ()))
        for place in range((end - start) // seconds)
    ]
    first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    return History(buckets, events(scope, first, last))


def daily_histories(apis: Collection[int], days: int, now: datetime | None = None) -> dict[int, History]:
    """Return what came of the runs of each of these APIs, a bucket a day, without events. One query for all of them."""
    end = rollups.start_of(now or timezone.now(), DAY) + DAY
    start = end - days * DAY
    rows = Rollup.objects.filter(seconds=DAY, at__gte=start, at__lt=end, probe__api__in=apis)
    sums = rows.values("probe__api__pk", "at").annotate(**_SUMS)
    counted: dict[tuple[int, int], Sequence[int]] = {}
    for api, at, *counts in sums.values_list("probe__api__pk", "at", *_SUMS):
        counted[api, at] = [count or 0 for count in counts]
    starts = [(at, datetime.fromtimestamp(at, UTC)) for at in range(start, end, DAY)]
    return {api: History([Bucket(shown, DAY, *counted.get((api, at), ())) for at, shown in starts], []) for api in apis}


def _rows(scope: Scope, base: int, start: int, end: int) -> Iterable[tuple[Any, ...]]:
    """Return when each roll-up began and its columns, in the order of `_Counts`."""
    rows = Rollup.objects.filter(seconds=base, at__gte=start, at__lt=end, **probe_filter(scope))
    if scope is not None and not isinstance(scope, Account):
        return rows.values_list("at", *_Counts._fields)
    # Of thousands of probes only the counts, which the database adds up.
    return rows.values("at").annotate(**_SUMS).values_list("at", *_SUMS)


def _bucket(at: datetime, seconds: int, rows: Sequence[_Counts]) -> Bucket:
    if not rows:
        return Bucket(at, seconds)
    passed, failed, not_run = (sum(getattr(row, name) for row in rows) for name in ("passed", "failed", "not_run"))
    late, missed = sum(row.late for row in rows), sum(row.missed for row in rows)
    maintenance = sum(row.maintenance or 0 for row in rows)
    latency = latency_sketch.merge(bytes(row.latency) for row in rows) if len(rows) > 1 else bytes(rows[0].latency)
    p50, p95 = latency_sketch.percentile(latency, 0.5), latency_sketch.percentile(latency, 0.95)
    return Bucket(at, seconds, passed, failed, not_run, maintenance, p50, p95, late, missed)
