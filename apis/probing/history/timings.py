"""The timings of a run in few bytes: per leg five variable-length numbers in hundredths of a millisecond."""

from __future__ import annotations

from typing import Any

LEGS = ("preflight", "request")
PHASES = ("resolve", "connect", "tls", "first_byte", "total")


def pack(timings: dict[str, Any]) -> bytes | None:
    """Return the timings as bytes; None when they have another form, or there are none."""
    if not timings or any(leg not in LEGS or timings[leg].keys() != set(PHASES) for leg in timings):
        return None
    packed = bytearray([sum(1 << place for place, leg in enumerate(LEGS) if leg in timings)])
    for leg in LEGS:
        for phase in PHASES if leg in timings else ():
            value = timings[leg][phase]
            if value < 0:
                return None
            write_number(packed, round(value * 100))
    return bytes(packed)


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


def write_number(packed: bytearray, number: int) -> None:
    """Append a number from 0 on, seven bits a byte, the low ones first."""
    while number > 127:
        packed.append(number & 127 | 128)
        number >>= 7
    packed.append(number)


def read_numbers(packed: bytes) -> list[int]:
    """Return the numbers that `write_number` has written."""
    numbers, number, shift = [], 0, 0
    for byte in packed:
        if byte > 127:
            number |= (byte & 127) << shift
            shift += 7
        else:
            numbers.append(number | byte << shift)
            number = shift = 0
    return numbers
