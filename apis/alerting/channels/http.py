"""What the kinds that send over HTTP share: checking an address, one POST through the outbound guard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from apis import outbound
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput

TIMEOUT_S = 10
LONGEST_WAIT_S = 3600.0
"""The most that a receiver's Retry-After is heeded for, in seconds."""
UNREADABLE = "The channel's stored address or secret can no longer be decrypted. Set them again."
_REFUSED_FOR_GOOD = (400, 413, 422)
"""Statuses that say the message itself is at fault: sending it again changes nothing."""


def post_json(
    url: str, body: Mapping[str, Any], headers: Iterable[tuple[str, str]] = (), *, retry_invalid: bool = False
) -> Outcome:
    """Post a JSON body once and return what came of it. Redirects are not followed."""
    text = dump(body)
    given = (("Content-Type", "application/json; charset=utf-8"), ("User-Agent", "corsdash-webhook"), *headers)
    call = outbound.Call("POST", url, given, body=text.encode(), timeout_s=TIMEOUT_S)
    reply = outbound.send(call, outbound.from_settings())
    if isinstance(reply, outbound.Failure):
        return Outcome(reply.message)
    if 200 <= reply.status < 300:
        return Outcome(status=reply.status)
    if reply.status == 410:
        return Outcome("The receiver answered 410 Gone: it wants no more messages.", 410, final=True, gone=True)
    if 300 <= reply.status < 400:
        return Outcome(f"The receiver answered {reply.status}, a redirect; redirects are not followed.", reply.status)
    wait = _retry_after(reply) if reply.status in (429, 503) else None
    final = reply.status in _REFUSED_FOR_GOOD and not retry_invalid
    return Outcome(f"The receiver answered HTTP {reply.status}.", reply.status, retry_after=wait, final=final)


def dump(body: Mapping[str, Any]) -> str:
    """Return a body as it goes over the wire; signatures cover these characters."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _retry_after(reply: outbound.Reply) -> float | None:
    """Return the seconds that the receiver asks to wait, by header or as Discord and Telegram say it in the body.

    The header's other form, a date, is rare enough to leave to the schedule.
    """
    value = next((value for name, value in reply.headers if name.lower() == "retry-after"), "")
    if value.isdecimal():
        return min(float(value), LONGEST_WAIT_S)
    try:
        body = json.loads(reply.body)
        asked_wait = body.get("retry_after") or body["parameters"]["retry_after"]
        return min(max(float(asked_wait), 0.0), LONGEST_WAIT_S)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def clean_url(given: str, example: str = "https://example.com/hook", default: str = "") -> str:
    """Return a checked URL, the default when none is given. Raises InvalidInput."""
    url = given.strip() or default
    if not url:
        raise InvalidInput(f"Enter the URL that messages are posted to, such as {example}.", "url")
    if len(url) > 2000 or not url.isascii() or any(sign <= " " or sign in '"<>\\^`{|}\x7f' for sign in url):
        raise InvalidInput("Use at most 2000 ASCII characters without blanks; write others as %XX.", "url")
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        raise InvalidInput("This is not a URL. Check its host and port.", "url") from None
    if parts.scheme not in ("https", "http"):
        raise InvalidInput("Must begin with https:// (or http://, inside your own network).", "url")
    if not parts.hostname or not port_ok:
        raise InvalidInput(f"The host is missing, as in {example}.", "url")
    if "@" in parts.netloc:
        raise InvalidInput("Must not contain a user name or password.", "url")
    if "#" in url:
        raise InvalidInput("Must not contain a # part: it would never be sent.", "url")
    return url


def clean_text(given: str, field: str, what: str, most: int = 300) -> str:
    """Return a key, token or id without blanks around it. Raises InvalidInput."""
    text = given.strip()
    if not text:
        raise InvalidInput(f"Enter {what}.", field)
    if len(text) > most or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidInput(f"Use at most {most} printable ASCII characters without blanks.", field)
    return text


def host_of(channel: Channel) -> str:
    """Return the receiver's host; the rest of the URL is often a secret itself."""
    parts = urlsplit(channel.url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "The stored URL can no longer be decrypted."
