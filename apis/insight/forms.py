"""The form of a call that is to be explained; what is wrong with one is said by `explaining`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from apis.insight.explaining import Question
from apis.inventory.search import named_fully


def _mono(placeholder: str, **attrs: Any) -> dict[str, Any]:
    return {"class": "mono", "placeholder": placeholder, "autocomplete": "off", "spellcheck": "false", **attrs}


class CallForm(forms.Form):
    """A call as a page's script makes it, and the API or the six fields that it is to be judged by."""

    api = forms.CharField(
        label="API",
        help_text="Its name or id. Found by the URL when you leave it open.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "list": "api-choices",
                "hx-get": reverse_lazy("api_choices"),
                "hx-trigger": "focus once, input changed delay:150ms",
                "hx-target": "#api-choices",
            }
        ),
    )
    origin = forms.CharField(
        label="Page's origin",
        help_text="Where the script runs.",
        widget=forms.TextInput(attrs=_mono("http://localhost:3000")),
    )
    method = forms.CharField(
        help_text="As the script writes it.", widget=forms.TextInput(attrs=_mono("GET", list="method-choices"))
    )
    url = forms.CharField(
        label="URL",
        help_text="A whole URL, or a path below the API's address.",
        widget=forms.TextInput(attrs=_mono("https://abc123def4.execute-api.us-east-1.amazonaws.com/items")),
    )
    headers = forms.CharField(
        label="Request headers",
        help_text="One a line, with a value where it matters. Authorization needs no value.",
        widget=forms.Textarea(attrs=_mono("Content-Type: application/json", rows=3)),
    )
    credentials = forms.BooleanField(
        label="With cookies",
        help_text="credentials: “include”",
        widget=forms.CheckboxInput(attrs={"value": "on"}),
    )
    cors = forms.CharField(
        label="Configuration",
        help_text="Instead of what the API has: JSON, the CLI's shorthand, Terraform, CloudFormation …",
        widget=forms.Textarea(attrs=_mono("", rows=6)),
    )

    def __init__(self, question: Question, of_api: bool = False) -> None:
        """`of_api`: the page is an API's own, so that there is none to choose."""
        values: dict[str, Any] = dict(question.values)
        if question.api and values["api"]:
            values["api"] = named_fully(question.api)
        super().__init__(values, auto_id="%s")
        self.question = question
        for field in self.fields.values():
            field.required = False
        if of_api:
            del self.fields["api"]
            self.fields["url"].widget.attrs["placeholder"] = "/items"

    def clean(self) -> None:
        """What reading the call found wrong with it, at its field."""
        for name, message in self.question.errors.items():
            self.add_error(name if name in self.fields else None, message)
