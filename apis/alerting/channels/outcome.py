"""What came of one attempt to send a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. No error means delivered; errors never hold what the receiver wrote in a body.

    `status` is the receiver's HTTP or SMTP code, `retry_after` the seconds that it asks to wait, `final` that another
    attempt is of no use, `gone` that the receiver wants no more messages.
    """

    error: str = ""
    status: int | None = None
    retry_after: float | None = None
    final: bool = False
    gone: bool = False
