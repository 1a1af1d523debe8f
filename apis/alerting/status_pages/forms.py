"""The form of a status page; what it may hold is decided by `edits`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q

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
        label="API names or ids",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text="Such as orders-api or a1b2c3d4e5, one on each line.",
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
            values["apis"] = _ids_of(given["apis"])
        return values

    def refuse(self, errors: Mapping[str, str]) -> None:
        """Show what the verb had against the values."""
        for field, message in errors.items():
            self.add_error(field if field in self.fields else None, message)


def _ids_of(text: str) -> list[int]:
    """Return the APIs with these ids or names. A name may have spaces where it has a line of its own."""
    parts = [part for part in (one.strip() for one in re.split(r"[,\n]", text)) if part]
    said = {*parts, *text.replace(",", " ").split()}
    found: dict[str, set[int]] = {}
    names: dict[str, set[int]] = {}
    rows = HttpApi.objects.filter(Q(api_id__in=said) | Q(name__in=said), gone_at=None)
    for pk, api_id, name in rows.values_list("pk", "api_id", "name"):
        found.setdefault(api_id, set()).add(pk)
        names.setdefault(name, set()).add(pk)
    found = names | found
    chosen: dict[int, None] = {}
    for part in parts:
        for one in [part] if part in found else part.split():
            if one not in found:
                raise InvalidInput(f"There is no API with the name or id {one}.", "apis")
            if len(found[one]) > 1:
                raise InvalidInput(f"Several APIs have the name or id {one}. Enter their ids.", "apis")
            chosen.update(dict.fromkeys(found[one]))
    return list(chosen)


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
