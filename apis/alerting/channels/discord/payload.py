"""The body of a Discord message: https://docs.discord.com/developers/resources/webhook#execute-webhook."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from apis.alerting.channels.message import Message, cut

COLORS = {"critical": 0xBA2020, "error": 0xD13212, "warning": 0xF2A100, "info": 0x0972D3}
RESOLVED = 0x037F0C
MOST_TITLE, MOST_NAME, MOST_VALUE, MOST_DESCRIPTION = 256, 256, 1024, 4096
"""Characters: https://docs.discord.com/developers/resources/message#embed-object-embed-limits."""


def payload(message: Message) -> dict[str, Any]:
    """Return one embed. No one is mentioned, whatever a name contains."""
    embed: dict[str, Any] = {
        "title": cut(message.title, MOST_TITLE),
        "color": RESOLVED if message.status == "resolved" else COLORS[message.severity],
        "timestamp": message.at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    if len(message.title) > MOST_TITLE:
        embed["description"] = cut(message.title, 2000)
    if message.url:
        embed["url"] = message.url
    if message.body:
        embed["description"] = cut(message.body, MOST_DESCRIPTION)
    elif message.facts:
        embed["fields"] = [
            {"name": cut(name, MOST_NAME), "value": cut(text, MOST_VALUE)} for name, text in message.facts
        ]
    return {"username": "corsdash", "embeds": [embed], "allowed_mentions": {"parse": []}}
