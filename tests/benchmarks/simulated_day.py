"""24 simulated hours of 1,000 probes: what each database takes, and whether the roll-ups say what the results say.

    uv run --group test python -m tests.benchmarks.simulated_day [probes] [interval]

Every probe runs at its place in the interval, on a clock of the benchmark's own and without a network; what comes of it
is stored as the prober does. An hour has no runs, some hosts fail for a while, some runs come late or are not made, and
the clock is set back once. Exits with 1 when a database is larger than its bound or a roll-up differs.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.benchmarks.storage import GOAL_BYTES, _sizes, make_outcome, run_inside, vacuum

START = datetime(2026, 11, 1, tzinfo=UTC)
GOAL_YEAR = 1e9
"""Bytes of the roll-ups that a year of 1,000 probes leaves."""
STATE_BYTES = 20_000
"""Bytes of a probe: its row, its stored exchanges and what it takes in indexes."""


def inside(count: int, interval: int) -> int:
    """Simulate the day in the database of the environment, and print how its figures compare with their bounds."""
    import django

    django.setup()
    from django.core.management import call_command

    from apis.probing.runs import compaction, partitions

    call_command("migrate", verbosity=0)
    if partitions.are_used():
        partitions.make_ahead(START)
    empty = _sizes()
    took = _simulate(count, interval)
    compaction.compact(START + timedelta(hours=26))
    return max(_compare_size(count, took, empty), _compare_rollups())


def _simulate(count: int, interval: int) -> float:
    """Store a day of runs; returns the processor time in seconds."""
    from apis.cors.browser import judge
    from apis.probing.models import Probe
    from apis.probing.runs.calls import Outcome
    from apis.probing.runs.storage import store
    from tests.benchmarks.housekeeping import make_probes

    made = make_probes(count)
    Probe.objects.update(interval=interval)
    probes = list(Probe.objects.select_related("api").filter(pk__in=[probe.pk for probe in made]))
    chance = random.Random(16)
    broken = set(chance.sample(range(count), count // 20))
    begun = time.thread_time()
    for second in range(0, 86_400, interval):
        hour = second // 3600
        if hour == 13:
            continue
        back = timedelta(minutes=20) if hour == 20 else timedelta()
        for first in range(0, count, 200):
            some = probes[first : first + 200]
            outcomes = []
            for place, probe in enumerate(some, first):
                if place in broken and 6 <= hour < 8:
                    outcomes.append(Outcome(error="The preflight got no response: refused.", unreachable="connect"))
                elif chance.random() < 0.001:
                    outcomes.append(Outcome.not_run("memory"))
                else:
                    outcomes.append(make_outcome(probe, second // 60, chance, judge))
            late = chance.choice((0, 0, 0, 9))
            store(some, outcomes, START + timedelta(seconds=second + late + first // 200) - back, "schedule")
        vacuum()
    return time.thread_time() - begun


def _compare_size(count: int, took: float, empty: dict[str, int]) -> int:
    from django.conf import settings
    from django.db import connection

    from apis.probing.models import Result, Rollup

    results, rollups = Result.objects.count(), Rollup.objects.count()
    sizes = {name: size - empty.get(name, 0) for name, size in _sizes().items()}
    # What a year leaves under the default retention, as tests.benchmarks.storage counts it.
    kept = settings.CORSDASH_KEEP_5_MINUTES_DAYS * 288 + settings.CORSDASH_KEEP_HOURLY_DAYS * 24 + 365
    each = GOAL_YEAR / (1000 * kept)
    bounds = {
        Result._meta.db_table: results * GOAL_BYTES,
        Rollup._meta.db_table: rollups * each,
        "all": results * GOAL_BYTES + rollups * each + count * STATE_BYTES,
    }
    sizes["all"] = sum(sizes.values())
    stored = f"{results:,} results, {rollups:,} roll-ups, {took / results * 1e6:.0f} µs CPU each"
    print(f"{connection.vendor}: {count:,} probes, 24 h: {stored}")
    for name, bound in bounds.items():
        print(f"  {name:14} {sizes[name] / 1e6:8.1f} MB, bound {bound / 1e6:8.1f} MB: {sizes[name] / bound:.2f}")
    return int(any(sizes[name] > bound for name, bound in bounds.items()))


def _compare_rollups() -> int:
    """Compare each roll-up with what the single results give."""
    from apis.probing.history import latency_sketch
    from apis.probing.history.rollups import SPANS, start_of
    from apis.probing.models import Result, Rollup

    counts: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    latencies: dict[tuple[int, int, int], list[float]] = defaultdict(list)
    for result in Result.objects.select_related("stored").iterator(chunk_size=2000):
        place = (True, False, None).index(result.passed)
        for seconds in SPANS:
            key = (result.probe_id, seconds, start_of(result.at, seconds))
            counts[key][place] += 1
            if result.latency is not None:
                latencies[key].append(result.latency)
    rows = Rollup.objects.values_list("probe_id", "seconds", "at", "passed", "failed", "not_run", "latency")
    found: dict[Any, Any] = {row[:3]: (list(row[3:6]), bytes(row[6])) for row in rows.iterator()}
    wanted = {key: (value, latency_sketch.add(b"", latencies[key])) for key, value in counts.items()}
    wrong = [key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)]
    print(f"  {len(wanted):,} roll-ups compared with the results: {len(wrong)} differ")
    return int(bool(wrong))


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    numbers += [1000, 300][len(numbers) :]
    sys.exit(inside(*numbers) if "inside" in sys.argv else run_inside("simulated_day", *numbers))
