"""Approval: which APIs a person may not change alone. An account, a tag or the API itself says so."""

from __future__ import annotations

from collections.abc import Iterable

from apis.editing.models import ReviewRule
from apis.inventory.models import HttpApi


def rules() -> list[ReviewRule]:
    """The tags whose APIs need approval: read once where many APIs are asked about."""
    return list(ReviewRule.objects.all())


def required(api: HttpApi, known: Iterable[ReviewRule] | None = None) -> str:
    """Why changes of this API need the approval of a second person; empty when they do not."""
    if api.needs_approval:
        return "Changes of this API need approval."
    if api.account.needs_approval:
        return f"Changes in the account {api.account.name} need approval."
    for rule in rules() if known is None else known:
        if rule.key in api.tags and rule.value in ("", str(api.tags[rule.key])):
            return f"Changes of APIs with the tag {rule} need approval."
    return ""
