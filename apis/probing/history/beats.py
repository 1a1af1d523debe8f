"""The newest outcomes of a probe, kept in its row as one text: each run adds one without reading the others.

Nine characters each, newest first: the Unix time in hexadecimal, and a letter that is a capital when no answer came.
Earlier versions kept a list of lists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

KEPT = 60
_LENGTH = 9
_LETTERS: dict[bool | None, str] = {True: "p", False: "f", None: "n"}
_OUTCOMES = {letter: outcome for outcome, letter in _LETTERS.items()}


class Beat(NamedTuple):
    """One outcome of a probe; `error` says that no answer came."""

    at: datetime
    passed: bool | None
    error: bool


def add(kept: Any, at: datetime, passed: bool | None, error: bool) -> str:
    """Return what a probe keeps with one more outcome; of more than KEPT the oldest are dropped."""
    older = kept if isinstance(kept, str) else "".join(_text(*beat) for beat in kept)
    return (_text(int(at.timestamp()), passed, error) + older)[: KEPT * _LENGTH]


def read(kept: Any) -> list[Beat]:
    """Return the outcomes that a probe keeps, newest first."""
    if not isinstance(kept, str):
        return [Beat(datetime.fromtimestamp(at, UTC), passed, error) for at, passed, error in kept]
    found = []
    for start in range(0, len(kept), _LENGTH):
        letter = kept[start + _LENGTH - 1]
        at = datetime.fromtimestamp(int(kept[start : start + _LENGTH - 1], 16), UTC)
        found.append(Beat(at, _OUTCOMES[letter.lower()], letter.isupper()))
    return found


def _text(at: int, passed: bool | None, error: bool) -> str:
    letter = _LETTERS[passed]
    return f"{at:08x}{letter.upper() if error else letter}"
