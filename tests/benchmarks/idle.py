"""What `manage.py up` takes at rest, without the demo: seconds until it is ready, memory and CPU of each process.

    python -m tests.benchmarks.idle [--runs 3] [--seconds 60]

Starts it once on an empty data folder, then `--runs` times on the same. Half a minute after it is ready, its processes
are watched for `--seconds`. Memory is the proportional set size (PSS), in which what processes share counts once;
Linux alone has it. The goals are those of a start that is not the first.
"""

from __future__ import annotations

import argparse
import time

import psutil

from tests.support.up import Up

READY_S, MEMORY_MB, CPU_PERCENT = 3.0, 250, 1.0
_SETTLED_S = 30
# Credentials and an endpoint that no one serves: with none, `up` starts the demo.
_AWS = {
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "thing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    up, seconds = _start(None)
    print(f"first start {seconds:.1f} s")
    for _ in range(given.runs):
        up.stop()
        up, seconds = _start(up)
        time.sleep(_SETTLED_S)
        print(f"\n{'PSS MB':>7} {'CPU %':>6}  process")
        memory, cpu = _watch(up, given.seconds)
        for what, found, goal in (("s to ready", seconds, READY_S), ("MB", memory, MEMORY_MB), ("%", cpu, CPU_PERCENT)):
            print(f"{found:7.2f} {what:10} {found / goal:5.2f} of the goal, {goal:g}")
    up.stop()


def _start(before: Up | None) -> tuple[Up, float]:
    """Start it, on the data of the run before; return it and the seconds until it was ready."""
    begun = time.monotonic()
    up = Up(home=before.home if before else None, environ=_AWS)
    assert up.url
    return up, time.monotonic() - begun


def _watch(up: Up, seconds: float) -> tuple[float, float]:
    """Print what each process takes; return the sums, in MB and in percent of a core."""
    runner = psutil.Process(up.process.pid)
    parts = [runner, *runner.children(recursive=True)]
    before, begun = [_cpu(part) for part in parts], time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - begun
    cpu = [100 * (_cpu(part) - earlier) / passed for part, earlier in zip(parts, before, strict=True)]
    memory = [part.memory_full_info().pss / 1e6 for part in parts]
    for part, megabytes, percent in zip(parts, memory, cpu, strict=True):
        print(f"{megabytes:7.1f} {percent:6.2f}  {' '.join(part.cmdline())[:80]}")
    return sum(memory), sum(cpu)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
