"""Apply the proposals that are due, each exactly once, even when workers die.

Proposals are claimed as in `jobs.claims`. The change is begun and recorded in one transaction, so that another worker
can resume it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apis.access.roles import can
from apis.aws import AwsError, NotFound
from apis.editing.apply import applying, approval, claimed_change
from apis.editing.grants import lifecycle
from apis.editing.review import proposals
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import Event, State
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from apis.jobs.claims import Claims, Retry

TRY_AGAIN = timedelta(seconds=60)
GIVE_UP = timedelta(hours=1)
RETRY = Retry("try_at", [TRY_AGAIN], planned="due_at")
CLAIMS = Claims(
    Proposal,
    lasts=timedelta(seconds=60),
    ready=lambda now: Q(RETRY.due(now), state=State.SCHEDULED),
    held=Q(state=State.APPLYING),
    claiming={"state": State.APPLYING},
    related=("seen", "change", "proposer", "reverts"),
)


def waiting() -> list[int]:
    """Return the proposals that are due, oldest first."""
    return CLAIMS.due_ids()


def carry_out(pk: int) -> Change | None:
    """Apply a proposal that is due; its change as it ended, None when there was none to make or it is not ours."""
    done = claimed_change.carry_out(CLAIMS, pk, "change", _begin)
    if done is None:
        return None
    proposal, change = done
    if change.status == Change.Status.APPLIED:
        _end(proposal, State.APPLIED, Event.APPLIED, "")
    elif change.failure == Change.Failure.CONFLICT:
        proposals.suspend(Proposal.objects.select_related("seen", "api__current").get(pk=pk))
    elif change.status == Change.Status.FAILED:
        _end(proposal, State.FAILED, Event.FAILED, change.error)
    # Still pending: whether the write arrived is unknown. The lease expires, and the next worker checks.
    return change


def _begin(proposal: Proposal) -> Change | None:
    """Plan it again on what AWS holds now, and begin its change; None when it does not come to that."""
    api = _api(proposal)
    if late := lifecycle.expired_reason(proposal):
        _end(proposal, State.FAILED, Event.FAILED, f"{late} Nothing was written.")
        return None
    why = "" if proposal.approved_at else _why_not_alone(proposal, api)
    if why:
        _end(proposal, State.WAITING, Event.DELAYED, f"{why} It waits for approval.")
        return None
    try:
        sync.reread_api(api)
    except NotFound:
        _end(proposal, State.FAILED, Event.FAILED, "AWS no longer has this API. Nothing was written.")
        return None
    except AwsError as error:
        _later(proposal, str(error))
        return None
    api = _api(proposal)
    if api.policy == proposal.policy:
        _end(proposal, State.APPLIED, Event.APPLIED, "Already as requested.")
        return None
    if api.policy != proposal.seen_policy:
        proposal.api = api
        proposals.suspend(proposal)
        return None
    try:
        return claimed_change.begin_once(CLAIMS, proposal, "change", lambda: _begin_on(api, proposal))
    except history.ChangeInProgress as error:
        _later(proposal, str(error))
        return None
    except applying.ConflictFound:
        proposal.api = _api(proposal)
        proposals.suspend(proposal)
        return None
    except (applying.EditRefused, applying.CannotWork) as error:
        _end(proposal, State.FAILED, Event.FAILED, f"{error} Nothing was written.")
        return None


def _begin_on(api: HttpApi, proposal: Proposal) -> Change:
    change = applying.begin(api, proposal.policy, api.version, _author(proposal), approved=True)
    if change.before_id != api.current_id:
        # What is live changed since it was compared a moment ago.
        raise claimed_change.ClaimLost
    return change


def _api(proposal: Proposal) -> HttpApi:
    return HttpApi.objects.select_related("account", "current").get(pk=proposal.api_id)


def _why_not_alone(proposal: Proposal, api: HttpApi) -> str:
    """Return why an unapproved proposal may no longer be applied at its time, or ""."""
    if proposal.proposer is None or not can(proposal.proposer, "edit"):
        return f"{proposal.proposer_name} may no longer change APIs."
    return approval.approval_reason(api)


def _author(proposal: Proposal) -> Author:
    approved = f"approved by {proposal.approver_name}" if proposal.approver_name else "scheduled"
    return Author(
        kind=proposal.kind,
        user=proposal.proposer,
        name=proposal.proposer_name,
        note=f"{proposal.note[: 490 - len(approved)]} ({approved})".strip(),
        guard=proposal.guard,
        reverts=proposal.reverts,
    )


def _later(proposal: Proposal, why: str) -> None:
    """Try again in a minute; give up when its time is too long ago."""
    now = timezone.now()
    if proposal.due_at is None or now > proposal.due_at + GIVE_UP:
        _end(proposal, State.FAILED, Event.FAILED, f"{why} Nothing was written.")
        return
    with transaction.atomic():
        words = f"{why} Retried every minute for one hour."
        if CLAIMS.finish(proposal, state=State.SCHEDULED, try_at=now + TRY_AGAIN, error=words) and not proposal.error:
            proposals.add_event(proposal, Event.DELAYED, None, words)


def _end(proposal: Proposal, state: str, event: str, text: str) -> None:
    with transaction.atomic():
        if CLAIMS.finish(proposal, state=state, error="" if state == State.APPLIED else text, try_at=None):
            proposals.add_event(proposal, event, None, text)
