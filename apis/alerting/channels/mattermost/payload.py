"""The body for Mattermost and Rocket.Chat, whose incoming webhooks share Slack's older attachments.

https://developers.mattermost.com/integrate/reference/message-attachments/ and
https://docs.rocket.chat/docs/integrations describe the fields used here; both know all of them.
"""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

COLORS = {"critical": "#ba2020", "error": "#d13212", "warning": "#f2a100", "info": "#0972d3"}
RESOLVED = "#037f0c"


def payload(message: Message) -> dict[str, Any]:
    """Return one attachment with a title that links to the page."""
    attachment: dict[str, Any] = {
        "fallback": cut(message.title, 1000),
        "color": RESOLVED if message.status == "resolved" else COLORS[message.severity],
        "title": cut(_plain(message.title), 1000),
        "text": "\n".join(labeled(label, _plain(cut(text, 2000)), "**{}:** ") for label, text in message.facts),
    }
    if message.url:
        attachment["title_link"] = message.url
    return {"username": "corsdash", "text": "", "attachments": [attachment]}


def _plain(text: str) -> str:
    """Return a text that mentions no one and has no markup of its own."""
    return "".join(f"\\{sign}" if sign in "\\*_[]`~#" else sign for sign in text).replace("@", "@\u200b")
