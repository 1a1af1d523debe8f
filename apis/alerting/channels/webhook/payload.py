"""The body of a webhook."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from apis.alerting.channels.message import Message


def payload(message: Message) -> dict[str, Any]:
    """Return the body: the event's type, when it happened, and its data."""
    at = message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": message.event, "timestamp": at, "data": message.data}
