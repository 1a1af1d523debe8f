"""The body of a PagerDuty event, version 2: https://developer.pagerduty.com/docs/send-alert-event."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from apis.alerting.channels.message import Message, cut

MOST_SUMMARY, MOST_KEY = 1024, 255


def payload(message: Message, routing_key: str) -> dict[str, Any]:
    """Return a trigger or, when the thing with the same key is over, a resolve."""
    resolves = message.status == "resolved"
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "resolve" if resolves else "trigger",
        "dedup_key": cut(message.key or message.id, MOST_KEY),
    }
    if resolves:
        return event
    event["payload"] = {
        "summary": cut(message.title, MOST_SUMMARY),
        "source": message.source,
        "severity": message.severity,
        "timestamp": message.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "group": message.group,
        "class": message.event,
        "custom_details": message.details,
    }
    event["client"] = "corsdash"
    if message.url:
        event["client_url"] = message.url
        event["links"] = [{"href": message.url, "text": "Open in corsdash"}]
    return event
