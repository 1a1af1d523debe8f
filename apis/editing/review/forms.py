"""Forms of this room."""

from __future__ import annotations

from django import forms


class TagForm(forms.Form):
    """A tag whose APIs need approval; any value when it is empty."""

    key = forms.CharField(
        label="Tag key",
        max_length=128,
        widget=forms.TextInput(attrs={"placeholder": "environment"}),
        error_messages={"required": "Enter the tag's key, such as environment."},
    )
    value = forms.CharField(
        label="Value", max_length=256, required=False, widget=forms.TextInput(attrs={"placeholder": "any value"})
    )
