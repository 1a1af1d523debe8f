"""How the time of every reader of pasted texts grows with the text: doubles adversarial texts and prints the slope.

Run: uv run --group test python -m tests.benchmarks.paste
A slope of 1 is linear, 2 is quadratic; the largest is asserted to be below 1.5.
"""

from __future__ import annotations

import math

from tests.cors.paste.test_linear import UNITS, seconds

SIZES = (30_000, 60_000, 120_000, 240_000)
STEEPEST = 1.5


def main() -> None:
    """Print a line for each kind of text."""
    worst = 0.0
    for kind, unit in UNITS.items():
        times = [max(seconds(unit * (size // len(unit))), 0.001) for size in SIZES]
        slope = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
        worst = max(worst, slope)
        print(f"{kind:16} slope {slope:5.2f}  {times[-1] * 1000:7.0f} ms for {SIZES[-1]:,} characters")
    print(f"steepest slope {worst:.2f}")
    assert worst < STEEPEST


if __name__ == "__main__":
    main()
