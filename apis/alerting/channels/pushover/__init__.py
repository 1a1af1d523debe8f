"""Push messages through Pushover."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_text, clean_url, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.pushover.payload import payload
from apis.alerting.models import Channel
from apis.errors import InvalidInput

URL = "https://api.pushover.net/1/messages.json"
KEY = re.compile(r"[A-Za-z0-9]{30}")


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked token, user key and URL. Raises InvalidInput."""
    token = clean_text(values.get("secret", ""), "secret", "the application's API token")
    user = clean_text(values.get("address", ""), "address", "the user or group key")
    for value, field in ((token, "secret"), (user, "address")):
        if not KEY.fullmatch(value):
            raise InvalidInput("Must have 30 letters and digits.", field)
    return {"secret": token, "address": user, "url": clean_url(values.get("url", ""), URL, URL)}


def destination(channel: Channel) -> str:
    """Return the user or group, by the first characters of its key."""
    return f"user {channel.address[:5]}…"


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    if not channel.url or not channel.secret:
        return Outcome(UNREADABLE, final=True)
    return post_json(channel.url, payload(message, channel.secret, channel.address))


KIND = ChannelKind(
    name="pushover",
    label="Pushover",
    group="Push",
    icon="monitor",
    summary="A push message to a phone.",
    fields=(
        Field("secret", "API token", "Of the application that you made for corsdash at Pushover."),
        Field("address", "User or group key", "Who gets the messages."),
        Field("url", "Messages URL", f"Leave blank for {URL}.", "url", required=False),
    ),
    clean=clean,
    destination=destination,
    send=send,
)
