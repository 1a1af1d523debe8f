"""HTTP APIs as last seen."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models.functions import Lower
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from apis.cors.lint import Finding as Found
from apis.cors.lint import findings
from apis.editing.apply import approval
from apis.inventory.lint_context import context_of
from apis.inventory.models import HttpApi
from apis.inventory.reading.managed_by import owner_of
from apis.inventory.search import apis_matching
from apis.rest.api import ERRORS
from apis.rest.exchanges import Finding
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Listing, Page, Text, Time, absent
from apis.rest.values import Cors

router = Router(tags=["apis"])


class ApiListing(Listing):
    """Which APIs: by text, account, region, or an origin that they allow."""

    search: str = Field("", max_length=200)
    account: str = Field("", max_length=100)
    region: str = Field("", max_length=30)
    origin: str = Field("", max_length=500)
    standing: Literal["drift", "locked", "departed", ""] = ""


class Owner(Answer):
    """The tool that manages an API, and how sure that is."""

    tool: str
    name: str = Field(validation_alias="title")
    confidence: Literal["certain", "likely", "possible"]
    why: str


class Api(Answer):
    """An API; `cors` is null when off. Those found by `origin` also have `through` and `since`."""

    id: int
    api_id: str
    name: str
    account: str
    region: str
    endpoint: str
    cors: Cors | None
    version: int
    gone_at: Time | None
    findings: list[Finding]
    through: str | None = absent()
    since: Time | None = absent()

    @staticmethod
    def resolve_account(row: HttpApi) -> str:
        """Return the account's name."""
        return row.account.name

    @staticmethod
    def resolve_cors(row: HttpApi) -> Any:
        """Return the six fields as AWS gives them."""
        return row.current.cors if row.current else None

    @staticmethod
    def resolve_findings(row: HttpApi) -> tuple[Found, ...]:
        """Return what the rules say of the six fields."""
        return tuple(findings(row.policy, context_of(row)))


class ApiDetail(Api):
    """One API, also with why its changes need approval and what manages it."""

    approval: Text
    owner: Owner | None

    @staticmethod
    def resolve_approval(row: HttpApi) -> str:
        """Return why changes need approval."""
        return approval.approval_reason(row)

    @staticmethod
    def resolve_owner(row: HttpApi) -> Any:
        """Return the tool that manages the API."""
        return owner_of(row)


@router.get("apis", response={200: Page[Api], **ERRORS})
def list_apis(request: HttpRequest, listing: Query[ApiListing]) -> dict[str, Any]:
    """The APIs by name; `origin` keeps those that allow it."""
    rows = apis_matching(
        search=listing.search,
        account=listing.account,
        region=listing.region,
        origin=listing.origin,
        standing=listing.standing,
    ).annotate(sort=Lower("name"))
    return page(request, rows.select_related("account", "current"), ("sort", "id"), listing)


@router.get("apis/{int:pk}", response={200: ApiDetail, **ERRORS})
def read_api(request: HttpRequest, pk: int) -> HttpApi:
    """One API as last seen."""
    return find_api(pk)


def find_api(pk: int) -> HttpApi:
    """Return the API, or a 404 problem."""
    found = HttpApi.objects.select_related("account", "current").filter(pk=pk).first()
    if found is None:
        raise missing("API")
    return found
