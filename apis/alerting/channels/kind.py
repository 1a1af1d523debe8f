"""What a kind of channel declares: its form, how its values are checked, and how it sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel

FieldName = Literal["url", "address", "secret", "account"]
WRITE_ONLY = ("url", "secret")
"""Fields that are encrypted and never shown again: an address of a webhook is often a secret itself."""

Group = Literal["Chat", "On-call", "Push", "E-mail and code"]
GROUPS: tuple[Group, ...] = ("Chat", "On-call", "Push", "E-mail and code")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind's form; it is stored in the column of Channel with the same name."""

    name: FieldName
    label: str
    help_text: str = ""
    input_type: str = "text"
    required: bool = True

    @property
    def is_write_only(self) -> bool:
        """Whether it is never shown again."""
        return self.name in WRITE_ONLY


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel: one folder of this package, found by `registry`.

    `clean` returns the kind's fields as they are stored and raises InvalidInput. `destination` says where messages go,
    without what is secret in it. `send` tries once, within about ten seconds, and raises nothing for the receiver's
    fault. `warning` says what on this machine keeps messages from leaving, or "".
    """

    name: str
    label: str
    group: Group
    icon: str
    summary: str
    fields: tuple[Field, ...]
    clean: Callable[[Mapping[str, str]], dict[str, str]]
    destination: Callable[[Channel], str]
    send: Callable[[Channel, Message], Outcome]
    warning: Callable[[], str] = lambda: ""
    makes_secret: bool = False
    """Whether a signing secret is made when none is given."""
    is_for_people: bool = True
    """Whether it sends a title and text, which a channel's templates can replace; others send data."""

    @property
    def field_names(self) -> tuple[str, ...]:
        """The columns of Channel that it uses."""
        return tuple(field.name for field in self.fields)
