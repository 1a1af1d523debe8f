"""What a probe costs in CPU, next to a bare loop of pycurl and, where it is installed, to blackbox_exporter.

A probe is run on each host, each with a full handshake, judged and stored, and then five probes on each of a fifth of
the hosts, which share connections. The bare loop makes the same number of calls with full handshakes and looks at
nothing. Each row is compared with the bare loop of its own round; printed is the median of the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

from tests.benchmarks.outbound import bare
from tests.benchmarks.probes import blackbox
from tests.benchmarks.probes.hosts import Hosts, make_probes, url_of


class _Row(NamedTuple):
    """What is measured: the work, which returns how many calls passed, and the clock of the CPU that it takes."""

    work: Callable[[], int]
    clock: Callable[[], float] = time.process_time


def measure(count: int, rounds: int, hosts: Hosts) -> None:
    """Print the CPU of one probe for so many hosts."""
    from apis.probing.models import Result
    from apis.probing.runs import runner, schedule
    from corsdash.celery import spare_modules

    def run(ids: list[int]) -> int:
        return sum(result.passed is True for batch in schedule.batches(ids) for result in runner.run(batch))

    single = make_probes(count, 1, lambda n: hosts.works)
    shared = make_probes(count // 5, 5, lambda n: hosts.works)
    urls = [url_of(hosts.works, number) for number in range(count)]
    rows = {
        "bare": _Row(lambda: bare(urls, str(hosts.authority))),
        "own host": _Row(lambda: run(single)),
        "five a host": _Row(lambda: run(shared)),
    }
    figures: dict[str, list[float]] = {}
    spare_modules()  # as workers do
    with ExitStack() as stack:
        if program := blackbox.installed():
            exporter = stack.enter_context(blackbox.running(program, hosts))
            rows["blackbox"] = _Row(lambda: exporter.probe(count), exporter.cpu)
        for number in range(rounds + 1):
            for name, row in rows.items():
                began = row.clock()
                if (done := row.work()) != count:
                    raise SystemExit(f"{name}: only {done} of {count} calls passed")
                if number:  # The first round imports, and stores the exchanges that the others repeat.
                    figures.setdefault(name, []).append((row.clock() - began) / count * 1e6)
    print(f"{Result.objects.count():,} results stored")
    for name, values in figures.items():
        times = {other: _times(values, figures[other]) for other in ("bare", "blackbox") if other in figures}
        compared = ", ".join(f"{value:5.2f} x {other}" for other, value in times.items())
        print(f"{name:12} {statistics.median(values):7.0f} us of CPU a probe, {compared}")


def _times(values: list[float], others: list[float]) -> float:
    """Return how many times as much as another row one took, round by round: the machine's speed changes."""
    return statistics.median(value / other for value, other in zip(values, others, strict=True))
