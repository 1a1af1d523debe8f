"""Checking an address and handing a mail to the mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from apis.alerting.channels.email.payload import html, payload
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput

NOT_SET_UP = (
    "No mail server is set up. Set CORSDASH_EMAIL_URL, for example smtp+tls://user:password@mail.example.com:587."
)


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked address. Raises InvalidInput."""
    address = values.get("address", "").strip()
    if not address:
        raise InvalidInput("Enter an e-mail address.", "address")
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput("This is not one e-mail address, such as ops@example.com.", "address") from None
    return {"address": address}


def destination(channel: Channel) -> str:
    """Return the address."""
    return channel.address


def set_up() -> bool:
    """Return whether mail leaves this machine: without a mail server Django only prints it."""
    return not str(settings.MAILERS["default"]["BACKEND"]).endswith("console.EmailBackend")


def warning() -> str:
    """Say what keeps mails from leaving this machine, or ""."""
    return "" if set_up() else NOT_SET_UP


def send(channel: Channel, message: Message) -> Outcome:
    """Hand one message to the mail server."""
    if not set_up():
        return Outcome(NOT_SET_UP)
    subject, text = payload(message)
    try:
        mail = EmailMultiAlternatives(subject, text, to=[channel.address], headers=_headers(message))
        mail.attach_alternative(html(message), "text/html")
        mail.send()
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
    if message.key:
        # Lets mail programs put the recovery under its alert.
        headers["References"] = f"<{message.key}@{host}>"
    return headers
