"""What every kind of channel is given to send, and what it says came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `id` stays the same over all attempts, so that a receiver can tell a repetition."""

    id: str
    event: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. No error means delivered; errors never hold what the receiver wrote in a body.

    `status` is the receiver's HTTP or SMTP code, `retry_after` the seconds it asks to be left alone, `final` that
    trying again is of no use, `gone` that it asks never to be told again.
    """

    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    final: bool = False
    gone: bool = False
