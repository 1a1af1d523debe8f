"""Sketches of how long each phase of a probe's calls took, packed one after another for a roll-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apis.probing.history import latency_sketch
from apis.probing.history.timings import read_numbers, write_numbers

PHASES = ("resolve", "connect", "tls", "first_byte")
"""The phases of a call; a kept connection has only the last."""


def phases_of(timings: Mapping[str, Any]) -> dict[str, float]:
    """Return how long each phase took in all legs of a run; a phase that did not happen is left out."""
    sums = {phase: sum(leg.get(phase, 0.0) for leg in timings.values()) for phase in PHASES}
    return {phase: took for phase, took in sums.items() if took}


def add(packed: bytes | None, runs: Iterable[Mapping[str, float]]) -> bytes | None:
    """Return the sketches with the phases of these runs as well; None without any."""
    found: dict[str, list[float]] = {}
    for phases in runs:
        for phase, took in phases.items():
            found.setdefault(phase, []).append(took)
    if not found:
        return packed
    known = _unpack(packed)
    known |= {phase: latency_sketch.add(known[phase], took) for phase, took in found.items()}
    return _pack([known[phase] for phase in PHASES])


def merge(all_packed: Sequence[bytes | None]) -> dict[str, bytes]:
    """Return one sketch a phase of everything in these."""
    known = [_unpack(packed) for packed in all_packed if packed]
    return {phase: latency_sketch.merge(one[phase] for one in known) for phase in PHASES}


def _pack(sketches: Sequence[bytes]) -> bytes:
    return b"".join((write_numbers([len(sketch) for sketch in sketches]), *sketches))


def _unpack(packed: bytes | None) -> dict[str, bytes]:
    if not packed:
        return dict.fromkeys(PHASES, b"")
    packed = bytes(packed)
    lengths, start = _lengths(packed)
    found: dict[str, bytes] = {}
    for phase, length in zip(PHASES, lengths, strict=True):
        found[phase] = packed[start : start + length]
        start += length
    return found


def _lengths(packed: bytes) -> tuple[list[int], int]:
    """Return the lengths of the sketches, and where these begin."""
    end = len(PHASES)
    if packed[:end].isascii():  # each byte is a number
        return list(packed[:end]), end
    end = 0
    for _ in PHASES:
        while packed[end] > 127:
            end += 1
        end += 1
    return read_numbers(packed[:end]), end
