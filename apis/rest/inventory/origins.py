"""The origins that APIs allow."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from apis.inventory import origins as verbs
from apis.rest.api import ERRORS
from apis.rest.paging import page
from apis.rest.schemas import Answer, Listing, Page, Text, Time

router = Router(tags=["apis"])


class OriginListing(Listing):
    """Which entries of AllowOrigins: by text, account, or what is to be checked."""

    search: str = Field("", max_length=500)
    account: str = Field("", max_length=100)
    flag: Literal["null", "never", "any", "look-alike", "http", "port", "local", "third-party", ""] = ""


class FirstChange(Answer):
    """The change that first added an entry."""

    api: int = Field(validation_alias="api_id")
    change: int = Field(validation_alias="pk")
    kind: str
    actor: Text = Field(validation_alias="who")


class Origin(Answer):
    """An entry of AllowOrigins in use; `first` is the change that first added it where it still is."""

    origin: str = Field(validation_alias="value")
    apis: int
    accounts: int
    since: Time
    flags: list[str]
    first: FirstChange | None = Field(validation_alias="change")

    @staticmethod
    def resolve_flags(row: verbs.Origin) -> list[str]:
        """Return the names of its flags."""
        return [one.name for one in row.flags]


@router.get("origins", response={200: Page[Origin], **ERRORS})
def list_origins(request: HttpRequest, listing: Query[OriginListing]) -> dict[str, Any]:
    """Every entry of AllowOrigins in use, by its text; `GET apis?origin=` lists the APIs that allow one."""
    rows = verbs.in_use(search=listing.search, account=listing.account, flag=listing.flag)
    found = page(request, rows, ("value",), listing)
    return {**found, "items": verbs.described(found["items"])}
