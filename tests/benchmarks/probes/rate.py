"""How punctually many probes run: two workers and beat with Valkey, and so many probes a minute.

Of the hosts `--hanging` per cent never answer. Printed are the runs missed and late, the time from due to started, and
the CPU per probe.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import psutil

from tests.benchmarks.probes.hosts import INTERVAL_S, Hosts, make_probes

_SETTLED_S = 30
_STARTUP_S = 45
_WORKERS = 2


def measure(rate: int, minutes: int, hanging: int, hosts: Hosts) -> None:
    """Let so many probes a minute run, and print how punctual they were."""
    from django.db import connection
    from django.utils import timezone

    from apis.probing.models import Probe
    from apis.probing.runs.schedule import SPREAD

    ids = make_probes(rate * INTERVAL_S // 60, 1, lambda n: hosts.hangs if n % 100 < hanging else hosts.works)
    # Each at its own place of the first interval, as if it had run before.
    first = int(time.time()) + _STARTUP_S
    place = f'(id * {SPREAD} - {first}) %% "interval"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {Probe._meta.db_table} SET due_at = {first} + ({place} + "interval") %% "interval", '
            f"scheduled_since = to_timestamp({first})",
            (),
        )
    celery = [sys.executable, "-m", "celery", "-q", "-A", "corsdash"]
    worker = [*celery, "worker", "-P", "threads", "-c", "8", "-Q", "celery", "-l", "warning", "--without-gossip"]
    commands = [[*worker, "-n", f"w{n}"] for n in range(_WORKERS)] + [[*celery, "beat", "-l", "warning", "--pidfile="]]
    parts = [psutil.Popen(command) for command in commands]
    try:
        time.sleep(max(0.0, first - time.time()))
        before = _cpu_of(parts)
        time.sleep(minutes * 60)
        spent = _cpu_of(parts) - before
        end = timezone.now()
    finally:
        for part in parts:
            part.terminate()
        # One that has more to do than time is ended all the same: its figures are those that matter.
        for part in psutil.wait_procs(parts, _SETTLED_S)[1]:
            part.kill()
    _print_rate(ids, spent, end, hosts.hangs)


def _cpu_of(parts: list[psutil.Popen]) -> float:
    return sum(sum(part.cpu_times()[:2]) for part in parts)


def _print_rate(ids: list[int], spent: float, end: datetime, hangs: int) -> None:
    from apis.jobs import counters
    from apis.probing.models import Result
    from apis.probing.runs.run_counts import LATE, MISSED
    from apis.probing.runs.schedule import place_from

    lags, runs = [], 0
    failed: Counter[str] = Counter()
    rows = Result.objects.filter(at__lte=end - timedelta(seconds=5)).select_related("probe__api", "stored")
    for result in rows.iterator(2000):
        runs += 1
        at, interval = result.at.timestamp(), result.probe.interval
        if f":{hangs}" not in result.probe.api.endpoint:
            lags.append(at - place_from(result.probe_id, interval, int(at) + 1 - interval))
            if not result.passed:
                failed[result.not_run or result.error or str(result.unmet)] += 1
    lags.sort()
    counts = counters.read()
    never = len(ids) - len(set(Result.objects.values_list("probe", flat=True)))
    print(f"{runs:,} runs, {spent / runs * 1e6:.0f} us of CPU each in workers and beat")
    print(f"missed {counts.get((MISSED, ''), 0):.0f}, late {counts.get((LATE, ''), 0):.0f}, never run {never}")
    print(f"failed on hosts that work: {failed.total()}")
    for why, count in failed.most_common(5):
        print(f"    {count} {why}")
    for share in (0.5, 0.95, 0.99, 1.0):
        print(f"due to started, p{share * 100:g}: {lags[min(len(lags) - 1, int(share * len(lags)))]:.2f} s")
