"""Grafana IRM and OnCall, through a formatted webhook."""

from __future__ import annotations

from collections.abc import Mapping

from apis.alerting.channels.grafana_irm.payload import payload
from apis.alerting.channels.http import UNREADABLE, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel

EXAMPLE = "https://oncall-prod.grafana.net/oncall/integrations/v1/formatted_webhook/XXXX/"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked URL. Raises InvalidInput."""
    return {"url": clean_url(values.get("url", ""), EXAMPLE)}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    return post_json(channel.url, payload(message)) if channel.url else Outcome(UNREADABLE, final=True)


KIND = ChannelKind(
    name="grafana_irm",
    label="Grafana IRM",
    group="On-call",
    icon="activity",
    summary="An alert in Grafana IRM or OnCall, resolved on recovery.",
    fields=(Field("url", "Webhook URL", "The URL of a “Formatted webhook” integration.", "url"),),
    clean=clean,
    destination=host_of,
    send=send,
)
