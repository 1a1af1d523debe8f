"""Ending: take the origins of grants out again at their end, each exactly once, and nothing else with them.

Claimed, leased and taken over like proposals (see `carry`). What is live is read first: the removal is planned on it,
so that what others allow or remove meanwhile stays theirs.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from apis.aws import AwsError, NotFound
from apis.cors.policy import CorsPolicy
from apis.editing.apply import claimed_change
from apis.editing.grants.lifecycle import State, allowed_again, who_removed
from apis.editing.grants.models import Grant
from apis.editing.plan.editability import refusal_reason
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import AllowedOrigin, Change, HttpApi
from apis.inventory.reading import sync
from apis.jobs.claims import Claims, Retry
from apis.ui.tags import duration

SOON = timedelta(seconds=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
PAUSES = [SOON, *(min(FIRST_PAUSE * 2**tries, LONGEST_PAUSE) for tries in range(8))]
"""The pause after so many failed tries, which double up to an hour."""


RETRY = Retry("try_at", PAUSES, tries="tries", planned="ends_at")
CLAIMS = Claims(
    Grant,
    lasts=timedelta(seconds=60),
    ready=lambda now: Q(RETRY.due(now), state=State.ACTIVE),
    held=Q(state=State.ENDING),
    claiming={"state": State.ENDING},
    related=("change", "removal", "granted_by", "ended_by"),
)


def waiting() -> list[int]:
    """Return the grants that are due, oldest first."""
    return CLAIMS.due_ids()


def carry_out(pk: int) -> Change | None:
    """End a grant that is due; the change that took its origin out, None when there was none to make or it is not ours.

    Until the origin is out the grant stays open, says what is in the way, and is tried again.
    """
    done = claimed_change.carry_out(CLAIMS, pk, "removal", _begin)
    if done is None:
        return None
    grant, removal = done
    if removal.status == Change.Status.APPLIED:
        _close(grant, _how(grant, _api(grant).policy))
    elif removal.status == Change.Status.FAILED:
        _again(grant, removal.error, soon=removal.failure == Change.Failure.CONFLICT)
    # Still pending: whether the write arrived is unknown. The lease expires, and the next worker checks.
    return removal


def _begin(grant: Grant) -> Change | None:
    api = _api(grant)
    try:
        sync.reread_api(api)
    except NotFound:
        _close(grant, "The API no longer exists in AWS.")
        return None
    except AwsError as error:
        _again(grant, str(error))
        return None
    api = _api(grant)
    live = api.policy
    if grant.origin not in live.allow_origins:
        _close(grant, who_removed(grant))
        return None
    entry = AllowedOrigin.objects.filter(api=api, value=grant.origin).select_related("change").first()
    if entry is not None and (by := allowed_again(grant, entry)):
        _close(grant, by)
        return None
    if why := refusal_reason(api):
        _again(grant, f"{grant.origin} cannot be removed. {why}")
        return None
    after = live.with_field("AllowOrigins", [one for one in live.allow_origins if one != grant.origin])
    try:
        # Not asked what the rules say of the rest: it is none of this change's doing, and no reason to stay open.
        return claimed_change.begin_once(
            CLAIMS, grant, "removal", lambda: history.begin(api, after.to_aws(), _author(grant), api.version)
        )
    except history.ChangeInProgress as error:
        _again(grant, str(error), soon=True)
        return None
    except history.VersionChanged:
        _again(grant, "The API was changed at the same moment.", soon=True)
        return None


def _api(grant: Grant) -> HttpApi:
    return HttpApi.objects.select_related("account", "current").get(pk=grant.api_id)


def _author(grant: Grant) -> Author:
    how = f"ended early by {grant.ended_by.get_username()}" if grant.ended_by else "it expired"
    words = f"Temporary access from {grant.granted_by_name or 'corsdash'} for {duration(grant.lasts)}: {how}."
    note = f"{words} {grant.note}".strip()[:500]
    return Author(Change.Kind.REVERT, user=grant.ended_by, name="" if grant.ended_by else "temporary access", note=note,
                  reverts=grant.change)  # fmt: skip


def _how(grant: Grant, left: CorsPolicy) -> str:
    """Return a note when removing the entry did not block the origin, or blocked every page."""
    scheme = grant.origin.partition("://")[0]
    wider = [entry for entry in left.allow_origins if entry in ("*", f"{scheme}://*")]
    if wider:
        return f"Its entry was removed, but {wider[0]} still allows it."
    if not left.allow_origins:
        return "It was removed. It was the last origin: no page is allowed any more."
    return "It was removed."


def _close(grant: Grant, result: str) -> None:
    CLAIMS.finish(grant, state=State.ENDED, result=result, error="", try_at=None)


def _again(grant: Grant, why: str, soon: bool = False) -> None:
    """Try again: soon, or after pauses that double up to an hour. The origin is still in, so the grant is open."""
    pause = SOON if soon else PAUSES[min(grant.tries + 1, len(PAUSES) - 1)]
    CLAIMS.finish(
        grant,
        state=State.ACTIVE,
        try_at=timezone.now() + pause,
        tries=grant.tries + (not soon),
        error=why,
        removal=None,
    )
