"""Microsoft Teams, through a workflow (Power Automate)."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.teams.payload import payload
from apis.alerting.models import Channel

EXAMPLE = "https://example.logic.azure.com/workflows/…"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked URL. Raises InvalidInput."""
    return {"url": clean_url(values.get("url", ""), EXAMPLE)}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    return post_json(channel.url, payload(message)) if channel.url else Outcome(UNREADABLE, final=True)


KIND = ChannelKind(
    name="teams",
    label="Microsoft Teams",
    group="Chat",
    icon="users",
    summary="An Adaptive Card in a Teams chat or channel.",
    fields=(Field("url", "Webhook URL", "The URL of the workflow “Send webhook alerts to a channel”.", "url"),),
    clean=clean,
    destination=host_of,
    send=send,
)
