"""Approval: which APIs a person may not change alone. An account, a tag or the API itself says so."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from apis.access import audit
from apis.editing.apply.models import ReviewRule
from apis.inventory.models import Account, HttpApi


def rules() -> list[ReviewRule]:
    """Return the tags whose APIs need approval: read once where many APIs are asked about."""
    return list(ReviewRule.objects.all())


def approval_reason(api: HttpApi, known: Iterable[ReviewRule] | None = None) -> str:
    """Return why changes of this API need the approval of a second person; empty when they do not."""
    if api.needs_approval:
        return "Changes to this API need approval."
    if api.account.needs_approval:
        return f"Changes in account {api.account.name} need approval."
    for rule in rules() if known is None else known:
        if rule.key in api.tags and rule.value in ("", str(api.tags[rule.key])):
            return f"Changes to APIs with the tag {rule} need approval."
    return ""


def require_for_tag(user: User, key: str, value: str) -> ReviewRule:
    """Require approval for APIs with a tag, with any value when it is empty. A tag that has a rule keeps it."""
    with transaction.atomic():
        rule, created = ReviewRule.objects.get_or_create(
            key=key, value=value, defaults={"created_by_name": user.get_username()}
        )
        if created:
            audit.record(user, "requires approval for a tag", rule)
    return rule


def drop_rule(user: User, rule: ReviewRule) -> None:
    """Stop requiring approval for a tag."""
    with transaction.atomic():
        audit.record(user, "no longer requires approval for a tag", rule)
        rule.delete()


def require(user: User, row: Account | HttpApi, on: bool) -> None:
    """Require approval for an account or an API, or stop requiring it."""
    what = "API" if isinstance(row, HttpApi) else "account"
    with transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(needs_approval=on)
        audit.record(user, f"{'requires' if on else 'no longer requires'} approval for an {what}", row.name)
