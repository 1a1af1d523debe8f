"""Apprise: over a hundred more services, once an admin has accepted that it does not pass the outbound guard."""

from apis.alerting.channels.apprise.sending import clean, destination, send, warning
from apis.alerting.channels.kind import ChannelKind, Field

KIND = ChannelKind(
    name="apprise",
    label="Apprise",
    group="E-mail and code",
    icon="send",
    summary="Over 100 more services. An admin must accept that it bypasses the outbound guard.",
    fields=(Field("url", "Apprise URL", "Such as gotify://host/token. It is encrypted and never shown again."),),
    clean=clean,
    destination=destination,
    send=send,
    warning=warning,
)
