"""The timings of a run in few bytes: per leg five variable-length numbers in hundredths of a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LEGS = ("preflight", "request")
PHASES = ("resolve", "connect", "tls", "first_byte", "total")


def pack(timings: dict[str, Any]) -> bytes | None:
    """Return the timings as bytes; None when they have another form, or there are none."""
    if not timings or any(leg not in LEGS or timings[leg].keys() != set(PHASES) for leg in timings):
        return None
    legs = sum(1 << place for place, leg in enumerate(LEGS) if leg in timings)
    numbers = [round(timings[leg][phase] * 100) for leg in LEGS if leg in timings for phase in PHASES]
    return None if min(numbers) < 0 else bytes([legs]) + write_numbers(numbers)


def unpack(packed: bytes) -> dict[str, Any]:
    """Return what `pack` was given."""
    timings: dict[str, Any] = {}
    numbers = read_numbers(packed[1:])
    for place, leg in enumerate(LEGS):
        if packed[0] & 1 << place:
            timings[leg] = {phase: numbers.pop(0) / 100 for phase in PHASES}
    return timings


def read(own: dict[str, Any] | None, packed: bytes | None) -> dict[str, Any]:
    """Return a stored result's timings, from the column that it uses."""
    return unpack(bytes(packed)) if packed else own or {}


def total(timings: dict[str, Any]) -> float | None:
    """Return how long all legs took together; None without any."""
    return sum(leg.get("total", 0.0) for leg in timings.values()) or None


def write_numbers(numbers: Sequence[int]) -> bytes:
    """Return numbers from 0 on as bytes: seven bits in each, the low ones first."""
    if max(numbers, default=0) < 128:
        return bytes(numbers)
    packed = bytearray()
    for number in numbers:
        while number > 127:
            packed.append(number & 127 | 128)
            number >>= 7
        packed.append(number)
    return bytes(packed)


def read_numbers(packed: bytes) -> list[int]:
    """Return the numbers that `write_numbers` has written."""
    if packed.isascii():  # each byte is a number
        return list(packed)
    numbers, number, shift = [], 0, 0
    for byte in packed:
        if byte > 127:
            number |= (byte & 127) << shift
            shift += 7
        else:
            numbers.append(number | byte << shift)
            number = shift = 0
    return numbers
