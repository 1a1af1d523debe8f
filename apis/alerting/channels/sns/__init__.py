"""Amazon SNS: publish to a topic."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apis import aws
from apis.alerting.channels.aws_account import account_of, clean_account, outcome_of
from apis.alerting.channels.http import clean_text
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.sns.payload import payload
from apis.alerting.models import Channel
from apis.errors import InvalidInput
from apis.inventory.reading.sync import reach_of

ARN = re.compile(r"arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]{1,256}")
EXAMPLE = "arn:aws:sns:eu-central-1:123456789012:alerts"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked ARN and the account to send from. Raises InvalidInput."""
    arn = clean_text(values.get("address", ""), "address", "the topic's ARN")
    if not ARN.fullmatch(arn):
        raise InvalidInput(f"Must look like {EXAMPLE}.", "address")
    return {"address": arn, "account": clean_account(values.get("account", ""), arn.split(":")[4])}


def destination(channel: Channel) -> str:
    """Return the topic."""
    return channel.address


def send(channel: Channel, message: Message) -> Outcome:
    """Publish one message."""
    account = account_of(channel)
    if isinstance(account, Outcome):
        return account
    reach, region = reach_of(account), channel.address.split(":")[3]
    return outcome_of(channel, lambda: aws.publish(reach, region, channel.address, payload(message)))


KIND = ChannelKind(
    name="sns",
    label="Amazon SNS",
    group="E-mail and code",
    icon="cloud",
    summary="A message to everyone who subscribed to a topic: e-mail, SMS, SQS, Lambda.",
    fields=(
        Field("address", "Topic ARN", f"Such as {EXAMPLE}."),
        Field("account", "Send from account", "Its credentials need sns:Publish.", required=False),
    ),
    clean=clean,
    destination=destination,
    send=send,
)
