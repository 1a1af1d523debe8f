"""Status pages: the status of chosen APIs for others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Status
from pydantic import Field

from apis.alerting.status_pages import edits
from apis.alerting.status_pages.models import StatusPage as StatusPageRow
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Page, Time

router = Router(tags=["incidents"])

Selection = Literal["account", "tag", "apis"]


class StatusPageBody(Body):
    """A status page. `selection` says which of `account`, `tag` and `apis` holds; an account also narrows a tag."""

    name: str = Field(min_length=1, max_length=100)
    public: bool = Field(False, description="anyone with the link may open it; otherwise only signed-in people")
    selection: Selection = "apis"
    account: int | None = Field(None, ge=0, le=MOST_ID)
    tag: str = Field("", max_length=400, description="key or key=value")
    apis: list[Annotated[int, Field(ge=0, le=MOST_ID)]] = Field(default_factory=list, max_length=edits.MOST_APIS)
    show_origins: bool = Field(False, description="show the origins that probes expect to be allowed")


class StatusPagePatch(StatusPageBody, partial=True):
    """What to change of a status page; what is left out stays as it is."""


class StatusPage(Answer):
    """A status page."""

    id: int
    name: str
    public: bool = Field(validation_alias="is_public")
    selection: Selection
    account: int | None = Field(validation_alias="account_id")
    tag: str
    apis: list[int]
    show_origins: bool
    created_at: Time

    @staticmethod
    def resolve_apis(row: StatusPageRow) -> list[int]:
        """Return the ids of the chosen APIs."""
        return sorted(api.pk for api in row.apis.all())


class NewStatusPage(StatusPage):
    """A status page with its link, which no other answer has; null unless the page has just got one."""

    link: str | None


@router.get("status-pages", response={200: Page[StatusPage], **ERRORS})
def list_status_pages(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Status pages."""
    return page(request, StatusPageRow.objects.prefetch_related("apis"), ("id",), listing)


@router.post("status-pages", response={201: NewStatusPage, **ERRORS})
def create_status_page(request: HttpRequest, payload: StatusPageBody) -> Status[Any]:
    """Create a status page. Only this response contains the link of a public page."""
    row, token = edits.create_page(allow(request, "edit"), payload.model_dump())
    return Status(201, _linked(request, row, token))


@router.get("status-pages/{int:pk}", response={200: StatusPage, **ERRORS})
def read_status_page(request: HttpRequest, pk: int) -> StatusPageRow:
    """One status page."""
    return _page(pk)


@router.patch("status-pages/{int:pk}", response={200: NewStatusPage, **ERRORS})
def change_status_page(request: HttpRequest, pk: int, payload: StatusPagePatch) -> Any:
    """Change a status page. Made public, it gets a link; made private, it loses its link for good."""
    user, row = allow(request, "edit"), _page(pk)
    token = edits.change_page(user, row, payload.model_dump(exclude_unset=True))
    return _linked(request, _page(pk), token)


@router.post("status-pages/{int:pk}/link", response={200: NewStatusPage, **ERRORS})
def regenerate_link(request: HttpRequest, pk: int) -> Any:
    """Replace the link of a public page; the old one stops at once."""
    user, row = allow(request, "edit"), _page(pk)
    return _linked(request, row, edits.regenerate_token(user, row))


@router.delete("status-pages/{int:pk}", response={204: None, **ERRORS})
def delete_status_page(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a status page; its link, badges and feeds stop at once."""
    edits.delete_page(allow(request, "edit"), _page(pk))
    return Status(204, None)


def _linked(request: HttpRequest, row: Any, token: str) -> Any:
    row.link = request.build_absolute_uri(reverse("public_status_page", args=[token])) if token else None
    return row


def _page(pk: int) -> StatusPageRow:
    found = StatusPageRow.objects.prefetch_related("apis").filter(pk=pk).first()
    if found is None:
        raise missing("status page")
    return found
