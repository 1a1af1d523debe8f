"""Account edits: add an account and change one, with their audit entries."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from apis.access import audit
from apis.errors import InvalidInput
from apis.inventory.models import Account, SyncRun
from apis.inventory.reading import sync


def add(account: Account, user: User) -> SyncRun:
    """Store a new account and its first sync, which the caller hands to the workers. Raises InvalidInput."""
    with transaction.atomic():
        _save(account)
        audit.record(user, "account added", account.name, method=account.method, regions=account.regions)
        return sync.start(user, account)


def change(account: Account, fields: Iterable[str], user: User) -> None:
    """Store a changed account; `fields` names what was changed. Raises InvalidInput."""
    with transaction.atomic():
        _save(account)
        audit.record(user, "account changed", account.name, fields=sorted(fields))


def _save(account: Account) -> None:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        # The form has looked for the name; someone else took it since.
        raise InvalidInput("Account with this Name already exists.", "name") from error
