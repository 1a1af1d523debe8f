"""The probe form. `probe_edits` validates it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.models import User

from apis.cors.routing import sample_path
from apis.errors import InvalidFields
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import EXPECTATIONS, Probe
from apis.probing.runs import live_check
from apis.probing.sets.suggestions import listed_origins

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
INTERVALS = ((30, "30 seconds"), (60, "1 minute"), (300, "5 minutes"), (900, "15 minutes"), (3600, "1 hour"))


RETRIES = ((0, "No retry"), (15, "15 seconds"), (30, "30 seconds"), (60, "1 minute"))
_SHORT_NUMBER = forms.NumberInput(attrs={"class": "short"})


_LISTS = ("headers", "readable_headers")


class ProbeForm(forms.Form):
    """A scheduled call and what is expected of it."""

    origin = forms.CharField(
        max_length=300,
        help_text="The calling page's scheme, host and port. null is a sandboxed page.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "https://app.example.com", "list": "origins"}),
    )
    method = forms.ChoiceField(
        choices=[(name, name) for name in METHODS],
        help_text="Only GET, HEAD and OPTIONS are sent. Other methods send the preflight alone.",
    )
    base_url = forms.ChoiceField(label="Invoke URL", help_text="One of the API's URLs.")
    path = forms.CharField(
        max_length=1000,
        help_text="Suggestions come from the API's routes. May include a query string.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "/items", "list": "paths"}),
    )
    headers = forms.CharField(
        required=False,
        label="Request headers",
        help_text="Names of headers that scripts set, separated by commas.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "content-type, authorization"}),
    )
    credentials = forms.BooleanField(
        required=False,
        label="With credentials",
        help_text="Like fetch() with credentials: “include”, which sends cookies.",
    )
    safe = forms.BooleanField(
        required=False,
        label="This method is safe to call",
        help_text="Sends the actual request too. It may change data behind the API.",
    )
    secret_header = forms.CharField(
        required=False,
        label="Secret header",
        help_text="A request header with a stored value, such as an API key or a test token.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "x-api-key"}),
    )
    secret = forms.CharField(
        required=False,
        strip=False,
        label="Secret value",
        help_text="Encrypted, never shown again, sent to this API's addresses only. Leave blank to keep it.",
        widget=forms.PasswordInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    expect = forms.ChoiceField(
        choices=Probe.Expect,
        label="Expected result",
        help_text="Blocked verifies that an origin has no access.",
        widget=forms.RadioSelect,
    )
    readable_headers = forms.CharField(
        required=False,
        label="Readable headers",
        help_text="Response headers that script must be able to read, separated by commas.",
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "x-request-id"}),
    )
    status = forms.CharField(
        required=False,
        label="Response status",
        help_text="A status or a range. Of the preflight, where only that is sent.",
        widget=forms.TextInput(attrs={"class": "short", "placeholder": "200-299"}),
    )
    min_max_age = forms.IntegerField(
        required=False, label="Minimum Max-Age", help_text="In seconds.", widget=_SHORT_NUMBER
    )
    max_latency = forms.IntegerField(
        required=False, label="Maximum latency", help_text="In milliseconds, all requests together.",
        widget=_SHORT_NUMBER,
    )  # fmt: skip
    certificate_days = forms.IntegerField(
        required=False, label="Certificate valid for", help_text="In days from now.", widget=_SHORT_NUMBER
    )
    same_on_every_host = forms.BooleanField(
        required=False,
        label="Same on every host",
        help_text="Calls every address of the API in each run and compares the CORS headers.",
    )
    interval = forms.TypedChoiceField(coerce=int, label="Interval")
    failures = forms.IntegerField(
        min_value=1, max_value=100, label="Down after", help_text="Failures in a row.", widget=_SHORT_NUMBER
    )
    retry_interval = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label="Retry a failure after", choices=RETRIES
    )
    recoveries = forms.IntegerField(
        required=False, min_value=1, max_value=100, label="Up again after", help_text="Passes in a row.",
        widget=_SHORT_NUMBER,
    )  # fmt: skip
    name = forms.CharField(max_length=100, required=False, help_text="Leave blank to use method, path and origin.")
    enabled = forms.BooleanField(required=False, label="Run on schedule")

    def __init__(self, api: HttpApi, probe: Probe | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(probe or Probe(), name) for name in probe_edits.FIELDS}
        for name in _LISTS:
            initial[name] = ", ".join(initial[name])
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
        retries = dict(RETRIES)
        if probe and probe.retry_interval not in retries:
            retries[probe.retry_interval] = f"{probe.retry_interval} seconds"
        self.fields["retry_interval"].choices = sorted(retries.items())  # type: ignore[attr-defined]
        self.origins = listed_origins(api.policy)
        self.paths = paths_of(api)

    @property
    def has_request_options(self) -> bool:
        """Whether a rarely used part of the request is set or has an error."""
        return self._is_used("safe", "secret_header", "secret")

    @property
    def has_expectations(self) -> bool:
        """Whether something is expected besides the verdict, or has an error."""
        return self._is_used(*EXPECTATIONS)

    def _is_used(self, *names: str) -> bool:
        return any(self[name].value() not in (None, "", False) or self[name].errors for name in names)

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, as `probe_edits` takes it; what was left blank keeps its value."""
        values = dict(self.cleaned_data)
        for name in _LISTS:
            values[name] = [one for one in values[name].replace(",", " ").split() if one]
        for name in ("retry_interval", "recoveries"):
            if values[name] is None:
                del values[name]
        values["secret"] = values["secret"] or None
        return values

    def save(self, user: User) -> Probe | None:
        """Create or change the probe; None when a value is invalid, which the form then shows."""
        return self._or_show_errors(lambda: probe_edits.save(self.api, self.values, user, self.probe))

    def try_now(self, user: User) -> live_check.LiveCheck | None:
        """Store the call to be tried once; None when a value is invalid, which the form then shows."""
        secret = self.values["secret"] or (self.probe.secret if self.probe else None)
        return self._or_show_errors(lambda: live_check.prepare(self.api, self.values | {"secret": secret}, user))

    def _or_show_errors[T](self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except InvalidFields as error:
            for field, message in error.errors.items():
                self.add_error(field, message)
            return None


def paths_of(api: HttpApi) -> list[str]:
    """Return a path for each of an API's routes, variables filled in."""
    routes = routes_of(api) or ()
    return sorted({path for route in routes if (path := sample_path((route,), route.method))})
