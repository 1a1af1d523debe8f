"""Count runs: outcomes and latencies for Prometheus, and the runs that came late or were missed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import inf

from apis.jobs import counters
from apis.probing.models import Probe, Result
from apis.probing.runs.schedule import SPREAD

LATE_S = 5
"""A scheduled run that starts so many seconds after it was due is late."""
_EARLY_S = 1
"""A timer may go off a moment before the second in which a run is due."""
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency histogram's buckets, in seconds; the last bucket has none."""
_BOUNDS = [f"{bound:g}" for bound in (*BOUNDS_S, inf)]
RUNS, LATE, MISSED = "probe_runs_total", "probe_late_runs_total", "probe_missed_runs_total"
BUCKET, SUM = "probe_duration_seconds_bucket", "probe_duration_seconds_sum"


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Whether a run was late, and how many runs before it were missed."""

    late: int = 0
    missed: int = 0


def punctuality_of(probe: Probe, at: datetime, before: datetime | None) -> Punctuality:
    """Return how punctual a scheduled run was; `before` is when the probe ran last.

    A probe has a place in each interval (see `schedule`). Further runs in one interval are retries, which are not late.
    Intervals from before the present schedule do not count.
    """
    place = _place(probe, at)
    since = max(filter(None, (before, probe.scheduled_since)), default=None)
    if since is None:
        return Punctuality()
    gone = place // probe.interval - _place(probe, since) // probe.interval
    if gone < 1:
        return Punctuality()
    return Punctuality(int(place % probe.interval > LATE_S + _EARLY_S), gone - 1)


def _place(probe: Probe, at: datetime) -> int:
    return int(at.timestamp()) + _EARLY_S - probe.pk * SPREAD


def count(results: Iterable[Result], late: int, missed: int) -> None:
    """Add stored results to the counters."""
    counts: Counter[counters.Key] = Counter({(LATE, ""): late, (MISSED, ""): missed})
    seconds = 0.0
    for result in results:
        outcome = "not_run" if result.passed is None else "passed" if result.passed else "failed"
        counts[RUNS, outcome] += 1
        if (latency := result.latency) is not None:
            took = latency / 1000
            seconds += took
            counts[BUCKET, _BOUNDS[bisect_left(BOUNDS_S, took)]] += 1
    counters.add({**counts, (SUM, ""): seconds})
