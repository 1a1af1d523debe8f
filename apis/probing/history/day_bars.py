"""The last 24 hours of many probes or APIs as small bars, an hour a stroke, from roll-ups: one query for a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.safestring import SafeString

from apis.probing.history.availability_chart import percent
from apis.probing.history.rollups import HOUR, start_of
from apis.probing.models import Rollup

HOURS = 24
_STROKE = 6
_WIDTH = 8


class Hour(NamedTuple):
    """What came of the runs in one hour."""

    passed: int = 0
    failed: int = 0

    @property
    def state(self) -> str:
        """All failed, some, none, or no runs."""
        if self.failed:
            return "error" if self.passed else "failed"
        return "passed" if self.passed else "none"


type Day = Sequence[Hour]
NO_RUNS: Day = (Hour(),) * HOURS
# Where a stroke begins and how long it is: a state shows by height as well as by colour.
_SHAPES = {"failed": (3, 18), "error": (9, 12), "passed": (15, 6), "none": (21, 0)}


def days_of(what: Literal["probe", "probe__api"], ids: Collection[int], now: datetime | None = None) -> dict[int, Day]:
    """Return the last 24 hours of these probes, or of all probes of these APIs, oldest hour first."""
    end = start_of(now or timezone.now(), HOUR) + HOUR
    start = end - HOURS * HOUR
    rows = Rollup.objects.filter(**{f"{what}__in": ids}, seconds=HOUR, at__gte=start, at__lt=end)
    if what == "probe__api":
        rows = rows.filter(probe__enabled=True, probe__deleted_at=None)
    counts = rows.order_by().values_list(what, "at").annotate(a=Sum("passed"), b=Sum("failed"))
    days: dict[int, list[Hour]] = {}
    for pk, at, passed, failed in counts:
        days.setdefault(pk, [Hour()] * HOURS)[(at - start) // HOUR] = Hour(passed, failed)
    return dict(days)


def draw(day: Day) -> SafeString:
    """Return a day as SVG, with the same in words for screen readers and as a tooltip.

    Nothing in it needs to be escaped.
    """
    return SafeString(
        f'<svg class="heartbeat day" role="img" viewBox="0 0 {HOURS * _WIDTH} 24" preserveAspectRatio="none">'
        f"<title>{words(day)}</title>{_strokes(tuple(hour.state for hour in day))}</svg>"
    )


@lru_cache(256)
def _strokes(states: tuple[str, ...]) -> str:
    """Draw the hours, a path a state. Most rows of a list have the same: all passed."""
    paths: dict[str, str] = {}
    for place, state in enumerate(states):
        top, length = _SHAPES[state]
        paths[state] = paths.get(state, "") + f"M{place * _WIDTH + 4} {top}v{length}"
    return "".join(f'<path class="{state}" d="{moves}"/>' for state, moves in paths.items())


def words(day: Day) -> str:
    """Return a day in words."""
    runs = sum(hour.passed + hour.failed for hour in day)
    if not runs:
        return "No runs in 24 hours"
    share = percent(sum(hour.passed for hour in day) / runs)
    failing = sum(bool(hour.failed) for hour in day)
    return f"24 hours: {share} of {runs} runs passed" + (f", failures in {failing} of {HOURS} hours" if failing else "")
