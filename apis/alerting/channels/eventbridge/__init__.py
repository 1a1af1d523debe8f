"""Amazon EventBridge: put an event on a bus."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apis import aws
from apis.alerting.channels.aws_account import account_of, clean_account, outcome_of
from apis.alerting.channels.eventbridge.payload import payload
from apis.alerting.channels.http import clean_text
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput
from apis.inventory.reading.sync import reach_of

ARN = re.compile(r"arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus/[\w./-]{1,256}")
EXAMPLE = "arn:aws:events:eu-central-1:123456789012:event-bus/default"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked ARN and the account to send from. Raises InvalidInput."""
    arn = clean_text(values.get("address", ""), "address", "the event bus's ARN")
    if not ARN.fullmatch(arn):
        raise InvalidInput(f"Must look like {EXAMPLE}.", "address")
    return {"address": arn, "account": clean_account(values.get("account", ""), arn.split(":")[4])}


def destination(channel: Channel) -> str:
    """Return the event bus."""
    return channel.address


def send(channel: Channel, message: Message) -> Outcome:
    """Put one event."""
    account = account_of(channel)
    if isinstance(account, Outcome):
        return account
    reach, region = reach_of(account), channel.address.split(":")[3]
    return outcome_of(channel, lambda: aws.put_event(reach, region, payload(message, channel.address)))


KIND = ChannelKind(
    name="eventbridge",
    label="Amazon EventBridge",
    group="E-mail and code",
    icon="route",
    summary="An event on a bus, to start your own automation.",
    fields=(
        Field("address", "Event bus ARN", f"Such as {EXAMPLE}."),
        Field("account", "Send from account", "Its credentials need events:PutEvents.", required=False),
    ),
    clean=clean,
    destination=destination,
    send=send,
    is_for_people=False,
)
