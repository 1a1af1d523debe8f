"""The form of a bulk edit."""

from __future__ import annotations

from typing import Any

from django import forms

from apis.cors.formats import FormatError, read_list
from apis.cors.policy import HEADER_OF_FIELD, LIST_FIELDS, PolicyError
from apis.editing.bulk.operation import Operation
from apis.editing.grants.forms import LengthForm
from apis.editing.panel.presets import permanent_policy
from apis.errors import InvalidInput
from apis.inventory.search import named, named_fully

VERBS = (("add", "Add"), ("remove", "Remove"), ("set", "Set"), ("copy", "Copy"))
_INPUTS = {
    "add": {"field", "entries", "count", "unit"},
    "remove": {"field", "entries"},
    "set": {"max_age", "credentials"},
    "copy": {"source"},
}
_INPUT_OF = {"MaxAge": "max_age", "AllowCredentials": "credentials", "lasts": "count"}


class BulkForm(LengthForm):
    """What to do to each API: `operation` is the result, `not_copied` the origins that a copy leaves out.

    A copy leaves out origins with temporary access at its source: nothing would remove them elsewhere.
    """

    verb = forms.ChoiceField(choices=VERBS, error_messages={"required": "Choose what to do."})
    field = forms.ChoiceField(required=False, choices=[(name, HEADER_OF_FIELD[name]) for name in LIST_FIELDS])
    entries = forms.CharField(
        required=False,
        help_text="One per line or separated by commas. Other entries stay unchanged.",
        widget=forms.Textarea(
            attrs={"class": "mono", "rows": 3, "spellcheck": "false", "placeholder": "https://app.example.com"}
        ),
    )
    max_age = forms.IntegerField(
        required=False,
        min_value=-1,
        max_value=999_999_999,
        label="Access-Control-Max-Age",
        help_text="In seconds. Leave blank to keep it unchanged.",
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter a whole number of seconds, such as 600."},
    )
    credentials = forms.ChoiceField(
        required=False,
        label="Access-Control-Allow-Credentials",
        help_text="Whether browsers may send cookies.",
        choices=[("", "Unchanged"), ("on", "Yes"), ("off", "No")],
    )
    source = forms.CharField(
        required=False,
        label="Copy from",
        help_text="API id or name. Copies all six fields, also to APIs where CORS is off.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["count"].required = False

    def clean(self) -> dict[str, Any]:
        """Make the operation from the inputs of the verb; what is in the others does not matter."""
        data = super().clean()
        for name in [*self.errors]:
            if name not in {"verb", "note"} | _INPUTS.get(data.get("verb", ""), set()):
                del self.errors[name]
        if self.errors:
            return data
        data["not_copied"] = []
        try:
            if data["verb"] == "set":
                data["operation"] = self._settings(data)
            elif data["verb"] == "copy":
                data["operation"], data["not_copied"] = self._copy(data)
            else:
                data["operation"] = self._entries(data)
        except PolicyError as error:
            self.add_error(_INPUT_OF.get(error.field, "entries"), f"{error.message[:1].upper()}{error.message[1:]}.")
        return data

    def _entries(self, data: dict[str, Any]) -> Operation | None:
        try:
            entries = read_list(data["entries"])
        except FormatError as error:
            self.add_error("entries", str(error))
            return None
        if not data["field"]:
            self.add_error("field", "Choose a list.")
        if not entries:
            self.add_error("entries", "Enter at least one entry.")
        if self.errors:
            return None
        asked: dict[str, Any] = {data["verb"]: {data["field"]: entries}}
        if data["verb"] == "add" and data["field"] == "AllowOrigins" and data.get("lasts"):
            asked["lasts"] = data["lasts"]
        return Operation.from_json(asked)

    def _settings(self, data: dict[str, Any]) -> Operation | None:
        fields: dict[str, Any] = {}
        if data["max_age"] is not None:
            fields["MaxAge"] = data["max_age"]
        if data["credentials"]:
            fields["AllowCredentials"] = data["credentials"] == "on"
        if not fields:
            self.add_error("max_age", "Enter a max-age, or choose whether to allow credentials.")
            return None
        return Operation.from_json({"set": fields})

    def _copy(self, data: dict[str, Any]) -> tuple[Operation | None, list[str]]:
        if not data["source"]:
            self.add_error("source", "Enter the name or id of an API.")
            return None, []
        try:
            source = named(data["source"])
        except InvalidInput as error:
            self.add_error("source", error.message)
            return None, []
        policy, left_out = permanent_policy(source)
        return Operation(copy=policy, copied_from=named_fully(source)), left_out
