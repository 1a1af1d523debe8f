"""Signing and sending a webhook."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC

from django.utils import timezone
from standardwebhooks import Webhook

from apis.alerting.channels.http import UNREADABLE, clean_url, dump, post_json
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.webhook.payload import payload
from apis.alerting.models import Channel
from apis.errors import InvalidInput

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked URL and a secret, made when none is given. Raises InvalidInput."""
    return {"url": clean_url(values.get("url", "")), "secret": _secret(values.get("secret", ""))}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one signed POST."""
    if not channel.url or not channel.secret:
        return Outcome(UNREADABLE, final=True)
    body = payload(message)
    now = timezone.now().astimezone(UTC)
    headers = (
        ("webhook-id", message.id),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", Webhook(channel.secret).sign(message.id, now, dump(body))),
    )
    return post_json(channel.url, body, headers, retry_invalid=True)


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
            "Must be whsec_ and the base64 of 24 to 64 bytes. Leave it blank to have one generated.", "secret"
        )
    return PREFIX + text
