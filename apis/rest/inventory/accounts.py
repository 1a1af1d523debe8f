"""Accounts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from apis.inventory.models import Account as AccountRow
from apis.rest.api import ERRORS
from apis.rest.paging import page
from apis.rest.schemas import Answer, Listing, Page

router = Router(tags=["apis"])


class Account(Answer):
    """An account; how it is reached stays inside."""

    id: int
    name: str
    aws_account_id: str
    regions: list[str]
    read_only: bool
    enabled: bool


@router.get("accounts", response={200: Page[Account], **ERRORS})
def list_accounts(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """The accounts, in the order in which they were added."""
    return page(request, AccountRow.objects.all(), ("id",), listing)
