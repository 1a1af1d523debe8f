"""What is documented about a cause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CauseEntry:
    """A cause as its page documents it. `field` is the one of the six that it is about, if it is about one."""

    code: str
    title: str
    what: str
    tell: str
    fix: str
    field: str | None = None
