"""The forms of this room; what they may hold is decided by `channels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from apis.alerting.channels import KINDS
from apis.alerting.models import Channel

FIELDS: dict[str, tuple[str, str, str]] = {
    "url": ("URL", "Each message is posted to it as JSON.", "url"),
    "address": ("E-mail address", "One address; a mailing list is one, too.", "email"),
    "secret": ("Signing secret", "The receiver checks signatures with it. Empty: one is made and shown once.", "text"),
}
"""Label, description and input type of each field that a kind of channel may have."""


class ChannelForm(forms.Form):
    """A channel of one kind, new or stored; a stored address or secret is kept when its field is left empty."""

    name = forms.CharField(max_length=100, help_text="What people call it, such as: payments on call.")

    def __init__(self, *args: Any, kind: str, channel: Channel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in KINDS[kind].FIELDS:
            label, help_text, input_type = FIELDS[name]
            secret = name in ("url", "secret")
            if channel and secret:
                help_text = "Stored, and not shown again. Leave it empty to keep it."
            attrs = {"type": input_type, "class": "mono", "autocomplete": "off", "spellcheck": "false"}
            self.fields[name] = forms.CharField(
                label=label,
                help_text=help_text,
                max_length=2000,
                required=name != "secret" and not (channel and secret),
                initial=getattr(channel, name) if channel and not secret else "",
                widget=forms.TextInput(attrs=attrs),
            )
        # Last, below the fields of the kind.
        self.fields["proposals"] = forms.BooleanField(
            label="Proposals, too",
            help_text="Tell it of changes that wait for approval, and of what becomes of them.",
            required=False,
            initial=channel.proposals if channel else False,
        )
        if channel:
            self.fields["name"].initial = channel.name

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the verb had against the values."""
        for field, message in errors.items():
            self.add_error(field if field in self.fields else None, message)


class AcknowledgeForm(forms.Form):
    """Somebody takes care."""

    note = forms.CharField(
        max_length=500,
        required=False,
        help_text="What you found or what you are about to do.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
