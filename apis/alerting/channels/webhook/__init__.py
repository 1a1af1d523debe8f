"""Webhooks, signed by the Standard Webhooks scheme (https://www.standardwebhooks.com)."""

from apis.alerting.channels.http import host_of
from apis.alerting.channels.kind import ChannelKind, Field
from apis.alerting.channels.webhook.sending import clean, send

KIND = ChannelKind(
    name="webhook",
    label="Webhook",
    group="E-mail and code",
    icon="webhook",
    summary="Signed JSON to your own receiver, by the Standard Webhooks scheme.",
    fields=(
        Field("url", "URL", "Each message is posted to it as JSON.", "url"),
        Field(
            "secret",
            "Signing secret",
            "The receiver checks signatures with it. Leave blank to generate one, which is shown once.",
            required=False,
        ),
    ),
    clean=clean,
    destination=host_of,
    send=send,
    makes_secret=True,
    is_for_people=False,
)
