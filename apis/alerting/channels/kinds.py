"""The kinds of channel there are."""

from __future__ import annotations

from typing import Protocol

from apis.alerting.channels import email, webhook
from apis.alerting.channels.outcome import Message, Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput

__all__ = ["KINDS", "InvalidInput", "Kind", "Message", "Outcome", "kind_of"]


class Kind(Protocol):
    """What a module of this folder offers."""

    @property
    def FIELDS(self) -> tuple[str, ...]:
        """The fields of Channel that this kind has."""

    def clean(self, values: dict[str, str]) -> dict[str, str]:
        """The kind's fields as they are stored. Raises InvalidInput."""

    def destination(self, channel: Channel) -> str:
        """Where it goes, without what is secret in it."""

    def send(self, channel: Channel, message: Message) -> Outcome:
        """Try once, within about ten seconds. Raises nothing for the receiver's fault."""


KINDS: dict[str, Kind] = {
    Channel.Kind.WEBHOOK: webhook,
    Channel.Kind.EMAIL: email,
}


def kind_of(channel: Channel) -> Kind:
    """The kind of a channel."""
    return KINDS[channel.kind]
