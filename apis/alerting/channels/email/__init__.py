"""E-mail: one message, as text and HTML, to one address, through the mail server of CORSDASH_EMAIL_URL."""

from apis.alerting.channels.email.sending import clean, destination, send, warning
from apis.alerting.channels.kind import ChannelKind, Field

KIND = ChannelKind(
    name="email",
    label="E-mail",
    group="E-mail and code",
    icon="mail",
    summary="One message to one address or mailing list.",
    fields=(Field("address", "E-mail address", "One address; a mailing list is one, too.", "email"),),
    clean=clean,
    destination=destination,
    send=send,
    warning=warning,
)
