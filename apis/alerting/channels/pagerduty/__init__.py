"""PagerDuty, through the Events API version 2."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_text, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.pagerduty.payload import payload
from apis.alerting.models import Channel
from apis.errors import InvalidInput

URL = "https://events.pagerduty.com/v2/enqueue"
KEY_LENGTH = 32


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked integration key and URL. Raises InvalidInput."""
    key = clean_text(values.get("secret", ""), "secret", "the integration key")
    if len(key) != KEY_LENGTH:
        raise InvalidInput(f"An integration key has {KEY_LENGTH} characters.", "secret")
    return {"secret": key, "url": clean_url(values.get("url", ""), URL, URL)}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one event."""
    if not channel.url or not channel.secret:
        return Outcome(UNREADABLE, final=True)
    return post_json(channel.url, payload(message, channel.secret))


KIND = ChannelKind(
    name="pagerduty",
    label="PagerDuty",
    group="On-call",
    icon="siren",
    summary="An alert in a PagerDuty service, resolved on recovery.",
    fields=(
        Field("secret", "Integration key", "Of the service's integration “Events API v2”."),
        Field(
            "url", "Events URL", f"Leave blank for {URL}. EU: https://events.eu.pagerduty.com/v2/enqueue.", "url", False
        ),
    ),
    clean=clean,
    destination=host_of,
    send=send,
)
