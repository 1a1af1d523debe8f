"""The probe form; what a probe may be is said by `edit`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from apis.errors import InvalidFields
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
INTERVALS = ((30, "30 seconds"), (60, "1 minute"), (300, "5 minutes"), (900, "15 minutes"), (3600, "1 hour"))


class ProbeForm(forms.Form):
    """A call to try on a schedule, and what is expected of it."""

    origin = forms.CharField(
        max_length=300,
        help_text="The page that calls: scheme, host and port, as browsers send it. null stands for a sandboxed page.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "https://app.example.com", "list": "origins"}),
    )
    method = forms.ChoiceField(
        choices=[(name, name) for name in METHODS],
        help_text="GET, HEAD and OPTIONS are sent. Of the others only the preflight is, so that no data is changed.",
    )
    base_url = forms.ChoiceField(label="Address", help_text="One of the API's own addresses, as AWS tells them.")
    path = forms.CharField(
        max_length=1000,
        help_text="Below the address, with a query if the call has one.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "/items", "list": "paths"}),
    )
    headers = forms.CharField(
        required=False,
        label="Request headers",
        help_text="The names of the headers that script sets, with commas between them.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "content-type, authorization"}),
    )
    credentials = forms.BooleanField(
        required=False,
        label="With credentials",
        help_text="As fetch() with credentials: “include”, which sends cookies.",
    )
    expect = forms.ChoiceField(
        choices=Probe.Expect,
        label="A browser should find it",
        help_text="Blocked makes sure that an origin stays out.",
        widget=forms.RadioSelect,
    )
    interval = forms.TypedChoiceField(coerce=int, label="Every", help_text="How often it is tried.")
    failures = forms.IntegerField(
        min_value=1,
        max_value=100,
        label="Down after",
        help_text="Failures in a row until it counts as down and people are told.",
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    name = forms.CharField(
        max_length=100, required=False, help_text="Made of the method, the path and the origin when you leave it empty."
    )
    enabled = forms.BooleanField(required=False, label="Run on schedule")

    def __init__(self, api: HttpApi, probe: Probe | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(probe or Probe(), name) for name in probe_edits.FIELDS}
        initial["headers"] = ", ".join(initial["headers"])
        given = kwargs.pop("initial", None) or {}
        super().__init__(initial=initial | given, **kwargs)
        self.api, self.probe = api, probe
        addresses = base_urls(api)
        if probe and probe.base_url and probe.base_url not in addresses:
            addresses = [probe.base_url, *addresses]
        self.fields["base_url"].choices = [(url, url) for url in addresses]  # type: ignore[attr-defined]
        every = dict(INTERVALS)
        if probe and probe.interval not in every:
            every[probe.interval] = f"{probe.interval} seconds"
        self.fields["interval"].choices = sorted(every.items())  # type: ignore[attr-defined]
        if probe and probe.method not in METHODS:
            self.fields["method"].choices = [(probe.method, probe.method), *self.fields["method"].choices]  # type: ignore[attr-defined]
        self.origins = [value for value in api.policy.allow_origins if "*" not in value]
        self.paths = sorted({route.key.partition(" ")[2] for route in routes_of(api) or ()} - {""})

    def save(self, user: User) -> Probe | None:
        """Make or change the probe; None when `edit` finds something wrong, which the form then shows."""
        values = dict(self.cleaned_data)
        values["headers"] = [name for name in values["headers"].replace(",", " ").split() if name]
        try:
            return probe_edits.save(self.api, values, user, self.probe)
        except InvalidFields as error:
            for field, message in error.errors.items():
                self.add_error(field, message)
            return None
