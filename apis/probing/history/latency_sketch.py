"""A mergeable sketch of latencies: counts by buckets whose bounds grow by 5 %, so percentiles are off by 2.5 % at most.

The bytes are a mark and then a byte for each bucket: in its high half how far the bucket is from the one before it, in
its low half the count less 1. A half of 15 means that the rest follows as a number of variable length. Earlier versions
wrote both as such numbers, without a mark. The same latencies make the same bytes in any order. The method is
DDSketch's (Masson, Rim and Lee, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import ceil, log

from apis.probing.history.timings import read_numbers, write_numbers

GROWTH = 1.05
LEAST_MS = 0.01
_SCALE = 1 / log(GROWTH)
_MARK = b"\0\0"
"""No sketch of an earlier version begins with a count of 0."""
_REST = 15
_BYTES = [bytes((value,)) for value in range(256)]


def add(sketch: bytes, latencies: Iterable[float]) -> bytes:
    """Return the sketch with these latencies, in milliseconds, as well."""
    if not sketch.startswith(_MARK):
        sketch = _write(_read_earlier(sketch)) or _MARK
    for latency in latencies:
        sketch = _with(sketch, _bucket_of(latency))
    return b"" if sketch == _MARK else sketch


# A run's latency goes into a sketch of each length of roll-up.
@lru_cache(4096)
def _bucket_of(latency: float) -> int:
    return max(0, ceil(log(max(latency, LEAST_MS) / LEAST_MS) * _SCALE))


def _with(sketch: bytes, wanted: int) -> bytes:
    """Return the sketch with one more in a bucket, without reading those after it: most sketches grow by one a run."""
    place, end, bucket = len(_MARK), len(sketch), 0
    while place < end:
        # As in `_entry`, whose calls would cost more than all else here.
        start, byte = place, sketch[place]
        step, more = byte >> 4, byte & 15
        place += 1
        if step == _REST:
            rest = sketch[place]
            if rest < 128:
                place += 1
            else:
                rest, place = _number(sketch, place)
            step += rest
        if more == _REST:
            rest, place = _number(sketch, place)
            more += rest
        reached = bucket + step
        if reached < wanted:
            bucket = reached
        elif reached == wanted:
            return sketch[:start] + _write_entry(step, more + 1) + sketch[place:]
        else:
            split = _write_entry(wanted - bucket, 0) + _write_entry(reached - wanted, more)
            return sketch[:start] + split + sketch[place:]
    return sketch + _write_entry(wanted - bucket, 0)


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
    if not sketch.startswith(_MARK):
        return _read_earlier(sketch)
    place, bucket, counts = len(_MARK), 0, {}
    while place < len(sketch):
        step, more, place = _entry(sketch, place)
        bucket += step
        counts[bucket] = more + 1
    return counts


def _entry(sketch: bytes, place: int) -> tuple[int, int, int]:
    """Return how far the bucket at a place is from the one before it, its count less 1, and the place after it."""
    step, more = sketch[place] >> 4, sketch[place] & 15
    place += 1
    if step == _REST:
        rest, place = _number(sketch, place)
        step += rest
    if more == _REST:
        rest, place = _number(sketch, place)
        more += rest
    return step, more, place


# The first bucket of a sketch is far from 0, so its entry has several bytes, which are the same again and again.
@lru_cache(4096)
def _write_entry(step: int, more: int) -> bytes:
    if step < _REST and more < _REST:
        return _BYTES[step << 4 | more]
    rests = [half - _REST for half in (step, more) if half >= _REST]
    return _BYTES[min(step, _REST) << 4 | min(more, _REST)] + write_numbers(rests)


def _read_earlier(sketch: bytes) -> dict[int, int]:
    numbers, bucket, counts = read_numbers(sketch), 0, {}
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        bucket += step
        counts[bucket] = count
    return counts


def _number(sketch: bytes, start: int) -> tuple[int, int]:
    """Return the number that begins there, and where what follows it begins."""
    if sketch[start] < 128:
        return sketch[start], start + 1
    end = start + 1
    while sketch[end - 1] > 127:
        end += 1
    return read_numbers(sketch[start:end])[0], end


def _write(counts: dict[int, int]) -> bytes:
    if not counts:
        return b""
    packed, last = bytearray(_MARK), 0
    for bucket in sorted(counts):
        packed += _write_entry(bucket - last, counts[bucket] - 1)
        last = bucket
    return bytes(packed)
