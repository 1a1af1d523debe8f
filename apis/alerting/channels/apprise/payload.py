"""What Apprise is given to send: https://github.com/caronc/apprise/wiki/Development_API."""

from __future__ import annotations

from apis.alerting.channels.message import Message, cut

TYPES = {"critical": "failure", "error": "failure", "warning": "warning", "info": "info"}
"""Apprise's words for our severities."""


def payload(message: Message) -> dict[str, str]:
    """Return the title, the text in plain lines and the type; Apprise shortens them to what each service takes."""
    kind = "success" if message.status == "resolved" else TYPES[message.severity]
    return {"title": cut(message.title, 250), "body": message.text or message.title, "notify_type": kind}
