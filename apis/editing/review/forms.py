"""Forms about approval: tags that need it, proposals, and what people do with a proposal."""

from __future__ import annotations

from typing import Any

from django import forms

from apis.editing.apply.forms import PlanForm
from apis.errors import InvalidInput
from apis.ui import local_time


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


class DueForm(forms.Form):
    """A time as a person types it, in their zone; `due_at` has it in UTC, None when nothing was typed."""

    when = forms.CharField(required=False, max_length=40)
    zone = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        """Read the time."""
        data: dict[str, Any] = super().clean() or {}
        try:
            data["due_at"] = local_time.read(data.get("when", ""), data.get("zone", ""))
        except InvalidInput as error:
            self.add_error("when", error.message)
        if self.needs_time() and not data.get("due_at") and "when" not in self.errors:
            self.add_error("when", "Choose a time.")
        return data

    def needs_time(self) -> bool:
        """Return whether nothing typed is an error."""
        return False


class ProposalForm(DueForm, PlanForm):
    """A plan that becomes a proposal: to be approved (`review`), or applied at a time (`schedule`)."""

    review = forms.BooleanField(required=False)
    schedule = forms.BooleanField(required=False)

    def needs_time(self) -> bool:
        """Return whether it was sent by the button that schedules."""
        return bool(self.data.get("schedule"))


class DecisionForm(DueForm):
    """What a person says to a proposal; `revision` is the plan that the person saw."""

    text = forms.CharField(required=False, max_length=4000)
    revision = forms.IntegerField(required=False, min_value=1, max_value=2_000_000_000)
    now = forms.BooleanField(required=False)
