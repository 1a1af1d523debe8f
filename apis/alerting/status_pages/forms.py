"""The form of a status page; what it may hold is decided by `edits`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from apis.alerting.status_pages.models import StatusPage
from apis.errors import InvalidInput
from apis.inventory.models import Account, HttpApi


class StatusPageForm(forms.Form):
    """A status page, new or stored."""

    name = forms.CharField(max_length=100, help_text="The page's title. Visitors see it.")
    public = forms.ChoiceField(
        label="Visible to",
        choices=[("yes", "Anyone with the link"), ("no", "Signed-in people")],
        widget=forms.RadioSelect,
        initial="yes",
    )
    selection = forms.ChoiceField(
        label="APIs", choices=StatusPage.Selection.choices, widget=forms.RadioSelect, initial="account"
    )
    account = forms.ChoiceField(required=False, help_text="Narrows a tag as well.")
    tag = forms.CharField(required=False, max_length=400, help_text="key or key=value.")
    apis = forms.CharField(
        label="API ids",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text="Such as a1b2c3d4e5, separated by spaces or lines.",
    )
    show_origins = forms.BooleanField(
        label="Show allowed origins", required=False, help_text="Origins that probes expect to be allowed."
    )

    def __init__(self, given: Any = None, page: StatusPage | None = None) -> None:
        super().__init__(given, initial=_initial(page) if page else None)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *((str(one.pk), one.name) for one in Account.objects.all())]

    def values(self) -> dict[str, Any]:
        """Return the values as the verbs take them. Raises InvalidInput."""
        given = self.cleaned_data
        values = {
            "name": given["name"],
            "public": given["public"] == "yes",
            "selection": given["selection"],
            "account": int(given["account"] or 0),
            "tag": given["tag"],
            "show_origins": given["show_origins"],
        }
        if given["selection"] == StatusPage.Selection.APIS:
            values["apis"] = _ids_of(given["apis"].replace(",", " ").split())
        return values

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the verb had against the values."""
        for field, message in errors.items():
            self.add_error(field if field in self.fields else None, message)


def _ids_of(api_ids: list[str]) -> list[int]:
    found: dict[str, list[int]] = {}
    for pk, api_id in HttpApi.objects.filter(api_id__in=api_ids, gone_at=None).values_list("pk", "api_id"):
        found.setdefault(api_id, []).append(pk)
    for api_id in api_ids:
        if api_id not in found:
            raise InvalidInput(f"There is no API with the id {api_id}.", "apis")
        if len(found[api_id]) > 1:
            raise InvalidInput(f"Several accounts have an API with the id {api_id}.", "apis")
    return [pk for pks in found.values() for pk in pks]


def _initial(page: StatusPage) -> dict[str, Any]:
    return {
        "name": page.name,
        "public": "yes" if page.is_public else "no",
        "selection": page.selection,
        "account": str(page.account_id or ""),
        "tag": page.tag,
        "apis": "\n".join(page.apis.values_list("api_id", flat=True)),
        "show_origins": page.show_origins,
    }
