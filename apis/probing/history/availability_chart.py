"""Draw a history: bars of runs over time with the events on the same axis, as data for SVG and for a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone

from apis.probing.history import rollups
from apis.probing.history.availability import Bucket, History
from apis.probing.history.events import Event, Scope, probe_filter
from apis.probing.history.ranges import RANGES, rollup_for
from apis.probing.models import Rollup

MOST_BARS = 96
BAR = 8
"""The width of a bar with its gap, in units of the drawing."""
EVENTS_TOP = 26
LANE = 10
"""The room of the marks of one kind of event, under the bars."""
LONGEST_WORDS = 120
EVENTS_SHOWN = 20
MARKS = {"change": "Change", "drift": "Drift", "deployment": "Deployment", "incident": "Incident"}
PAGES = {"change": "change", "drift": "change", "incident": "incident"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. State shows by height as well as by colour: short where all passed, tall where some failed."""

    at: datetime
    until: datetime
    state: str
    x: int
    y: int
    height: int
    passed: int
    failed: int
    not_run: int
    maintenance: int
    late: int
    missed: int
    events: str = ""
    """The events of its time in words, of each kind."""

    @property
    def words(self) -> str:
        """What came of the runs."""
        runs = self.passed + self.failed
        parts = [f"{self.passed} of {runs} passed"] if runs or self.not_run else []
        parts += [f"{self.not_run} not run"] if self.not_run else []
        parts += [f"{self.maintenance} in maintenance, not counted"] if self.maintenance else []
        parts += [f"{self.missed} missed"] if self.missed else []
        parts += [f"{self.late} late"] if self.late else []
        return ", ".join(parts) or "no runs"


@dataclass(frozen=True, slots=True)
class Mark:
    """Events of one kind at one place of the axis, in the lane of their kind: position tells kinds apart, too."""

    kind: str
    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars and marks, left to right, and the same in words."""

    bars: list[Bar]
    marks: list[Mark]
    kinds: list[tuple[str, str]]
    """The kinds of events that have marks, with their labels, from the upper lane to the lowest."""
    width: int
    words: str

    @property
    def height(self) -> int:
        """The height with the lanes; the room of one is kept where there is no event."""
        return EVENTS_TOP + LANE * max(len(self.kinds), 1)


def draw(found: History, span: str) -> Chart:
    """Return the drawing of a history."""
    group = -(-len(found.buckets) // MOST_BARS)
    first = len(found.buckets) % group
    places = [found.buckets[:first]] if first else []
    places += [found.buckets[place : place + group] for place in range(first, len(found.buckets), group)]
    bars = [_bar(place, buckets) for place, buckets in enumerate(places)]
    failing = sum(bar.state in ("failed", "error") for bar in bars)
    share = percent(found.availability)
    words = f"Last {RANGES[span].label}: {share} available; {failing} of {len(bars)} bars have failures"
    groups = _events_by_bar(bars, found.events)
    kinds = [kind for kind in MARKS if any(kind in group for group in groups)]
    marks = [
        Mark(kind, bar.x + 3, EVENTS_TOP + 1 + LANE * kinds.index(kind), events_in_words(group[kind]))
        for bar, group in zip(bars, groups, strict=True)
        for kind in group
    ]
    named = [
        replace(bar, events=". ".join(map(events_in_words, group.values())))
        for bar, group in zip(bars, groups, strict=True)
    ]
    return Chart(named, marks, [(kind, MARKS[kind]) for kind in kinds], len(bars) * BAR, words)


def _bar(place: int, buckets: list[Bucket]) -> Bar:
    passed, failed = sum(one.passed for one in buckets), sum(one.failed for one in buckets)
    not_run, maintenance = sum(one.not_run for one in buckets), sum(one.maintenance for one in buckets)
    state = "failed" if failed and not passed else "error" if failed else "passed" if passed else "none"
    if state == "none" and maintenance:
        state = "maintenance"
    height = {"failed": 24, "error": 18, "passed": 10, "maintenance": 6}.get(state, 3)
    until = buckets[-1].at + timedelta(seconds=buckets[-1].seconds)
    late, missed = sum(one.late for one in buckets), sum(one.missed for one in buckets)
    where = (place * BAR + 1, 24 - height, height)
    return Bar(buckets[0].at, until, state, *where, passed, failed, not_run, maintenance, late, missed)


def _events_by_bar(bars: list[Bar], events: list[Event]) -> list[dict[str, list[Event]]]:
    """Return the events in the time of each bar by their kinds, in the order of MARKS."""
    groups: list[dict[str, list[Event]]] = [{} for _ in bars]
    order = list(MARKS)
    for event in sorted((one for one in events if one.kind in MARKS), key=lambda one: order.index(one.kind)):
        place = next((place for place, bar in enumerate(bars) if bar.at <= event.at < bar.until), None)
        if place is not None:
            groups[place].setdefault(event.kind, []).append(event)
    return groups


def events_in_words(same: Sequence[Event]) -> str:
    """Name events of one kind: what the one was, or how many they are."""
    label, summary = MARKS[same[0].kind], same[0].summary
    if len(same) > 1:
        return f"{label} ({len(same)})"
    return (summary if summary.startswith(f"{label}:") else f"{label}: {summary}")[:LONGEST_WORDS]


def newest(events: list[Event]) -> list[Event]:
    """Return the newest events first, without flips, which the probe's page lists."""
    return [event for event in reversed(events) if event.kind != "flip"][:EVENTS_SHOWN]


def address(event: Event) -> str:
    """Return the page of an event; empty where it has none of its own."""
    return reverse(PAGES[event.kind], args=[event.id]) if event.kind in PAGES else ""


def percent(share: float | None) -> str:
    """Return a share in per cent: all only when all passed, none only when none did."""
    if share is None:
        return "–"
    shown = f"{100 * share:.2f}".rstrip("0").removesuffix(".")
    return shown + " %" if share in (0, 1) else f"{min(max(float(shown), 0.01), 99.99):g} %"


def shares(scope: Scope, now: datetime | None = None) -> dict[str, str]:
    """Return the availability of every range, in per cent, by one query."""
    now = now or timezone.now()
    sums: dict[str, Sum] = {}
    rows = Q()
    for name, one in RANGES.items():
        base = rollup_for(one.bucket, one.length)
        begin = rollups.start_of(now - one.length, base) + base
        within = Q(seconds=base, at__gte=begin)
        rows |= within
        sums |= {f"p{name}": Sum("passed", filter=within), f"f{name}": Sum("failed", filter=within)}
    found = Rollup.objects.filter(rows, **probe_filter(scope)).aggregate(**sums)
    counts = {name: (found[f"p{name}"] or 0, found[f"f{name}"] or 0) for name in RANGES}
    return {name: percent(passed / (passed + failed) if passed + failed else None)
            for name, (passed, failed) in counts.items()}  # fmt: skip
