"""Proposals: make one, see its plan and timeline, decide on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.cors.policy import CorsPolicy, diff
from apis.editing.plan.planning import plan
from apis.editing.review import proposals
from apis.editing.review.models import Proposal, ProposalEvent
from apis.editing.review.proposals import Wish
from apis.editing.review.tasks import enqueue_proposal
from apis.errors import InvalidInput
from apis.inventory.models import Change
from apis.rest.api import ERRORS, allow
from apis.rest.apis import find_api, show_plan
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.request_schemas import MOST_ID, Body, Items, Listing, Moment
from apis.rest.serializers import time

router = Router(tags=["proposals"])
Answer = dict[str, Any]


class ProposalBody(Body):
    """A proposal; null switches CORS off. `at`: when to apply it. `review`: ask for approval even if not needed."""

    cors: dict[str, Any] | None
    version: int | None = Field(None, ge=1, le=2_000_000_000)
    note: str = Field("", max_length=500)
    guard: bool = False
    at: Moment | None = None
    review: bool = False


class DecisionBody(Body):
    """What is said beside a decision, and for approving the plan that was looked at (`revision`) and a time."""

    text: str = Field(default="", max_length=4000)
    at: Moment | None = None
    revision: int | None = Field(default=None, ge=1, le=2_000_000_000)


class ProposalListing(Listing):
    """Which proposals: by state (`open` for all that are), by API."""

    state: str = Field("", max_length=9)
    api: int | None = Field(None, ge=0, le=MOST_ID)


@router.post("apis/{int:pk}/proposals", response={201: dict[str, Any], **ERRORS})
def propose(request: HttpRequest, pk: int, payload: ProposalBody) -> Status[Any]:
    """Propose a change: it waits for another person's approval, or for its time where it needs none."""
    user, row = allow(request, "view"), find_api(pk)
    wish = Wish(Change.Kind.REST, payload.note, payload.guard, _utc(payload.at), review=payload.review)
    made = proposals.propose(row, CorsPolicy.from_aws(payload.cors), payload.version, user, wish)
    return Status(201, _full(made.pk))


@router.get("proposals", response={200: Items, **ERRORS})
def listing(request: HttpRequest, listing: Query[ProposalListing]) -> Answer:
    """The proposals, newest first."""
    rows = Proposal.objects.select_related("seen")
    if listing.state == "open":
        rows = rows.filter(state__in=(*proposals.OPEN, Proposal.State.APPLYING))
    elif listing.state:
        if listing.state not in Proposal.State.values:
            message = f"is one of open, {', '.join(Proposal.State.values)}"
            raise InvalidInput(message, "state")
        rows = rows.filter(state=listing.state)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    return page(request, rows, ("-at", "-id"), shape, listing.limit, listing.cursor)


@router.get("proposals/{int:pk}", response={200: dict[str, Any], **ERRORS})
def one(request: HttpRequest, pk: int) -> Answer:
    """One proposal with its plan, while it is open, and its timeline."""
    return _full(pk)


@router.post("proposals/{int:pk}/comment", response={200: dict[str, Any], **ERRORS})
def comment(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Add to the timeline."""
    said = payload or DecisionBody()
    return _do(pk, lambda row, user: proposals.comment(row, user, said.text), request, "view")


@router.post("proposals/{int:pk}/approve", response={200: dict[str, Any], **ERRORS})
def approve(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Let it be applied: at once, or at its time. Never by its proposer."""
    said = payload or DecisionBody()

    def do(row: Proposal, user: User) -> None:
        revision = said.revision or row.revision
        enqueue_proposal(proposals.approve(row, user, revision, _utc(said.at), said.text))

    return _do(pk, do, request, "edit")


@router.post("proposals/{int:pk}/decline", response={200: dict[str, Any], **ERRORS})
def decline(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Say no to somebody else's proposal."""
    said = payload or DecisionBody()
    return _do(pk, lambda row, user: proposals.decline(row, user, said.text), request, "edit")


@router.post("proposals/{int:pk}/withdraw", response={200: dict[str, Any], **ERRORS})
def withdraw(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Take one's own proposal back."""
    said = payload or DecisionBody()
    return _do(pk, lambda row, user: proposals.withdraw(row, user, said.text), request, "view")


@router.post("proposals/{int:pk}/schedule", response={200: dict[str, Any], **ERRORS})
def schedule(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Apply at another time, or try again what failed: what is approved, or needs no approval."""
    said = payload or DecisionBody()

    def do(row: Proposal, user: User) -> None:
        enqueue_proposal(proposals.schedule(row, user, _utc(said.at)))

    return _do(pk, do, request, "edit")


@router.post("proposals/{int:pk}/replan", response={200: dict[str, Any], **ERRORS})
def replan(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> Answer:
    """Plan it again on what is live, after a conflict; it then waits for approval anew."""
    return _do(pk, lambda row, user: proposals.replan(row, user), request, "view")


def _do(pk: int, act: Any, request: HttpRequest, right: str) -> Answer:
    user, row = allow(request, right), _row(pk)
    act(row, user)
    return _full(pk)


def _utc(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        message = "needs a time zone, such as Z for UTC: 2027-01-31T18:00:00Z"
        raise InvalidInput(message, "at")
    return at


def _row(pk: int) -> Proposal:
    rows = Proposal.objects.select_related("api__account", "api__current", "seen", "proposer")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise missing("proposal")
    return found


def shape(row: Proposal) -> Answer:
    """A proposal without its plan."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "state": row.state,
        "revision": row.revision,
        "summary": row.summary,
        "note": row.note,
        "cors": row.proposed,
        "seen": row.seen.cors if row.seen else None,
        "guard": row.guard,
        "by": row.proposer_name,
        "at": time(row.at),
        "due_at": time(row.due_at),
        "approved_by": row.approver_name or None,
        "approved_at": time(row.approved_at),
        "error": row.error or None,
        "change": row.change_id,
    }


def _full(pk: int) -> Answer:
    row = _row(pk)
    made = plan(row.api, row.policy, row.seen_policy) if row.state in proposals.OPEN else None
    told = show_plan(made) if made else {"diff": diff(row.seen_policy, row.policy).as_json()}
    return shape(row) | {"plan": told, "timeline": [_event(event) for event in row.events.all()]}


def _event(row: ProposalEvent) -> Answer:
    return {"at": time(row.at), "kind": row.kind, "by": row.actor_name, "text": row.text}
