"""Subject, text and HTML of a mail."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from apis.alerting.channels.message import Message, cut
from apis.ui.tags import duration

_TEMPLATES = {
    "incident.opened": "opened",
    "incident.closed": "closed",
    "baseline.departed": "departed",
    "baseline.restored": "restored",
}
COLORS = {"critical": "#ba2020", "error": "#ba2020", "warning": "#8a5a00", "info": "#0972d3"}
RESOLVED = "#037f0c"


def html(message: Message) -> str:
    """Return the mail as HTML. Styles are in the elements: mail programs drop style sheets."""
    color = RESOLVED if message.status == "resolved" else COLORS[message.severity]
    context = {"message": message, "color": color, "dashboard": settings.CORSDASH_URL}
    return render_to_string("alerting/channels/email/message.html", context)


def payload(message: Message) -> tuple[str, str]:
    """Return the subject and the text."""
    if message.is_custom or not _is_worded(message):
        return _plain(message)
    name = _TEMPLATES.get(message.event, "test")
    context = {**_in_lines(message.data), "dashboard": settings.CORSDASH_URL}
    if "proposal" in message.data:
        name, context["what"] = "proposal", message.event.partition(".")[2]
        context["due"] = _utc(message.data["proposal"]["due_at"])
    if "incident" in message.data:
        context["since"] = _utc(message.data["incident"]["failing_since"])
        context["until"] = _utc(message.data["incident"]["closed_at"])
        context["down_for"] = duration(message.data["incident"]["down_seconds"])
        context["more"] = message.data["probes_total"] - len(message.data["probes"])
    if message.data.get("suspected_change"):
        context["changed_at"] = _utc(message.data["suspected_change"]["at"])
    if "departure" in message.data:
        context["at"] = _utc(message.data["departure"]["at"])
        context["ended_at"] = _utc(message.data["departure"]["ended_at"])
        context["locked_at"] = _utc(message.data["baseline"]["locked_at"])
        context["changed_at"] = _utc(message.data["change"]["at"])
    subject = " ".join(render_to_string(f"alerting/mail/{name}_subject.txt", context).split())
    text = render_to_string(f"alerting/mail/{name}.txt", context).strip()
    return subject[:250], re.sub(r"\n{3,}", "\n\n", text) + "\n"


def _is_worded(message: Message) -> bool:
    """Return whether mails about this event have a template of their own."""
    return message.event in _TEMPLATES or message.event == "test" or "proposal" in message.data


def _plain(message: Message) -> tuple[str, str]:
    """Return the title as the subject, and the whole message in lines."""
    subject = message.title if message.is_custom else f"[corsdash] {message.title}"
    lines = [message.title, "", *message.text.split("\n"), "", f"Sent by corsdash, {settings.CORSDASH_URL}", ""]
    return cut(subject, 250), "\n".join(lines)


def _in_lines(value: Any) -> Any:
    """Return the same data with each text on one line, so that no name can add lines to a mail."""
    if isinstance(value, str):
        return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())
    if isinstance(value, dict):
        return {name: _in_lines(inner) for name, inner in value.items()}
    return [_in_lines(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _utc(text: str | None) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"
