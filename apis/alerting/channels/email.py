"""E-mail: one plain text message to one address, through the mail server of CORSDASH_EMAIL_URL."""

from __future__ import annotations

import smtplib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.template.loader import render_to_string

from apis.alerting.channels.outcome import Message, Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput
from apis.ui.tags import duration

FIELDS = ("address",)
_TEMPLATES = {
    "incident.opened": "opened",
    "incident.closed": "closed",
    "baseline.departed": "departed",
    "baseline.restored": "restored",
}
NOT_SET_UP = (
    "No mail server is set up. Set CORSDASH_EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587."
)


def clean(values: dict[str, str]) -> dict[str, str]:
    """A checked address."""
    address = values.get("address", "").strip()
    if not address:
        raise InvalidInput("Needed: an e-mail address.", "address")
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput("This is not one e-mail address, such as ops@example.com.", "address") from None
    return {"address": address}


def destination(channel: Channel) -> str:
    """The address."""
    return channel.address


def set_up() -> bool:
    """Whether mail leaves this machine: without a mail server Django only prints it."""
    return not str(settings.MAILERS["default"]["BACKEND"]).endswith("console.EmailBackend")


def payload(message: Message) -> tuple[str, str]:
    """Subject and text."""
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
    return subject[:250], render_to_string(f"alerting/mail/{name}.txt", context).strip() + "\n"


def send(channel: Channel, message: Message) -> Outcome:
    """Hand one message to the mail server."""
    if not set_up():
        return Outcome(NOT_SET_UP)
    subject, text = payload(message)
    try:
        EmailMessage(subject, text, to=[channel.address], headers=_headers(message)).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        return Outcome(f"The mail server refused the address with {code}.", code, final=code >= 500)
    except smtplib.SMTPResponseException as error:
        return Outcome(f"The mail server answered {error.smtp_code} ({type(error).__name__}).", _code(error.smtp_code))
    except (smtplib.SMTPException, OSError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return Outcome(f"The mail server could not be reached or hung up: {why}.")
    return Outcome(status=250)


def _code(code: int) -> int | None:
    return code if 200 <= code < 600 else None


def _headers(message: Message) -> dict[str, str]:
    host = urlsplit(settings.CORSDASH_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"}
    for what in ("incident", "departure"):
        if about := message.data.get(what):
            # Lets mail programs put the recovery under its alarm.
            headers["References"] = f"<{what}-{about['id']}@{host}>"
    return headers


def _in_lines(value: Any) -> Any:
    """The same data with each text on one line, so that no name can add lines to a mail."""
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
