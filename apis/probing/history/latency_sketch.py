"""A mergeable sketch of latencies: counts by buckets whose bounds grow by 5 %, so percentiles are off by 2.5 % at most.

The bytes are pairs of numbers: how far the bucket is from the one before it, and its count. The same latencies make
the same bytes in any order. The method is DDSketch's (Masson, Rim and Lee, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, log

from apis.probing.history.timings import read_numbers, write_numbers

GROWTH = 1.05
LEAST_MS = 0.01
_SCALE = 1 / log(GROWTH)


def add(sketch: bytes, latencies: Iterable[float]) -> bytes:
    """Return the sketch with these latencies, in milliseconds, as well."""
    counts = _read(sketch)
    for latency in latencies:
        bucket = max(0, ceil(log(max(latency, LEAST_MS) / LEAST_MS) * _SCALE))
        counts[bucket] = counts.get(bucket, 0) + 1
    return _write(counts)


def merge(sketches: Iterable[bytes]) -> bytes:
    """Return the sketch of all latencies in these sketches."""
    counts: dict[int, int] = {}
    for sketch in sketches:
        for bucket, count in _read(sketch).items():
            counts[bucket] = counts.get(bucket, 0) + count
    return _write(counts)


def percentile(sketch: bytes, share: float) -> float | None:
    """Return the latency that this share of all (0 to 1) does not exceed, in milliseconds; None without any."""
    counts = _read(sketch)
    rank = max(1, ceil(share * sum(counts.values())))
    for bucket, count in counts.items():
        rank -= count
        if rank <= 0:
            return round(LEAST_MS * GROWTH**bucket * 2 / (1 + GROWTH), 2)
    return None


def _read(sketch: bytes) -> dict[int, int]:
    numbers, bucket, counts = read_numbers(sketch), 0, {}
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        bucket += step
        counts[bucket] = count
    return counts


def _write(counts: dict[int, int]) -> bytes:
    numbers: list[int] = []
    last = 0
    for bucket in sorted(counts):
        numbers += (bucket - last, counts[bucket])
        last = bucket
    return write_numbers(numbers)
