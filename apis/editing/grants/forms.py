"""Forms about temporary access."""

from __future__ import annotations

from typing import Any

from django import forms

from apis.editing.grants import lifecycle
from apis.errors import InvalidInput
from apis.inventory.search import origin_of

UNITS = {"hours": 3600, "days": 86400}
USUAL_DAYS = 7


class LengthForm(forms.Form):
    """How long access lasts, as a number of hours or days; `lasts` has it in seconds."""

    count = forms.IntegerField(
        label="For",
        max_value=99_999,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "Enter a whole number, such as 7."},
    )
    unit = forms.ChoiceField(
        required=False,
        choices=[("days", "days"), ("hours", "hours")],
        widget=forms.Select(attrs={"aria-label": "Hours or days"}),
    )

    def clean(self) -> dict[str, Any]:
        """Check the length, which is one value in two fields."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("count") is not None and "unit" in data:
            data["lasts"] = data["count"] * UNITS[data["unit"] or "days"]
            try:
                lifecycle.check_length(data["lasts"])
            except InvalidInput as error:
                self.add_error("count", error.message)
        return data


class GrantForm(LengthForm):
    """Access for an origin."""

    origin = forms.CharField(
        max_length=2000,
        help_text="Scheme, host and port; a path is ignored.",
        widget=forms.TextInput(
            attrs={
                "class": "mono",
                "placeholder": "https://pr-123.preview.example.com",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )
    note = forms.CharField(required=False, max_length=400)

    def clean_origin(self) -> str:
        """Return the origin of what was typed, such as a whole URL."""
        return origin_of(self.cleaned_data["origin"])
