"""The form below a plan."""

from __future__ import annotations

from django import forms

_MOST_VERSION, _MOST_ID = 2_000_000_000, 2**63 - 1


class PlanForm(forms.Form):
    """What a plan's page sends besides the six fields; `version` is the configuration that the person saw."""

    version = forms.IntegerField(required=False, min_value=1, max_value=_MOST_VERSION)
    reverts = forms.IntegerField(required=False, min_value=1, max_value=_MOST_ID)
    note = forms.CharField(required=False, max_length=500)
    guard = forms.BooleanField(required=False)

    def number(self, name: str) -> int | None:
        """Return `version` or `reverts`; None where the form has none, or something else there."""
        found: int | None = None if name in self.errors or not self.is_bound else self.cleaned_data.get(name)
        return found
