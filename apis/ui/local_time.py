"""When: a time as a form gives it, which is the viewer's own, with the name of their zone besides it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apis.errors import InvalidInput


def read(text: str, zone: str = "") -> datetime | None:
    """Return the time in UTC; None when nothing was typed. A text without a known zone is in UTC."""
    text = text.strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"“{text[:40]}” is not a time. Use the form 2027-01-31T18:00.", "at") from error
    try:
        local = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        local = ZoneInfo("UTC")
    try:
        return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"“{text[:40]}” is out of range. Enter a time within the next year.", "at") from error
