"""Latency of a probe over time, from its roll-ups: percentiles of the whole run and of each phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from apis.probing.history import latency_sketch, phase_sketches, rollups
from apis.probing.history.phase_sketches import PHASES
from apis.probing.history.rollups import DAY, HOUR, MINUTES
from apis.probing.models import Probe, Rollup

RANGES = {
    "24h": (timedelta(hours=24), MINUTES, MINUTES),
    "7d": (timedelta(days=7), HOUR, HOUR),
    "30d": (timedelta(days=30), HOUR, 3 * HOUR),
    "90d": (timedelta(days=90), HOUR, 12 * HOUR),
    "1y": (timedelta(days=365), DAY, DAY),
}
"""By name: how long, the roll-ups that are read, and the seconds of a point. Only those of a day have no phases."""
LABELS = {
    "total": "All requests", "resolve": "DNS", "connect": "Connect", "tls": "TLS", "first_byte": "First byte",
}  # fmt: skip
"""What is measured: all requests of a run together, and the phases in their order."""
SHARES = {"p50": 0.5, "p95": 0.95}
MOST_ROWS = 96


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
    """Points without gaps, oldest first, and the same in fewer ones for a table, newest first, without empty ones."""

    points: list[Point]
    rows: list[Point]
    has_phases: bool


type _Sketches = tuple[bytes, bytes | None]


def latency(probe: Probe, span: str, now: datetime | None = None) -> Latency:
    """Return a probe's latency in a range, one of RANGES. The last point is the stretch that now is in."""
    now = now or timezone.now()
    length, base, seconds = RANGES[span]
    if base == MINUTES and rollups.kept_for(MINUTES) < length:
        base = seconds = HOUR
    if base == HOUR and rollups.kept_for(HOUR) < length:
        base = seconds = DAY
    # Long enough for a run, so that an empty point is one without a response.
    seconds = max(seconds, -(-probe.interval // base) * base)
    end = rollups.start_of(now, seconds) + seconds
    start = end - int(length.total_seconds()) // seconds * seconds
    found = Rollup.objects.filter(probe=probe, seconds=base, at__gte=start, at__lt=end)
    known: dict[int, list[_Sketches]] = {}
    for at, total, phases in found.values_list("at", "latency", "phases"):
        known.setdefault((at - start) // seconds, []).append((bytes(total), None if phases is None else bytes(phases)))
    count = (end - start) // seconds
    points = [_point(start, place, 1, seconds, known) for place in range(count)]
    together = -(-count // MOST_ROWS)
    rows = [_point(start, place, together, seconds, known) for place in range(0, count, together)]
    shown = [row for row in reversed(rows) if not row.is_empty]
    return Latency(points, shown, base != DAY)


def _point(start: int, place: int, together: int, seconds: int, known: dict[int, list[_Sketches]]) -> Point:
    sketches = [one for near in range(place, place + together) for one in known.get(near, ())]
    values = {"total": _percentiles([total for total, _ in sketches])}
    merged = phase_sketches.merge([phases for _, phases in sketches])
    values |= {phase: _percentiles([merged[phase]]) for phase in PHASES}
    return Point(datetime.fromtimestamp(start + place * seconds, UTC), together * seconds, values)


def _percentiles(sketches: Sequence[bytes]) -> dict[str, float | None]:
    whole = sketches[0] if len(sketches) == 1 else latency_sketch.merge(sketches)
    return {name: latency_sketch.percentile(whole, share) for name, share in SHARES.items()}
