"""Webhooks, signed by the Standard Webhooks scheme (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from standardwebhooks import Webhook

from apis import outbound
from apis.alerting.channels.outcome import Message, Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput

FIELDS = ("url", "secret")
PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
TIMEOUT_S = 10
LONGEST_WAIT_S = 3600.0
"""The most that a receiver's Retry-After is heeded for, in seconds."""


def clean(values: dict[str, str]) -> dict[str, str]:
    """A checked address and a secret, made when none is given."""
    return {"url": _url(values.get("url", "")), "secret": _secret(values.get("secret", ""))}


def destination(channel: Channel) -> str:
    """The receiver's host; the rest of the address is often a secret itself."""
    parts = urlsplit(channel.url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "The stored address cannot be read: set it anew."


def payload(message: Message) -> dict[str, Any]:
    """The body: the event's type, when it happened, and its data."""
    at = message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": message.event, "timestamp": at, "data": message.data}


def send(channel: Channel, message: Message) -> Outcome:
    """One POST. Redirects are not followed."""
    if not channel.url or not channel.secret:
        return Outcome("The channel's stored address or secret cannot be read any more: set them anew.", final=True)
    body = json.dumps(payload(message), ensure_ascii=False, separators=(",", ":"))
    now = timezone.now().astimezone(UTC)
    headers = (
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", "corsdash-webhook"),
        ("webhook-id", message.id),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", Webhook(channel.secret).sign(message.id, now, body)),
    )
    call = outbound.Call("POST", channel.url, headers, body=body.encode(), timeout_s=TIMEOUT_S)
    reply = outbound.send(call, outbound.from_settings())
    if isinstance(reply, outbound.Failure):
        return Outcome(reply.message)
    if 200 <= reply.status < 300:
        return Outcome(status=reply.status)
    if reply.status == 410:
        return Outcome("The receiver answered 410 Gone: it wants no more messages.", 410, final=True, gone=True)
    if 300 <= reply.status < 400:
        return Outcome(f"The receiver answered {reply.status}, a redirect; redirects are not followed.", reply.status)
    wait = _retry_after(reply.headers) if reply.status in (429, 503) else None
    return Outcome(f"The receiver answered HTTP {reply.status}.", reply.status, retry_after=wait)


def _retry_after(headers: Any) -> float | None:
    """The seconds that a Retry-After asks for; its other form, a date, is rare enough to leave to the schedule."""
    value = next((value for name, value in headers if name.lower() == "retry-after"), "")
    return min(float(value), LONGEST_WAIT_S) if value.isdecimal() else None


def _url(given: str) -> str:
    url = given.strip()
    if not url:
        raise InvalidInput("Needed: the address that messages are posted to, such as https://example.com/hook.", "url")
    if len(url) > 2000 or not url.isascii() or any(sign <= " " or sign in '"<>\\^`{|}\x7f' for sign in url):
        raise InvalidInput("Must be at most 2000 plain characters without blanks; write others as %XX.", "url")
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise InvalidInput("This is not an address: look at its host and port.", "url") from None
    if parts.scheme not in ("https", "http"):
        raise InvalidInput("Must begin with https:// (or http://, inside your own network).", "url")
    if not parts.hostname or not port_ok:
        raise InvalidInput("A host is missing, as in https://example.com/hook.", "url")
    if "@" in parts.netloc:
        raise InvalidInput("Must not hold a user name or password: the messages are signed instead.", "url")
    if "#" in url:
        raise InvalidInput("Must not hold a # part: it would never be sent.", "url")
    return url


def _secret(given: str) -> str:
    text = given.strip().removeprefix(PREFIX)
    if not text:
        return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    try:
        size = len(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        size = 0
    if size not in SECRET_BYTES:
        raise InvalidInput(
            "Must be whsec_ and the base64 of 24 to 64 bytes. Leave it empty to have one made.", "secret"
        )
    return PREFIX + text
