"""Opsgenie and Jira Service Management, through an API integration."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_text, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.opsgenie.payload import path, payload
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel

OPSGENIE = "https://api.opsgenie.com/v2/alerts"
JIRA = "https://api.atlassian.com/jsm/ops/integration/v2/alerts"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked key and URL. Raises InvalidInput."""
    key = clean_text(values.get("secret", ""), "secret", "the integration's API key")
    return {"secret": key, "url": clean_url(values.get("url", ""), JIRA, JIRA).rstrip("/")}


def send(channel: Channel, message: Message) -> Outcome:
    """Open or close one alert."""
    if not channel.url or not channel.secret:
        return Outcome(UNREADABLE, final=True)
    key = (("Authorization", f"GenieKey {channel.secret}"),)
    return post_json(channel.url + path(message), payload(message), key)


KIND = ChannelKind(
    name="opsgenie",
    label="Jira Service Management or Opsgenie",
    group="On-call",
    icon="bell",
    summary="An alert, closed on recovery.",
    fields=(
        Field("secret", "API key", "Of an integration of the type “API”."),
        Field("url", "Alerts URL", f"Leave blank for Jira Service Management. Opsgenie: {OPSGENIE}.", "url", False),
    ),
    clean=clean,
    destination=host_of,
    send=send,
)
