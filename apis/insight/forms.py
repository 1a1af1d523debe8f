"""The form of Explain; what is wrong with a question is said by `explaining`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from apis.cors.exchange import Request
from apis.insight.explaining import CALL, Question

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
CREDENTIALS = (("", "Not known"), ("same-origin", "Same origin only"), ("include", "Include"), ("omit", "Omit"))


def _mono(placeholder: str = "", **attrs: Any) -> dict[str, Any]:
    return {"class": "mono", "placeholder": placeholder, "autocomplete": "off", "spellcheck": "false", **attrs}


def _assumed(request: Request, name: str) -> str:
    """Return a part of the call that the text does not state, as it is assumed."""
    if name == "headers":
        return ", ".join(header for header, _ in request.headers) or "none"
    return str(getattr(request, name))


class QuestionForm(forms.Form):
    """A pasted text, the parts of the call that were read from it, and the configuration to judge it by."""

    pasted = forms.CharField(
        label="Error, call or command",
        widget=forms.Textarea(
            attrs=_mono(
                "Access to fetch at 'https://…' from origin 'http://localhost:3000' has been blocked by CORS policy: …",
                rows=5,
            )
        ),
    )
    origin = forms.CharField(label="Origin", widget=forms.TextInput(attrs=_mono("https://app.example.com")))
    url = forms.CharField(label="URL", widget=forms.TextInput(attrs=_mono("https://….amazonaws.com/items")))
    method = forms.CharField(label="Method", widget=forms.TextInput(attrs=_mono("GET", list="method-choices")))
    headers = forms.CharField(
        label="Request headers", widget=forms.Textarea(attrs=_mono("content-type, authorization", rows=1))
    )
    credentials = forms.ChoiceField(label="Credentials", choices=CREDENTIALS)
    api = forms.CharField(
        label="API",
        help_text="Leave blank to detect it from the URL.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "list": "api-choices",
                "placeholder": "Name or id",
                "hx-get": reverse_lazy("api_choices"),
                "hx-trigger": "focus once, input changed delay:150ms",
                "hx-target": "#api-choices",
                "hx-swap": "innerHTML",
            }
        ),
    )
    cors = forms.CharField(
        label="CORS configuration",
        help_text="JSON, AWS CLI, Terraform, CloudFormation and other templates. Replaces the API's own configuration.",
        widget=forms.Textarea(attrs=_mono(rows=5)),
    )

    def __init__(self, question: Question, action: str, with_api: bool = True) -> None:
        """`action`: where it is sent. `with_api`: an API of the inventory may be chosen."""
        super().__init__({"pasted": question.pasted, **question.values}, auto_id="%s")
        self.question = question
        for field in self.fields.values():
            field.required = False
        for name in CALL:
            # A correction is analyzed at once.
            self.fields[name].widget.attrs |= {
                "hx-post": action,
                "hx-trigger": "change",
                "hx-encoding": "multipart/form-data",
                "hx-target": "#question",
                "hx-swap": "outerHTML",
                "hx-sync": "closest form:replace",
            }
            if question.answer and not question.values[name] and name in ("method", "headers"):
                self.fields[name].widget.attrs["placeholder"] = f"{_assumed(question.answer.request, name)} (assumed)"
            if name in question.errors:
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{name}_errors"}
        if not with_api:
            del self.fields["api"]
        elif question.answer and question.answer.ask and question.answer.ask[0].part == "api":
            self.fields["api"].help_text = ""

    def clean(self) -> None:
        """Show what is wrong with the question at its fields."""
        for name, message in self.question.errors.items():
            self.add_error(name if name in self.fields else None, message)


class LiveCheckForm(forms.Form):
    """A call to try once; what a call may be is said by `probing.runs.live_check`."""

    api = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    origin = forms.CharField(required=False)
    method = forms.CharField(required=False)
    base_url = forms.CharField(required=False)
    path = forms.CharField(required=False)
    headers = forms.CharField(required=False)
    credentials = forms.BooleanField(required=False)

    def call(self) -> dict[str, Any]:
        """Return the call as a probe has it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "api"}
        return given | {"headers": given["headers"].replace(",", " ").split()}
