"""Making, changing and deleting status pages, and the tokens of their links."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from apis.access import audit
from apis.access.audit import By
from apis.alerting.status_pages.models import StatusPage
from apis.errors import AppError, InvalidFields
from apis.inventory.models import Account, HttpApi

PREFIX = "cs_"
MOST_APIS = 200
"""APIs that one page shows."""


def create_page(user: By, values: Mapping[str, Any]) -> tuple[StatusPage, str]:
    """Make a page; returns it and its token, which can never be read again; "" unless it is public.

    Raises InvalidFields.
    """
    page = StatusPage()
    token = _save(page, values)
    entry = audit.record(user, "added a status page", page.name, public=page.is_public)
    if entry.actor:
        StatusPage.objects.filter(pk=page.pk).update(created_by=entry.actor)
    return page, token


def change_page(user: By, page: StatusPage, values: Mapping[str, Any]) -> str:
    """Change a page; what is left out of `values` stays as it is. Raises InvalidFields.

    Returns the token when the page becomes public, else "". One that is public no longer loses its token for good.
    """
    token = _save(page, values)
    audit.record(user, "changed a status page", page.name, fields=sorted(values), public=page.is_public)
    return token


def regenerate_token(user: By, page: StatusPage) -> str:
    """Replace the token of a public page and return it; the old link stops at once. Raises AppError."""
    token, digest = _new_token()
    if not StatusPage.objects.filter(pk=page.pk).exclude(digest=None).update(digest=digest):
        raise AppError("The page is for signed-in people only: it has no link to regenerate.")
    page.digest = digest
    audit.record(user, "regenerated the link of a status page", page.name)
    return token


def delete_page(user: By, page: StatusPage) -> None:
    """Delete a page; its link, badges and feeds stop at once."""
    name = page.name
    page.delete()
    audit.record(user, "deleted a status page", name)


def page_of(token: str) -> StatusPage | None:
    """Return the public page whose token this is."""
    if not token.startswith(PREFIX):
        return None
    return StatusPage.objects.filter(digest=_digest(token)).first()


def _new_token() -> tuple[str, str]:
    token = PREFIX + secrets.token_urlsafe(30)
    return token, _digest(token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _save(page: StatusPage, values: Mapping[str, Any]) -> str:
    errors: dict[str, str] = {}
    page.name = " ".join(str(values.get("name", page.name)).replace("\0", "").split())
    if not page.name or len(page.name) > 100:
        errors["name"] = "Enter a name of at most 100 characters."
    page.selection = values.get("selection", page.selection)
    if page.selection not in StatusPage.Selection.values:
        errors["selection"] = f"Must be one of: {', '.join(StatusPage.Selection.values)}."
    page.show_origins = bool(values.get("show_origins", page.show_origins))
    apis = _select(page, values, errors)
    token = ""
    if values.get("public", page.is_public) and not page.is_public:
        token, page.digest = _new_token()
    elif not values.get("public", page.is_public):
        page.digest = None
    if errors:
        raise InvalidFields(errors)
    try:
        with transaction.atomic():
            page.save()
            if apis is not None:
                page.apis.set(apis)
    except IntegrityError:
        raise InvalidFields({"name": "Another status page has this name."}) from None
    return token


def _select(page: StatusPage, values: Mapping[str, Any], errors: dict[str, str]) -> list[HttpApi] | None:
    """Set which APIs the page shows, and clear what its kind of selection does not use; returns the chosen APIs.

    None: they stay as they are.
    """
    if "account" in values:
        page.account = Account.objects.filter(pk=values["account"]).first() if values["account"] else None
        if values["account"] and page.account is None:
            errors["account"] = "There is no account with this id."
    if "tag" in values:
        key, _, value = str(values["tag"] or "").strip().partition("=")
        page.tag_key, page.tag_value = key.strip(), value.strip()
        if len(page.tag_key) > 128 or len(page.tag_value) > 256 or "\0" in key + value or (value and not page.tag_key):
            errors["tag"] = "Enter a tag as key or key=value."
    match page.selection:
        case StatusPage.Selection.ACCOUNT:
            page.tag_key = page.tag_value = ""
            if page.account is None:
                errors.setdefault("account", "Choose an account.")
            return []
        case StatusPage.Selection.TAG:
            if not page.tag_key:
                errors.setdefault("tag", "Enter a tag as key or key=value.")
            return []
    page.account, page.tag_key, page.tag_value = None, "", ""
    if "apis" not in values:
        if page.pk is None or not page.apis.exists():
            errors["apis"] = "Choose at least one API."
        return None
    wanted = set(values["apis"] or ())
    found = list(HttpApi.objects.filter(pk__in=wanted))
    if not wanted:
        errors["apis"] = "Choose at least one API."
    elif len(wanted) > MOST_APIS:
        errors["apis"] = f"Choose at most {MOST_APIS} APIs."
    elif len(found) < len(wanted):
        errors["apis"] = "There is no API with one of these ids."
    return found
