"""The body of a Pushover message: https://pushover.net/api."""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

PRIORITIES = {"critical": 1, "error": 1, "warning": 0, "info": -1}
MOST_TITLE, MOST_MESSAGE, MOST_URL, MOST_URL_TITLE = 250, 1024, 512, 100


def payload(message: Message, token: str, user: str) -> dict[str, Any]:
    """Return the message to a user or group. Severe ones bypass the receiver's quiet hours."""
    lines = [labeled(label, text) for label, text in message.facts]
    body: dict[str, Any] = {
        "token": token,
        "user": user,
        "title": cut(message.title, MOST_TITLE),
        "message": cut("\n".join(lines) or message.title, MOST_MESSAGE),
        "priority": -1 if message.status == "resolved" else PRIORITIES[message.severity],
        "timestamp": int(message.at.timestamp()),
    }
    if message.url and len(message.url) <= MOST_URL:
        body |= {"url": message.url, "url_title": "Open in corsdash"}
    return body
