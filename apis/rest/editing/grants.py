"""Grants: origins that are allowed until an end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from apis.access.roles import can
from apis.editing.apply import approval
from apis.editing.grants import lifecycle
from apis.editing.grants.models import Grant as GrantRow
from apis.editing.grants.tasks import apply_grant, enqueue_grant_end
from apis.editing.review.grant_requests import request_grant
from apis.errors import InvalidInput
from apis.inventory.history import history
from apis.inventory.models import Change
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.rest.api import ERRORS, allow
from apis.rest.inventory.apis import find_api
from apis.rest.paging import in_state, page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Moment, Page, Text, Time

router = Router(tags=["grants"])


class LengthBody(Body):
    """How long: in seconds from when the origin is allowed, or until a time."""

    lasts: int | None = Field(None, ge=1, le=2_000_000_000)
    until: Moment | None = None


class GrantBody(LengthBody):
    """An origin to allow temporarily."""

    origin: str = Field(max_length=1000)
    note: str = Field("", max_length=500)


class GrantListing(Listing):
    """Which grants: `open` ones or all, by API."""

    state: str = Field("", max_length=9)
    api: int | None = Field(None, ge=0, le=MOST_ID)


class Grant(Answer):
    """Temporary access of an origin; `lasts` in seconds."""

    id: int
    api: int = Field(validation_alias="api_id")
    origin: str
    state: Literal["waiting", "adding", "active", "ending", "ended", "void"]
    lasts: int
    note: str
    by: Text = Field(validation_alias="granted_by_name")
    at: Time
    ends_at: Time | None
    next_try_at: Time | None
    error: Text
    result: Text
    proposal: int | None = Field(validation_alias="proposal_id")
    change: int | None = Field(validation_alias="change_id")
    removal: int | None = Field(validation_alias="removal_id")

    @staticmethod
    def resolve_next_try_at(row: GrantRow) -> datetime | None:
        """Return when its end is tried again, if a try failed."""
        return row.try_at if row.tries else None


@router.post("apis/{int:pk}/grants", response={202: Grant, **ERRORS})
def create_grant(request: HttpRequest, pk: int, payload: GrantBody) -> Status[Any]:
    """Allow an origin temporarily. If approval is required, `proposal` names the new proposal."""
    user, api, lasts = allow(request, "view"), find_api(pk), _lasts(payload)
    must_ask = bool(approval.approval_reason(api)) or not can(user, "edit")
    if must_ask:
        proposal = request_grant(api, payload.origin, lasts, user, Change.Kind.REST, payload.note, payload.until)
        row = GrantRow.objects.get(proposal=proposal)
    else:
        change = lifecycle.give(api, payload.origin, lasts, user, Change.Kind.REST, payload.note, payload.until)
        row = GrantRow.objects.get(change=change)
        if not enqueue_task(apply_grant, change.pk):
            history.fail(change, NOTHING_SENT, Change.Failure.TEMPORARY)
            lifecycle.follow()
    return Status(202, _row(row.pk))


@router.get("grants", response={200: Page[Grant], **ERRORS})
def list_grants(request: HttpRequest, listing: Query[GrantListing]) -> dict[str, Any]:
    """The grants, newest first."""
    rows = in_state(GrantRow.objects.all(), listing.state, GrantRow.State.values, lifecycle.OPEN)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    return page(request, rows, ("-at", "-id"), listing)


@router.get("grants/{int:pk}", response={200: Grant, **ERRORS})
def read_grant(request: HttpRequest, pk: int) -> GrantRow:
    """One grant."""
    return _row(pk)


@router.post("grants/{int:pk}/extend", response={200: Grant, **ERRORS})
def extend_grant(request: HttpRequest, pk: int, payload: LengthBody) -> GrantRow:
    """Set a new end."""
    user, row, lasts = allow(request, "edit"), _row(pk), _lasts(payload)
    return lifecycle.extend(row, user, lasts)


@router.post("grants/{int:pk}/keep", response={200: Grant, **ERRORS})
def keep_grant(request: HttpRequest, pk: int) -> GrantRow:
    """Allow the origin permanently."""
    user, row = allow(request, "edit"), _row(pk)
    return lifecycle.keep(row, user)


@router.post("grants/{int:pk}/end", response={202: Grant, **ERRORS})
def end_grant(request: HttpRequest, pk: int) -> Status[Any]:
    """Remove the origin now."""
    user, row = allow(request, "edit"), _row(pk)
    ended = lifecycle.end_now(row, user)
    enqueue_grant_end(ended)
    return Status(202, _row(pk))


def _lasts(body: LengthBody) -> int:
    if (body.lasts is None) == (body.until is None):
        message = "give either how many seconds it lasts, or until when"
        raise InvalidInput(message, "lasts")
    if body.lasts is not None:
        return body.lasts
    assert body.until is not None
    if body.until.tzinfo is None:
        message = "needs a time zone, such as Z for UTC: 2027-01-31T18:00:00Z"
        raise InvalidInput(message, "until")
    return int((body.until - timezone.now()).total_seconds())


def _row(pk: int) -> GrantRow:
    found = GrantRow.objects.select_related("api__account", "api__current").filter(pk=pk).first()
    if found is None:
        raise missing("grant")
    return found
