"""Grants: origins that are let in until an end."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from apis.access.roles import can
from apis.editing.apply import approval
from apis.editing.grants import lifecycle
from apis.editing.grants.models import Grant
from apis.editing.grants.tasks import apply_grant, enqueue_grant_end
from apis.editing.review.grant_requests import request_grant
from apis.errors import InvalidInput
from apis.inventory import history
from apis.inventory.models import Change
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.rest.api import ERRORS, allow
from apis.rest.apis import find_api
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.request_schemas import MOST_ID, Body, Items, Listing, Moment
from apis.rest.serializers import time

router = Router(tags=["grants"])
Answer = dict[str, Any]


class LengthBody(Body):
    """How long: in seconds from when the origin is let in, or until a time."""

    lasts: int | None = Field(None, ge=1, le=2_000_000_000)
    until: Moment | None = None


class GrantBody(LengthBody):
    """An origin to let in for a while."""

    origin: str = Field(max_length=1000)
    note: str = Field("", max_length=500)


class GrantListing(Listing):
    """Which grants: `open` ones or all, by API."""

    state: str = Field("", max_length=9)
    api: int | None = Field(None, ge=0, le=MOST_ID)


@router.post("apis/{int:pk}/grants", response={202: dict[str, Any], **ERRORS})
def give(request: HttpRequest, pk: int, payload: GrantBody) -> Status[Any]:
    """Let an origin in for a while. Where approval is needed this makes a proposal, which `proposal` then names."""
    user, api, lasts = allow(request, "view"), find_api(pk), _lasts(payload)
    must_ask = bool(approval.required(api)) or not can(user, "edit")
    if must_ask:
        proposal = request_grant(api, payload.origin, lasts, user, Change.Kind.REST, payload.note, payload.until)
        row = Grant.objects.get(proposal=proposal)
    else:
        change = lifecycle.give(api, payload.origin, lasts, user, Change.Kind.REST, payload.note, payload.until)
        row = Grant.objects.get(change=change)
        if not enqueue_task(apply_grant, change.pk):
            history.fail(change, NOTHING_SENT, Change.Failure.TEMPORARY)
            lifecycle.follow()
    return Status(202, shape(_row(row.pk)))


@router.get("grants", response={200: Items, **ERRORS})
def listing(request: HttpRequest, listing: Query[GrantListing]) -> Answer:
    """The grants, newest first."""
    rows = Grant.objects.all()
    if listing.state == "open":
        rows = rows.filter(state__in=lifecycle.OPEN)
    elif listing.state:
        if listing.state not in Grant.State.values:
            message = f"is one of open, {', '.join(Grant.State.values)}"
            raise InvalidInput(message, "state")
        rows = rows.filter(state=listing.state)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    return page(request, rows, ("-at", "-id"), shape, listing.limit, listing.cursor)


@router.get("grants/{int:pk}", response={200: dict[str, Any], **ERRORS})
def one(request: HttpRequest, pk: int) -> Answer:
    """One grant."""
    return shape(_row(pk))


@router.post("grants/{int:pk}/extend", response={200: dict[str, Any], **ERRORS})
def extend(request: HttpRequest, pk: int, payload: LengthBody) -> Answer:
    """Let it last so long from now."""
    user, row, lasts = allow(request, "edit"), _row(pk), _lasts(payload)
    moved = lifecycle.extend(row, user, lasts)
    return shape(moved)


@router.post("grants/{int:pk}/keep", response={200: dict[str, Any], **ERRORS})
def keep(request: HttpRequest, pk: int) -> Answer:
    """Let the origin stay, without an end."""
    user, row = allow(request, "edit"), _row(pk)
    kept = lifecycle.keep(row, user)
    return shape(kept)


@router.post("grants/{int:pk}/end", response={202: dict[str, Any], **ERRORS})
def end(request: HttpRequest, pk: int) -> Status[Any]:
    """Take the origin out now."""
    user, row = allow(request, "edit"), _row(pk)
    ended = lifecycle.end_now(row, user)
    enqueue_grant_end(ended)
    return Status(202, shape(_row(pk)))


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


def _row(pk: int) -> Grant:
    found = Grant.objects.select_related("api__account", "api__current").filter(pk=pk).first()
    if found is None:
        raise missing("grant")
    return found


def shape(row: Grant) -> Answer:
    """A grant."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "origin": row.origin,
        "state": row.state,
        "lasts": row.lasts,
        "note": row.note,
        "by": row.given_by_name or None,
        "at": time(row.at),
        "ends_at": time(row.ends_at),
        "next_try_at": time(row.try_at) if row.tries else None,
        "error": row.error or None,
        "result": row.result or None,
        "proposal": row.proposal_id,
        "change": row.change_id,
        "removal": row.removal_id,
    }
