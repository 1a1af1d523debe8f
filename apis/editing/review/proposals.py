"""Proposals: changes that wait for another person's approval, for a time, or for a conflict to be solved.

A proposal becomes due by being approved or scheduled. It is then planned again on what AWS holds: where that is no
longer what was approved, the proposal is suspended until it is planned again. `scheduled` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apis.access import audit
from apis.access.roles import Role, can
from apis.cors.policy import CorsPolicy, diff, summary
from apis.editing.apply import applying, approval
from apis.editing.review.models import Proposal, ProposalEvent
from apis.errors import AppError, InvalidInput
from apis.inventory.models import Change, HttpApi

State = Proposal.State
Event = ProposalEvent.Kind

OPEN = (State.WAITING, State.SCHEDULED, State.SUSPENDED, State.FAILED)
"""States in which it may still be withdrawn or declined."""
FARTHEST = timedelta(days=366)
LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class ProposalOptions:
    """Everything proposed besides the six fields. `review`: ask for approval even if not required."""

    kind: str = Change.Kind.PANEL
    note: str = ""
    guard: bool = False
    due_at: datetime | None = None
    reverts: Change | None = None
    review: bool = False


def propose(api: HttpApi, proposed: CorsPolicy, version: int | None, user: User, options: ProposalOptions) -> Proposal:
    """Store a proposal. It waits for approval where the API, or the person's role, asks for it, else for its time.

    Raises apply.EditRefused, apply.CannotWork, apply.ConflictFound, and AppError when its time cannot be.
    """
    applying.check_note(options.note)
    applying.check(api, proposed, version, options.kind)
    check_time(options.due_at)
    now = timezone.now()
    alone = (
        can(user, "edit") and not options.review and options.due_at is not None and not approval.approval_reason(api)
    )
    with transaction.atomic():
        proposal = Proposal.objects.create(
            api=api,
            state=State.SCHEDULED if alone else State.WAITING,
            kind=options.kind,
            seen=api.current,
            proposed=proposed.to_aws(),
            summary=summary(api.policy, proposed, done=False)[:500],
            note=options.note.strip()[:500],
            guard=options.guard,
            reverts=options.reverts,
            proposer=user,
            proposer_name=user.get_username(),
            at=now,
            due_at=options.due_at,
            try_at=options.due_at if alone else None,
        )
        add_event(proposal, Event.PROPOSED, user, proposal.note)
        if alone:
            add_event(proposal, Event.SCHEDULED, user)
        _record("proposed a change", proposal, user)
    return proposal


def check_time(at: datetime | None) -> None:
    """Raise AppError for a time that is past (a minute is forgiven) or too far away."""
    now = timezone.now()
    if at is not None and at < now - timedelta(minutes=1):
        raise InvalidInput("This time has passed. Choose a later time, or none to apply immediately.", "at")
    if at is not None and at > now + FARTHEST:
        raise InvalidInput("This is more than a year away. Choose an earlier time.", "at")


def why_not_approve(proposal: Proposal, user: User) -> str:
    """Return why this person may not approve or decline; empty when they may."""
    if not can(user, "edit"):
        return "Approving requires the Editor role."
    if proposal.proposer_id == user.pk:
        return "You cannot approve your own proposal. Ask another editor."
    return ""


def approvers() -> QuerySet[User]:
    """Return the people whose role lets them approve."""
    rule = Q(is_superuser=True) | Q(groups__name__in=(Role.EDIT.group, Role.ADMIN.group))
    return User.objects.filter(rule, is_active=True).distinct()


def is_due(proposal: Proposal) -> bool:
    """Return whether its time has come, so that a worker takes it up any moment."""
    return proposal.state == State.SCHEDULED and proposal.try_at is not None and proposal.try_at <= timezone.now()


def may_schedule(proposal: Proposal, user: User) -> bool:
    """Return whether this person may have it applied, now or at a time: it is approved, or needs no approval."""
    if not can(user, "edit") or proposal.state not in (State.WAITING, State.SCHEDULED, State.FAILED):
        return False
    if proposal.approved_at is not None:
        return True
    # Without approval it is applied by its proposer's own right.
    by_right = proposal.proposer is not None and can(proposal.proposer, "edit")
    return by_right and not approval.approval_reason(proposal.api)


def comment(proposal: Proposal, user: User, text: str) -> None:
    """Add to the timeline. Raises AppError for an empty comment."""
    text = text.strip()
    if not text:
        raise InvalidInput("Enter a comment.", "text")
    add_event(proposal, Event.COMMENTED, user, text)


def approve(proposal: Proposal, user: User, revision: int, due_at: datetime | None = None, text: str = "") -> Proposal:
    """Let it be applied: at `due_at`, else at the time that its proposer chose, else at once.

    `revision` is the plan that was checked. Raises AppError. The caller hands it to the workers.
    """
    _refuse(why_not_approve(proposal, user))
    check_time(due_at)
    now = timezone.now()
    due = max(due_at or proposal.due_at or now, now)
    with transaction.atomic():
        waiting = Proposal.objects.filter(pk=proposal.pk, state=State.WAITING, revision=revision)
        done = waiting.exclude(proposer=user).update(
            state=State.SCHEDULED,
            approver=user,
            approver_name=user.get_username(),
            approved_at=now,
            due_at=due,
            try_at=due,
            error="",
        )
        fresh = Proposal.objects.get(pk=proposal.pk)
        if not done and fresh.revision != revision:
            _refuse("This proposal was planned again. Review the new plan first.")
        if not done:
            _refuse(f"This proposal no longer waits for approval: {fresh.get_state_display().lower()}.")
        add_event(fresh, Event.APPROVED, user, text)
        if due > now:
            add_event(fresh, Event.SCHEDULED, user)
        _record("approved a proposal", fresh, user)
    return fresh


def schedule(proposal: Proposal, user: User, due_at: datetime | None = None) -> Proposal:
    """Have an approved proposal, or one that needs no approval, applied at another time, at once when None.

    Also tries again what has failed. Raises AppError. The caller hands it to the workers.
    """
    if not may_schedule(proposal, user):
        needed = approval.approval_reason(proposal.api) if proposal.state == State.WAITING else ""
        if can(user, "edit") and not needed and proposal.state in OPEN and not proposal.approved_at:
            needed = f"{proposal.proposer_name} may not change APIs. Approve the proposal with a time instead."
        _refuse(needed or f"This cannot be scheduled: {proposal.get_state_display().lower()}.")
    check_time(due_at)
    due = due_at or timezone.now()
    with transaction.atomic():
        done = Proposal.objects.filter(pk=proposal.pk, state=proposal.state, revision=proposal.revision).update(
            state=State.SCHEDULED, due_at=due, try_at=due, error="", change=None
        )
        if not done:
            _refuse("This proposal changed meanwhile. Reload and try again.")
        add_event(proposal, Event.SCHEDULED, user, "" if due_at else "for now")
        _record("scheduled a proposal", proposal, user)
    return Proposal.objects.get(pk=proposal.pk)


def decline(proposal: Proposal, user: User, text: str = "") -> Proposal:
    """Decline someone else's proposal, also a scheduled one. Raises AppError."""
    _refuse(why_not_approve(proposal, user))
    return _close(proposal, user, State.DECLINED, Event.DECLINED, text)


def withdraw(proposal: Proposal, user: User, text: str = "") -> Proposal:
    """Take one's own proposal back. Raises AppError."""
    if proposal.proposer_id != user.pk:
        _refuse("Only its proposer may withdraw a proposal; you may decline it.")
    return _close(proposal, user, State.WITHDRAWN, Event.WITHDRAWN, text)


def _close(proposal: Proposal, user: User, state: str, event: str, text: str) -> Proposal:
    with transaction.atomic():
        done = Proposal.objects.filter(pk=proposal.pk, state__in=OPEN).update(state=state, try_at=None)
        fresh = Proposal.objects.get(pk=proposal.pk)
        if not done:
            _refuse(f"This proposal is already {fresh.get_state_display().lower()}.")
        add_event(fresh, event, user, text)
        _record("declined a proposal" if state == State.DECLINED else "withdrew a proposal", fresh, user)
    return fresh


def replan(proposal: Proposal, user: User) -> Proposal:
    """Plan it again on top of what is live: its own edits stay, what others changed stays too.

    It then waits for approval again. Raises AppError when nothing is left of it or it could not work.
    """
    if proposal.proposer_id != user.pk and not can(user, "edit"):
        _refuse("Planning again requires the Editor role.")
    api = HttpApi.objects.select_related("account", "current").get(pk=proposal.api_id)
    proposed = diff(proposal.seen_policy, proposal.policy).apply(api.policy)
    if proposed == api.policy:
        _refuse("Everything proposed is already live. Withdraw the proposal.")
    applying.check(api, proposed, None, proposal.kind)
    with transaction.atomic():
        done = Proposal.objects.filter(pk=proposal.pk, state__in=OPEN, revision=proposal.revision).update(
            state=State.WAITING,
            revision=F("revision") + 1,
            seen=api.current,
            proposed=proposed.to_aws(),
            summary=summary(api.policy, proposed, done=False)[:500],
            approver=None,
            approver_name="",
            approved_at=None,
            try_at=None,
            change=None,
            error="",
        )
        if not done:
            _refuse("This proposal changed meanwhile. Reload and try again.")
        add_event(proposal, Event.REPLANNED, user, summary(api.policy, proposed, done=False))
        _record("planned a proposal again", proposal, user)
    return Proposal.objects.get(pk=proposal.pk)


def suspend_conflicts() -> int:
    """Suspend what was planned on a configuration that is not live any more; how many there were."""
    stale = Proposal.objects.filter(state__in=(State.WAITING, State.SCHEDULED)).exclude(seen=F("api__current"))
    count = 0
    for proposal in stale.select_related("seen", "api__current"):
        if proposal.api.policy != proposal.seen_policy:
            count += suspend(proposal)
    return count


def suspend(proposal: Proposal) -> bool:
    """Stop a proposal whose ground has moved; False when it is not open any more."""
    live = proposal.api.policy
    words = f"The API changed since this was planned: {summary(proposal.seen_policy, live)}. Plan again."
    with transaction.atomic():
        states = (State.WAITING, State.SCHEDULED, State.APPLYING)
        done = Proposal.objects.filter(pk=proposal.pk, state__in=states, revision=proposal.revision).update(
            state=State.SUSPENDED, try_at=None, error=words
        )
        if done:
            add_event(proposal, Event.SUSPENDED, None, words)
    return bool(done)


def add_event(proposal: Proposal, kind: str, user: User | None, text: str = "") -> ProposalEvent:
    """Add a row to the timeline; without a person it was corsdash itself."""
    return ProposalEvent.objects.create(
        proposal=proposal,
        kind=kind,
        at=timezone.now(),
        actor=user,
        actor_name=user.get_username() if user else "corsdash",
        text=text.replace("\0", "").strip()[:LONGEST_COMMENT],
    )


def _record(what: str, proposal: Proposal, user: User) -> None:
    audit.record(user, what, proposal.api.name, proposal=proposal.pk, summary=proposal.summary)


def _refuse(why: str) -> None:
    if why:
        raise AppError(why)
