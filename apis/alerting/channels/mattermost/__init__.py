"""Mattermost and Rocket.Chat, through an incoming webhook."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.mattermost.payload import payload
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel

EXAMPLE = "https://chat.example.com/hooks/XXXX"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked URL. Raises InvalidInput."""
    return {"url": clean_url(values.get("url", ""), EXAMPLE)}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    return post_json(channel.url, payload(message)) if channel.url else Outcome(UNREADABLE, final=True)


KIND = ChannelKind(
    name="mattermost",
    label="Mattermost or Rocket.Chat",
    group="Chat",
    icon="server",
    summary="A message in a channel of your own server.",
    fields=(Field("url", "Webhook URL", "The URL of an incoming webhook.", "url"),),
    clean=clean,
    destination=host_of,
    send=send,
)
