"""Proposals: make one, see its plan and timeline, decide on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.cors.policy import CorsPolicy, diff
from apis.editing.plan.planning import plan
from apis.editing.review import proposals
from apis.editing.review.models import Proposal as ProposalRow
from apis.editing.review.proposals import ProposalOptions
from apis.editing.review.tasks import enqueue_proposal
from apis.errors import InvalidInput
from apis.inventory.models import Change
from apis.rest.api import ERRORS, allow
from apis.rest.editing.plans import FieldDiff, Plan, show_plan
from apis.rest.inventory.apis import find_api
from apis.rest.paging import in_state, page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Moment, Page, Text, Time
from apis.rest.values import Cors

router = Router(tags=["proposals"])


class ProposalBody(Body):
    """A proposal; null switches CORS off. `at`: when to apply it. `review`: ask for approval even if not needed."""

    cors: Cors | None
    version: int | None = Field(None, ge=1, le=2_000_000_000)
    note: str = Field("", max_length=500)
    guard: bool = False
    at: Moment | None = None
    review: bool = False


class DecisionBody(Body):
    """A comment on a decision; for approval also the reviewed plan (`revision`) and a time."""

    text: str = Field(default="", max_length=4000)
    at: Moment | None = None
    revision: int | None = Field(default=None, ge=1, le=2_000_000_000)


class ProposalListing(Listing):
    """Which proposals: by state (`open` for all that are), by API."""

    state: str = Field("", max_length=9)
    api: int | None = Field(None, ge=0, le=MOST_ID)


class Proposal(Answer):
    """A proposal without its plan."""

    id: int
    api: int = Field(validation_alias="api_id")
    state: Literal["waiting", "scheduled", "applying", "suspended", "applied", "failed", "declined", "withdrawn"]
    revision: int
    summary: str
    note: str
    cors: Cors | None = Field(validation_alias="proposed")
    seen: Cors | None
    guard: bool
    by: str = Field(validation_alias="proposer_name")
    at: Time
    due_at: Time | None
    approved_by: Text = Field(validation_alias="approver_name")
    approved_at: Time | None
    error: Text
    change: int | None = Field(validation_alias="change_id")

    @staticmethod
    def resolve_seen(row: ProposalRow) -> Any:
        """Return the configuration that the proposer saw."""
        return row.seen.cors if row.seen else None


class Event(Answer):
    """One line of a proposal's timeline."""

    at: Time
    kind: str
    by: str = Field(validation_alias="actor_name")
    text: str


class ClosedPlan(Answer):
    """What a proposal that is no longer open was to change."""

    diff: list[FieldDiff]


class FullProposal(Proposal):
    """A proposal with its plan, of which a closed one keeps only `diff`, and its timeline."""

    plan: Plan | ClosedPlan
    timeline: list[Event]

    @staticmethod
    def resolve_plan(row: ProposalRow) -> dict[str, Any]:
        """Return the plan as of now."""
        if row.state in proposals.OPEN:
            return show_plan(plan(row.api, row.policy, row.seen_policy))
        return {"diff": diff(row.seen_policy, row.policy).as_json()}

    @staticmethod
    def resolve_timeline(row: ProposalRow) -> Any:
        """Return the timeline, oldest first."""
        return row.events.all()


@router.post("apis/{int:pk}/proposals", response={201: FullProposal, **ERRORS})
def propose_change(request: HttpRequest, pk: int, payload: ProposalBody) -> Status[Any]:
    """Propose a change that waits for approval, or for its time if it needs none."""
    user, row = allow(request, "view"), find_api(pk)
    options = ProposalOptions(Change.Kind.REST, payload.note, payload.guard, _utc(payload.at), review=payload.review)
    made = proposals.propose(row, CorsPolicy.from_aws(payload.cors), payload.version, user, options)
    return Status(201, _row(made.pk))


@router.get("proposals", response={200: Page[Proposal], **ERRORS})
def list_proposals(request: HttpRequest, listing: Query[ProposalListing]) -> dict[str, Any]:
    """The proposals, newest first."""
    open_states = (*proposals.OPEN, ProposalRow.State.APPLYING)
    rows = in_state(ProposalRow.objects.select_related("seen"), listing.state, ProposalRow.State.values, open_states)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    return page(request, rows, ("-at", "-id"), listing)


@router.get("proposals/{int:pk}", response={200: FullProposal, **ERRORS})
def read_proposal(request: HttpRequest, pk: int) -> ProposalRow:
    """One proposal with its plan, while it is open, and its timeline."""
    return _row(pk)


@router.post("proposals/{int:pk}/comment", response={200: FullProposal, **ERRORS})
def comment_on_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Comment on a proposal."""
    body = payload or DecisionBody()
    return _act(pk, lambda row, user: proposals.comment(row, user, body.text), request, "view")


@router.post("proposals/{int:pk}/approve", response={200: FullProposal, **ERRORS})
def approve_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Approve a proposal; it is applied at once or at its time. Proposers cannot approve their own."""
    body = payload or DecisionBody()

    def do(row: ProposalRow, user: User) -> None:
        revision = body.revision or row.revision
        enqueue_proposal(proposals.approve(row, user, revision, _utc(body.at), body.text))

    return _act(pk, do, request, "edit")


@router.post("proposals/{int:pk}/decline", response={200: FullProposal, **ERRORS})
def decline_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Decline someone else's proposal."""
    body = payload or DecisionBody()
    return _act(pk, lambda row, user: proposals.decline(row, user, body.text), request, "edit")


@router.post("proposals/{int:pk}/withdraw", response={200: FullProposal, **ERRORS})
def withdraw_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Withdraw your own proposal."""
    body = payload or DecisionBody()
    return _act(pk, lambda row, user: proposals.withdraw(row, user, body.text), request, "view")


@router.post("proposals/{int:pk}/schedule", response={200: FullProposal, **ERRORS})
def schedule_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Reschedule or retry a proposal that is approved or needs no approval."""
    body = payload or DecisionBody()

    def do(row: ProposalRow, user: User) -> None:
        enqueue_proposal(proposals.schedule(row, user, _utc(body.at)))

    return _act(pk, do, request, "edit")


@router.post("proposals/{int:pk}/replan", response={200: FullProposal, **ERRORS})
def replan_proposal(request: HttpRequest, pk: int, payload: DecisionBody | None = None) -> ProposalRow:
    """Plan it again against the live configuration after a conflict; it then needs approval again."""
    return _act(pk, lambda row, user: proposals.replan(row, user), request, "view")


def _act(pk: int, act: Any, request: HttpRequest, right: str) -> ProposalRow:
    user, row = allow(request, right), _row(pk)
    act(row, user)
    return _row(pk)


def _utc(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        message = "needs a time zone, such as Z for UTC: 2027-01-31T18:00:00Z"
        raise InvalidInput(message, "at")
    return at


def _row(pk: int) -> ProposalRow:
    rows = ProposalRow.objects.select_related("api__account", "api__current", "seen", "proposer")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise missing("proposal")
    return found
