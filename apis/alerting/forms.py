"""The forms of this room; what they may hold is decided by `channels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from apis.alerting.channels import Field, kinds
from apis.alerting.models import Channel
from apis.inventory.models import Account

_USUAL = "Reason: {{ reason }}\nLikely cause: {{ cause }}\nWhat to do: {{ action }}"


class ChannelForm(forms.Form):
    """A channel of one kind, new or stored; a stored URL or secret is kept when its field is left blank."""

    name = forms.CharField(max_length=100, help_text="Shown in lists, such as “Payments on-call”.")

    def __init__(self, *args: Any, kind: str, channel: Channel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in kinds()[kind].fields:
            self.fields[one.name] = _account(one, channel) if one.name == "account" else _text(one, channel)
        # Last, below the fields of the kind.
        self.fields["proposals"] = forms.BooleanField(
            label="Also send proposal notifications",
            help_text="Changes that wait for approval, and their outcome.",
            required=False,
            initial=channel.proposals if channel else False,
        )
        if channel:
            self.fields["name"].initial = channel.name

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the verb had against the values."""
        for field, message in errors.items():
            self.add_error(field if field in self.fields else None, message)


def _text(field: Field, channel: Channel | None) -> forms.CharField:
    keeps = channel is not None and field.is_write_only and bool(getattr(channel, field.name))
    attrs = {"type": field.input_type, "class": "mono", "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        label=field.label,
        help_text="Leave blank to keep the stored value." if keeps else field.help_text,
        max_length=2000,
        required=field.required and not keeps,
        initial=getattr(channel, field.name) if channel and not field.is_write_only else "",
        widget=forms.TextInput(attrs=attrs),
    )


def _account(field: Field, channel: Channel | None) -> forms.ChoiceField:
    choices = [("", "The one that owns it"), *((str(one.pk), one.name) for one in Account.objects.all())]
    initial = str(channel.account_id or "") if channel else ""
    return forms.ChoiceField(
        label=field.label, help_text=field.help_text, choices=choices, initial=initial, required=field.required
    )


class MessageForm(forms.Form):
    """A channel's own message; empty fields mean the usual one."""

    title_template = forms.CharField(
        label="Title",
        required=False,
        help_text="One line. Leave blank for the usual title.",
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false", "placeholder": "{{ title }}"}),
    )
    body_template = forms.CharField(
        label="Text",
        required=False,
        help_text="Leave blank for the usual lines. The link to the page is added below.",
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false", "placeholder": _USUAL}),
    )


class AcknowledgeForm(forms.Form):
    """Record who acknowledged the incident."""

    note = forms.CharField(
        max_length=500,
        required=False,
        help_text="What you found or plan to do.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


LONGEST_SNOOZE_H = 720


class SnoozeForm(forms.Form):
    """For how many hours an incident is snoozed."""

    hours = forms.IntegerField(min_value=1, max_value=LONGEST_SNOOZE_H)
