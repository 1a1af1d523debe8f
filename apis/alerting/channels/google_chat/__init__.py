"""Google Chat, through a space's webhook."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.google_chat.payload import payload
from apis.alerting.channels.http import UNREADABLE, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel

EXAMPLE = "https://chat.googleapis.com/v1/spaces/XXXX/messages?key=XXXX&token=XXXX"
REPLY = "messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
"""Without it a webhook's messages ignore their thread."""


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked URL. Raises InvalidInput."""
    return {"url": clean_url(values.get("url", ""), EXAMPLE)}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    if not channel.url:
        return Outcome(UNREADABLE, final=True)
    return post_json(f"{channel.url}{'&' if '?' in channel.url else '?'}{REPLY}", payload(message))


KIND = ChannelKind(
    name="google_chat",
    label="Google Chat",
    group="Chat",
    icon="globe",
    summary="A card in a Google Chat space.",
    fields=(Field("url", "Webhook URL", "The URL of a webhook of the space.", "url"),),
    clean=clean,
    destination=host_of,
    send=send,
)
