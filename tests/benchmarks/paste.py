"""How the time of reading and diagnosing pasted texts grows with the text: doubles adversarial texts, prints the slope.

Run: uv run --group test python -m tests.benchmarks.paste
A slope of 1 is linear, 2 is quadratic; the largest is asserted to be below 1.5.
"""

from __future__ import annotations

import math

from tests.cors.paste.test_linear import PARTS, PIECES, UNITS, seconds

SIZES = (30_000, 60_000, 120_000, 240_000)
STEEPEST = 1.5


def main() -> None:
    """Print a line for each kind of text."""
    worst = 0.0
    kinds = {kind: ("{}", unit) for kind, unit in UNITS.items()}
    kinds |= {f"{part} of {piece!r}": (text, piece) for part, text in PARTS.items() for piece in PIECES}
    for kind, (text, unit) in kinds.items():
        times = [max(seconds(text.format(unit * (size // len(unit)))), 0.001) for size in SIZES]
        slope = math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])
        worst = max(worst, slope)
        print(f"{kind:24} slope {slope:5.2f}  {times[-1] * 1000:7.0f} ms for {SIZES[-1]:,} characters")
    print(f"steepest slope {worst:.2f}")
    assert worst < STEEPEST


if __name__ == "__main__":
    main()
