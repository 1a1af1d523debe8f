"""The body of a message to ntfy: https://docs.ntfy.sh/publish/#publish-as-json."""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

PRIORITIES = {"critical": 5, "error": 4, "warning": 3, "info": 2}
TAGS = {"critical": "rotating_light", "error": "red_circle", "warning": "warning", "info": "information_source"}
MOST_BYTES = 4096


def payload(message: Message, topic: str) -> dict[str, Any]:
    """Return the message to a topic; a tap on it opens the page."""
    resolved = message.status == "resolved"
    lines = [labeled(label, cut(text, 400 if label else 2000)) for label, text in message.facts]
    body: dict[str, Any] = {
        "topic": topic,
        "title": cut(message.title, 240),
        "message": "\n".join(lines) or cut(message.title, 500),
        "priority": 2 if resolved else PRIORITIES[message.severity],
        "tags": ["green_circle" if resolved else TAGS[message.severity]],
    }
    if message.url:
        body["click"] = message.url
    return body
