"""Push messages through ntfy, ntfy.sh or your own server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from apis.alerting.channels.http import UNREADABLE, clean_text, clean_url, host_of, post_json
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.message import Message
from apis.alerting.channels.ntfy.payload import payload
from apis.alerting.channels.outcome import Outcome
from apis.alerting.models import Channel
from apis.errors import InvalidInput

EXAMPLE = "https://ntfy.sh/my-topic"


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """Return a checked topic URL and access token, if any. Raises InvalidInput."""
    url = clean_url(values.get("url", ""), EXAMPLE)
    if not re.fullmatch(r"[\w-]{1,64}", _topic(url)):
        raise InvalidInput(f"Must end with the topic, as in {EXAMPLE}.", "url")
    secret = values.get("secret", "")
    return {"url": url, "secret": clean_text(secret, "secret", "an access token") if secret.strip() else ""}


def send(channel: Channel, message: Message) -> Outcome:
    """Send one message: as JSON it goes to the server's root and names its topic."""
    if not channel.url:
        return Outcome(UNREADABLE, final=True)
    topic = _topic(channel.url)
    root = channel.url.partition("?")[0].rstrip("/").removesuffix(topic)
    token = (("Authorization", f"Bearer {channel.secret}"),) if channel.secret else ()
    return post_json(root, payload(message, topic), token)


def _topic(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


KIND = ChannelKind(
    name="ntfy",
    label="ntfy",
    group="Push",
    icon="terminal",
    summary="A push message to everyone who subscribed to a topic.",
    fields=(
        Field("url", "Topic URL", f"The server and the topic, such as {EXAMPLE}.", "url"),
        Field("secret", "Access token", "For a topic that is protected.", required=False),
    ),
    clean=clean,
    destination=host_of,
    send=send,
)
