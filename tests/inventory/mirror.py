"""Rows of a mirror, written by the verbs that write it in earnest."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apis.inventory.history import history
from apis.inventory.models import Account, HttpApi


def an_account(name: str = "production", **fields: Any) -> Account:
    """An account with one region."""
    return Account.objects.create(name=name, **{"regions": ["us-east-1"], **fields})


def an_api(account: Account, name: str, cors: dict[str, Any] | None, **fields: Any) -> HttpApi:
    """An API as a sync has just discovered it."""
    number = HttpApi.objects.count()
    given = {"region": "us-east-1", "api_id": f"api{number:07d}", "last_seen_at": timezone.now(), **fields}
    api = HttpApi.objects.create(account=account, name=name, **given)
    history.record_live(api, cors, timezone.now())
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)
