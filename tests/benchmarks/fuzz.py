"""Give both readers any text for a while and print what fails, and which texts took longest for their length.

    uv run --group test python -m tests.benchmarks.fuzz [seconds] [seed]

Half of the time goes to pasted texts with their diagnosis, half to templates; tests/cors/test_fuzz.py tries a few
hundred of the same texts.
"""

from __future__ import annotations

import random
import sys
import time
import traceback

from tests.cors.mangled import kept_texts, mangled
from tests.cors.test_fuzz import CHECKS

SLOW = 4.0  # seconds of processor time


def run(reader: str, seconds: float, seed: int) -> int:
    """Try mangled texts of a reader for a while, print the failures, and return how many there were."""
    chance = random.Random(f"{seed} {reader}")
    check, until = CHECKS[reader], time.process_time() + seconds
    count, failed, seen = 0, 0, set()
    slowest, its_length = 0.0, 0
    for text in mangled(kept_texts(reader), chance):
        if time.process_time() > until:
            break
        count += 1
        started = time.process_time()
        try:
            check(text)
        except Exception as error:
            failed += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            if (place := (type(error), where.filename, where.lineno)) not in seen:
                seen.add(place)
                print(f"{type(error).__name__} in {where.filename}:{where.lineno}: {error!s:.200}\n  {text[:2000]!r}")
        took = time.process_time() - started
        if took > slowest:
            slowest, its_length = took, len(text)
        if took > SLOW:
            print(f"{took:.1f} s for {len(text):,} characters: {text[:300]!r}")
    print(f"{reader:<8} seed {seed}: {count:,} texts, {failed} failed, slowest {slowest:.2f} s of {its_length:,}")
    return failed


def main(seconds: float, seed: int) -> None:
    """Print the figures; the exit code is 1 when a text failed."""
    failed = sum(run(reader, seconds / len(CHECKS), seed) for reader in CHECKS)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 30.0, int(sys.argv[2]) if sys.argv[2:] else 1)
