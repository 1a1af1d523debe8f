"""Temporary access: request, give, extend and keep grants; `expiry` ends them.

A grant follows the change that lets its origin in: it begins once AWS holds it, and is void when that never happens.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apis.access import audit
from apis.access.roles import can
from apis.cors.origins import is_origin
from apis.cors.policy import LONGEST_ORIGIN, CorsPolicy
from apis.editing.apply import applying, approval
from apis.editing.grants.models import Grant
from apis.errors import AppError, InvalidInput
from apis.inventory.history.history import Author
from apis.inventory.models import AllowedOrigin, Change, HttpApi
from apis.ui.tags import duration

if TYPE_CHECKING:
    from apis.editing.review.models import Proposal

State = Grant.State
OPEN = (State.WAITING, State.ADDING, State.ACTIVE, State.ENDING)
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)


def policy_with_origin(api: HttpApi, origin: str) -> CorsPolicy:
    """Return the API's configuration with the origin allowed. Raises AppError when that is no grant."""
    if not is_origin(origin) or len(origin) > LONGEST_ORIGIN:
        raise InvalidInput(f"“{origin[:100]}” is not one origin, such as https://pr-123.preview.example.com.", "origin")
    policy = api.policy
    if not policy.on:
        raise AppError("CORS is off; temporary access would turn it on. Configure the API first.")
    if origin in policy.allow_origins:
        held = api.grants.filter(origin=origin, state__in=OPEN).first()
        if held is not None and held.ends_at:
            raise AppError(f"{origin} is already allowed until {held.ends_at:%d %b %Y, %H:%M} UTC. Extend that grant.")
        raise InvalidInput(f"{origin} is already allowed permanently. No action needed.", "origin")
    if api.grants.filter(origin=origin, state__in=(State.WAITING, State.ADDING)).exists():
        raise InvalidInput(f"Access for {origin} is already requested.", "origin")
    return policy.with_field("AllowOrigins", [*policy.allow_origins, origin])


def check_length(lasts: int) -> None:
    """Raise AppError for a grant that is too short or too long; `lasts` in seconds."""
    if not SHORTEST.total_seconds() <= lasts <= LONGEST.total_seconds():
        raise InvalidInput("Temporary access lasts from one minute to one year.", "lasts")


def give(
    api: HttpApi, origin: str, lasts: int, user: User, kind: str, note: str = "", until: datetime | None = None
) -> Change:
    """Begin to let an origin in for `lasts` seconds, but no longer than `until`; its change is for the workers.

    Raises AppError and what apply.begin raises, apply.ApprovalNeeded among it.
    """
    check_length(lasts)
    applying.check_note(note)
    after = policy_with_origin(api, origin)
    with transaction.atomic():
        change = applying.begin(api, after, api.version, Author(kind, user=user, note=change_note(note, lasts)))
        grant = create_grant(api, origin, lasts, user, note, State.ADDING, change=change, until=until)
        audit.record(user, "added a grant", api.name, origin=origin, seconds=lasts, grant=grant.pk)
    return change


def change_note(note: str, lasts: int) -> str:
    """Return the note of the change that lets an origin in."""
    return f"{note.strip()[:440]} (temporary access for {duration(lasts)})".strip()


def expired_reason(proposal: Proposal) -> str:
    """Return why the end of a proposal's temporary access has passed, or ""."""
    late = proposal.grants.filter(state=State.WAITING, until__lte=timezone.now()).first()
    if late is None:
        return ""
    return f"Temporary access for {late.origin} was to end at {late.until:%d %b %Y, %H:%M} UTC, which has passed."


def note_down(change: Change, origins: list[str], lasts: int, user: User | None, note: str) -> None:
    """Note that a change which was just begun lets these origins in for `lasts` seconds only."""
    for origin in origins:
        create_grant(change.api, origin, lasts, user, note, State.ADDING, change=change)


def create_grant(
    api: HttpApi,
    origin: str,
    lasts: int,
    user: User | None,
    note: str,
    state: str,
    change: Change | None = None,
    proposal: Proposal | None = None,
    until: datetime | None = None,
) -> Grant:
    """Store a grant, with the change or the proposal that allows its origin."""
    return Grant.objects.create(
        api=api,
        origin=origin,
        state=state,
        lasts=lasts,
        note=note.strip()[:500],
        granted_by=user,
        granted_by_name=user.get_username() if user else "",
        at=timezone.now(),
        change=change,
        proposal=proposal,
        until=until,
    )


def follow() -> None:
    """Begin the grants whose origin AWS now holds, and close those whose origin will never come in."""
    if not Grant.objects.filter(state__in=(State.ADDING, State.WAITING, State.ACTIVE)).exists():
        return
    closed = ("declined", "withdrawn", "applied")
    settled = Q(state=State.ADDING) & ~Q(change__status=Change.Status.PENDING)
    decided = Q(state=State.WAITING, proposal__state__in=closed) | Q(state=State.WAITING, proposal=None)
    for grant in Grant.objects.filter(settled | decided).select_related("change", "proposal__change"):
        change = grant.change or (grant.proposal.change if grant.proposal else None)
        mine = Grant.objects.filter(pk=grant.pk, state=grant.state)
        if change is not None and change.status == Change.Status.APPLIED:
            ends_at = (change.settled_at or change.at) + timedelta(seconds=grant.lasts)
            ends_at = min(ends_at, grant.until) if grant.until else ends_at
            # The origin was removed before an older grant ended; that grant must not end this one.
            older = Grant.objects.filter(api=grant.api_id, origin=grant.origin, state=State.ACTIVE)
            older.update(state=State.ENDED, result="Replaced by newer temporary access.", try_at=None)
            mine.update(state=State.ACTIVE, change=change, ends_at=ends_at, try_at=ends_at)
        else:
            mine.update(state=State.VOID, result=_void_reason(grant, change))
    _look_after()


def _look_after() -> None:
    """Mark active grants whose origin was removed, and close those whose origin is allowed permanently."""
    active = list(Grant.objects.filter(state=State.ACTIVE).exclude(change=None).select_related("change"))
    entries = AllowedOrigin.objects.filter(api__in={one.api_id for one in active}).select_related("change")
    allowed = {(one.api_id, one.value): one for one in entries.filter(value__in={one.origin for one in active})}
    for grant in active:
        entry = allowed.get((grant.api_id, grant.origin))
        mine = Grant.objects.filter(pk=grant.pk, state=State.ACTIVE)
        if entry is None:
            if not grant.error:
                mine.update(error=who_removed(grant))
        elif by := allowed_again(grant, entry):
            mine.update(state=State.ENDED, try_at=None, error="", result=by)
        elif grant.error and not grant.is_stuck:
            mine.update(error="")


def allowed_again(grant: Grant, entry: AllowedOrigin) -> str:
    """Return who allowed the origin permanently after it was removed early, or "".

    Who reverts a change that took it out, goes back to how things were: the grant goes on.
    """
    change = entry.change
    if change is None or change.pk == grant.change_id or change.at <= (grant.change.at if grant.change else grant.at):
        return ""
    if change.kind in (Change.Kind.REVERT, Change.Kind.GUARD):
        return ""
    who = change.who or "someone"
    return f"Removed early, then allowed permanently by {who} ({change.summary})."[:500]


def who_removed(grant: Grant) -> str:
    """Return which change took the origin out before the grant's end."""
    since = grant.change.at if grant.change else grant.at
    steps = Change.objects.filter(api=grant.api_id, status=Change.Status.APPLIED, at__gt=since)
    for step in steps.select_related("before", "after").order_by("-at", "-id")[:200]:
        had = step.before.policy.allow_origins if step.before else ()
        has = step.after.policy.allow_origins if step.after else ()
        if grant.origin in had and grant.origin not in has:
            return f"Removed early by {step.who or 'someone'} ({step.summary})."[:500]
    return "Removed early."


def _void_reason(grant: Grant, change: Change | None) -> str:
    if change is not None:
        return change.error or "The change that would allow it no longer exists."
    if grant.proposal is not None and grant.proposal.state == "applied":
        return "Someone else allowed the origin permanently."
    how = grant.proposal.get_state_display().lower() if grant.proposal else "lost"
    return f"The proposal was {how}."


def may_extend(grant: Grant, user: User) -> str:
    """Return why this person may not extend a grant; empty when they may."""
    if not can(user, "edit"):
        return "Extending requires the Editor role."
    if grant.granted_by_id == user.pk and (needed := approval.approval_reason(grant.api)):
        return f"{needed} Ask another editor to extend your grant."
    return ""


def extend(grant: Grant, user: User, lasts: int) -> Grant:
    """Let it last `lasts` seconds from now. Raises AppError."""
    if why := may_extend(grant, user):
        raise AppError(why)
    _refuse_removed(grant)
    check_length(lasts)
    ends_at = timezone.now() + timedelta(seconds=lasts)
    moved = _move(grant, ends_at, None)
    _record("extended", moved, user)
    return moved


def keep(grant: Grant, user: User) -> Grant:
    """Let the origin stay, without an end. Raises AppError."""
    if why := may_extend(grant, user):
        raise AppError(why)
    _refuse_removed(grant)
    words = f"Kept permanently by {user.get_username()}."
    kept = Grant.objects.filter(pk=grant.pk, state=State.ACTIVE).update(
        state=State.ENDED, result=words, ended_by=user, try_at=None, error=""
    )
    if not kept:
        raise AppError(f"This temporary access is already {grant.get_state_display().lower()}.")
    _record("made permanent", grant, user)
    return Grant.objects.get(pk=grant.pk)


def _record(what: str, grant: Grant, user: User) -> None:
    audit.record(user, f"{what} a grant", grant.api.name, origin=grant.origin, grant=grant.pk)


def _refuse_removed(grant: Grant) -> None:
    """Raise AppError when the origin was removed already, so that nothing can be extended."""
    if grant.is_out:
        raise AppError(f"{grant.origin} is already removed. Add temporary access again.")


def end_now(grant: Grant, user: User) -> Grant:
    """Let it end now; the caller hands it to the workers. Raises AppError."""
    if not can(user, "edit"):
        raise AppError("Ending temporary access requires the Editor role.")
    ending = _move(grant, timezone.now(), user)
    _record("ended", grant, user)
    return ending


def _move(grant: Grant, ends_at: datetime, by: User | None) -> Grant:
    active = Grant.objects.filter(pk=grant.pk, state=State.ACTIVE)
    moved = active.update(ends_at=ends_at, try_at=ends_at, ended_by=by, tries=0, error="")
    fresh = Grant.objects.select_related("api__account", "api__current").get(pk=grant.pk)
    if not moved:
        raise AppError(f"This temporary access is already {fresh.get_state_display().lower()}.")
    return fresh
