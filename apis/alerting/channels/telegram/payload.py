"""The body of a Telegram message: https://core.telegram.org/bots/api#sendmessage."""

from __future__ import annotations

from html import escape
from typing import Any

from apis.alerting.channels.message import Message, cut, labeled

ICONS = {"critical": "🚨", "error": "🔴", "warning": "⚠️", "info": "ℹ️"}
MOST_TITLE, MOST_FACT = 1000, 900
"""A message may have 4096 characters after its tags are read."""


def payload(message: Message, chat: str) -> dict[str, Any]:
    """Return the text as Telegram's HTML."""
    icon = "🟢" if message.status == "resolved" else ICONS[message.severity]
    lines = [f"{icon} <b>{escape(cut(message.title, MOST_TITLE), quote=False)}</b>"]
    lines += [labeled(label, escape(cut(text, MOST_FACT), quote=False), "<b>{}:</b> ") for label, text in message.facts]
    if message.url:
        lines.append(f'<a href="{escape(message.url)}">Open in corsdash</a>')
    return {
        "chat_id": chat,
        "text": "\n".join(lines),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
