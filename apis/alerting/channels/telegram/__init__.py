"""Telegram, through a bot."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apis.alerting.channels.http import UNREADABLE, clean_text, clean_url, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.outcome import Outcome
from apis.alerting.channels.telegram.payload import payload
from apis.alerting.models import Channel
from apis.errors import InvalidInput

SERVER = "https://api.telegram.org"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked token, chat and server. Raises InvalidInput."""
    token = clean_text(values.get("secret", ""), "secret", "the bot's token")
    if not re.fullmatch(r"\d+:[\w-]{20,}", token):
        raise InvalidInput("Must look like 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11.", "secret")
    chat = clean_text(values.get("address", ""), "address", "the chat's id", 100)
    if not re.fullmatch(r"-?\d+|@\w{4,}", chat):
        raise InvalidInput("Must be a number such as -1001234567890, or @name for a public channel.", "address")
    return {"secret": token, "address": chat, "url": clean_url(values.get("url", ""), SERVER, SERVER).rstrip("/")}


def destination(channel: Channel) -> str:
    """Return the chat."""
    return f"chat {channel.address}"


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message."""
    if not channel.url or not channel.secret:
        return Outcome(UNREADABLE, final=True)
    return post_json(f"{channel.url}/bot{channel.secret}/sendMessage", payload(message, channel.address))


KIND = ChannelKind(
    name="telegram",
    label="Telegram",
    group="Chat",
    icon="send",
    summary="A message from your bot to a chat, group or channel.",
    fields=(
        Field("secret", "Bot token", "From @BotFather."),
        Field("address", "Chat id", "A number, or @name for a public channel."),
        Field("url", "Bot API server", f"Leave blank for {SERVER}.", "url", required=False),
    ),
    clean=clean,
    destination=destination,
    send=send,
)
