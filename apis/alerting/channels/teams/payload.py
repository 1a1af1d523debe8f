"""The body for a Teams workflow: an Adaptive Card (https://adaptivecards.io/schemas/adaptive-card.json)."""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

COLORS = {"critical": "attention", "error": "attention", "warning": "warning", "info": "accent"}
MOST_BYTES = 28 * 1024
"""Teams refuses larger messages; with these limits a card stays far below."""


def payload(message: Message) -> dict[str, Any]:
    """Return a message with one card as its attachment."""
    color = "good" if message.status == "resolved" else COLORS[message.severity]
    title = {"type": "TextBlock", "text": _plain(message.title, 1000), "weight": "bolder", "wrap": True, "color": color}
    body: list[dict[str, Any]] = [title]
    for label, text in message.facts:
        body.append({"type": "TextBlock", "text": labeled(label, _plain(text, 2000), "**{}:** "), "wrap": True})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if message.url:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in corsdash", "url": message.url}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str, most: int) -> str:
    """Return a text without the signs of the cards' Markdown."""
    return "".join(f"\\{sign}" if sign in "\\*_[]`~#" else sign for sign in cut(text, most))
