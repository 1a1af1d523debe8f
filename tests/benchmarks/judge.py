"""How many exchanges a second `judge` does on one core, and how that compares with only reading and writing the JSON.

    uv run --group test python -m tests.benchmarks.judge [seconds]

Runs on the recorded exchanges, line by line as `manage.py judge` does, and then the command itself on a file of them,
with its greatest memory after a tenth and after all of the lines: the two are the same when memory is constant.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from apis.cors.judging import judge_line

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "cors" / "browser" / "browser-verdicts.jsonl.gz"
LINES = 100_000


def main(seconds: float) -> None:
    """Print the figures."""
    with gzip.open(RECORDED) as recorded:
        lines = recorded.read().splitlines()
    encode = json.JSONEncoder(separators=(",", ":")).encode
    judged = rate(lambda line: encode(judge_line(line)), lines, seconds)
    bare = rate(lambda line: encode(json.loads(line)), lines, seconds)
    print(f"judge_line         {judged:>9,.0f} exchanges/s of processor time")
    print(f"bare JSON          {bare:>9,.0f} exchanges/s, {bare / judged:.1f} times as many")
    few, _, _ = command(lines, LINES // 10)
    much, elapsed, busy = command(lines, LINES)
    print(f"manage.py judge    {LINES / busy:>9,.0f} exchanges/s of processor time with its start, {busy:.1f} s in all")
    print(f"                   {LINES / elapsed:>9,.0f} exchanges/s by the clock, with what else this machine does")
    print(f"memory             {few:>9,.0f} MiB at most for {LINES // 10:,} lines, {much:,.0f} MiB for {LINES:,}")


def rate(work: Callable[[bytes], object], lines: list[bytes], seconds: float) -> float:
    """Lines a second of this process's own processor time."""
    done, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        for line in lines:
            work(line)
        done += len(lines)
    return done / (time.process_time() - start)


def command(lines: list[bytes], count: int) -> tuple[float, float, float]:
    """The command on so many lines: its greatest memory in MiB, its seconds by the clock and of the processor."""
    with tempfile.TemporaryFile() as given, open(os.devnull, "wb") as nowhere:
        given.writelines(lines[number % len(lines)] + b"\n" for number in range(count))
        given.seek(0)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            [sys.executable, "manage.py", "judge"], cwd=ROOT, stdin=given, stdout=nowhere, check=True, timeout=600
        )
        elapsed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return after.ru_maxrss / 1024, elapsed, busy


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3)
