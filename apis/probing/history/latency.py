"""Latency over time, from roll-ups: percentiles of whole runs and of each phase, for one probe or many together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from apis.probing.history import latency_sketch, phase_sketches, rollups
from apis.probing.history.events import Scope, api_filter
from apis.probing.history.phase_sketches import PHASES
from apis.probing.history.ranges import RANGES, rollup_for
from apis.probing.history.rollups import DAY, HOUR, MINUTES
from apis.probing.models import Probe, Rollup

LABELS = {
    "total": "All requests", "resolve": "DNS", "connect": "Connect", "tls": "TLS", "first_byte": "First byte",
}  # fmt: skip
"""What is measured: all requests of a run together, and the phases in their order."""
SHARES = {"p50": 0.5, "p95": 0.95}
MOST_ROWS = 96
MOST_ROLLUPS = 20_000
"""Read for one chart, which takes about a second; of more probes than that allows, some are read."""


@dataclass(frozen=True, slots=True)
class Point:
    """Percentiles of one stretch in milliseconds, by what is measured and by share; None where nothing was."""

    at: datetime
    seconds: int
    values: dict[str, dict[str, float | None]]

    @property
    def is_empty(self) -> bool:
        """Whether no answer came."""
        return self.values["total"]["p50"] is None


@dataclass(frozen=True, slots=True)
class Latency:
    """Points without gaps, oldest first, and the same in fewer ones for a table, newest first, without empty ones.

    `probes` counts those in the scope, and `read` those whose roll-ups the points hold.
    """

    points: list[Point]
    rows: list[Point]
    has_phases: bool
    probes: int
    read: int


class _Sketches(NamedTuple):
    total: bytes
    phases: dict[str, bytes]


def latency(scope: Scope, span: str, now: datetime | None = None) -> Latency:
    """Return the latency of a probe, or of all probes of an API, an account or everything, in one of RANGES.

    The last point is the stretch that now is in.
    """
    now = now or timezone.now()
    length = RANGES[span].length
    base = rollup_for(RANGES[span].point, length)
    intervals = _intervals(scope, now - length)
    if base == MINUTES and _rollups(intervals, base, length) > MOST_ROLLUPS:
        base = rollup_for(HOUR, length)
    chosen = _sample_evenly(list(intervals), _rollups(intervals, base, length))
    # Long enough for a run, so that an empty point is one without a response.
    shortest = min(intervals.values(), default=0)
    seconds = max(RANGES[span].point, base, -(-shortest // base) * base)
    end = rollups.start_of(now, seconds) + seconds
    start = end - int(length.total_seconds()) // seconds * seconds
    count = (end - start) // seconds
    known: dict[int, list[tuple[bytes, bytes | None]]] = {}
    found = Rollup.objects.filter(probe__in=chosen, seconds=base, at__gte=start, at__lt=end)
    for at, total, phases in found.values_list("at", "latency", "phases"):
        known.setdefault((at - start) // seconds, []).append((bytes(total), bytes(phases) if phases else None))
    merged = {place: _merge_rollups(near) for place, near in known.items()}
    points = [_point(start, place, 1, seconds, merged) for place in range(count)]
    together = -(-count // MOST_ROWS)
    rows = [_point(start, place, together, seconds, merged) for place in range(0, count, together)]
    shown = [row for row in reversed(rows) if not row.is_empty]
    return Latency(points, shown, base != DAY, len(intervals), len(chosen))


def _intervals(scope: Scope, since: datetime) -> dict[int, int]:
    """Return the intervals of a scope's probes that were not deleted before that time."""
    chosen = {"pk": scope.pk} if isinstance(scope, Probe) else api_filter(scope)
    rows = Probe.all_objects.filter(Q(deleted_at=None) | Q(deleted_at__gt=since), **chosen)
    return dict(rows.order_by("pk").values_list("pk", "interval"))


def _rollups(intervals: dict[int, int], base: int, length: timedelta) -> int:
    """Return how many roll-ups these probes have at most in a range."""
    return sum(int(length.total_seconds()) // max(base, interval) for interval in intervals.values())


def _sample_evenly(probes: list[int], expected: int) -> list[int]:
    """Return the probes, or an evenly spread sample of them when more than MOST_ROLLUPS roll-ups are expected."""
    step = max(1, -(-expected // MOST_ROLLUPS))
    return probes[::step]


def _merge_rollups(near: Sequence[tuple[bytes, bytes | None]]) -> _Sketches:
    return _Sketches(_merged([total for total, _ in near]), phase_sketches.merge([phases for _, phases in near]))


def _point(start: int, place: int, together: int, seconds: int, merged: dict[int, _Sketches]) -> Point:
    sketches = [merged[near] for near in range(place, place + together) if near in merged]
    values = {"total": _percentiles([one.total for one in sketches])}
    values |= {phase: _percentiles([one.phases[phase] for one in sketches]) for phase in PHASES}
    return Point(datetime.fromtimestamp(start + place * seconds, UTC), together * seconds, values)


def _percentiles(sketches: Sequence[bytes]) -> dict[str, float | None]:
    whole = _merged(sketches)
    return {name: latency_sketch.percentile(whole, share) for name, share in SHARES.items()}


def _merged(sketches: Sequence[bytes]) -> bytes:
    return sketches[0] if len(sketches) == 1 else latency_sketch.merge(sketches)
