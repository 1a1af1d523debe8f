"""Parts of a message that several kinds share: an API by name, a change in one phrase, a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apis.ui.tags import duration

type Words = dict[str, Any]
"""Fields of a `Message`, by name."""


def api_words(data: dict[str, Any]) -> Words:
    """Return the first API that a message is about, by name and place."""
    api = data["api"]
    return {"source": api["name"] or api["api_id"], "group": f"{api['account']}, {api['region']}"}


def named(data: dict[str, Any]) -> str:
    """Return the APIs that a message is about, in one phrase."""
    api, total = data["api"], data.get("apis_total", 1)
    more = f" and {total - 1} more API{'' if total == 2 else 's'}" if total > 1 else ""
    return f"{api['name'] or api['api_id']} ({api['account']}, {api['region']}){more}"


def change_phrase(change: dict[str, Any] | None, since: str | None = None) -> str:
    """Return a change in one phrase: what, by whom, and how long before the first failure."""
    if not change:
        return ""
    actor = (change["actor"] or "").rpartition(":")[2]
    who = f" by {actor}" if actor else ""
    when = f", {utc(change['at'])}"
    if since and change["at"] and change["at"] <= since:
        seconds = (datetime.fromisoformat(since) - datetime.fromisoformat(change["at"])).total_seconds()
        when += f" ({duration(seconds)} before the first failure)"
    group = change.get("group")
    if group:
        return f"bulk change “{group['title'] or group['id']}”{who}{when}"
    return f"change #{change['id']}{who}: {change['summary'] or 'no difference'}{when}"


def utc(text: str | None) -> str:
    """Return a time of a message's data, in UTC."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"
