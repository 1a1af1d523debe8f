"""Revert: propose what was live before a change. It is a new change, planned and applied like any other.

To restore an API to a moment is to revert the first change after it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.errors import AppError, InvalidInput
from apis.inventory.history import change_log
from apis.inventory.models import Change, HttpApi


def proposal(change: Change) -> CorsPolicy:
    """Return the configuration before `change`. Raises AppError for a change that never took effect or came first."""
    if change.status != Change.Status.APPLIED:
        raise AppError("This change was never applied, so there is nothing to revert.")
    if change.kind == Change.Kind.DISCOVERED:
        raise AppError("This is the first known configuration; there is nothing to revert to.")
    return change.before.policy if change.before else CorsPolicy.off()


def reverted(api: HttpApi, pk: int, proposed: CorsPolicy) -> Change | None:
    """Return the change of that number, if `proposed` reverts it: is exactly what was there before it.

    More is allowed to who only goes back, and what was picked or edited since is not what was there.
    """
    found = api.changes.filter(pk=pk).select_related("before").first()
    try:
        return found if found and proposal(found) == proposed else None
    except AppError:
        return None


def find_revert_to_moment(api: HttpApi, moment: datetime) -> Change:
    """Return the change whose revert restores an API to how it was at `moment`. Raises AppError."""
    if moment > timezone.now():
        raise InvalidInput("This time is in the future.", "at")
    if not moment.microsecond:
        # Pages show times to the second: that whole second is meant, with what took effect in it.
        moment += timedelta(microseconds=999_999)
    known = change_log.first_seen(api)
    if known is None or moment < known:
        since = f" before {known:%d %b %Y, %H:%M:%S} UTC, when it was found" if known else ""
        raise InvalidInput(f"The configuration is unknown{since}.", "at")
    following = change_log.first_after(api, moment)
    if following is None:
        raise InvalidInput("Nothing has changed since then.", "at")
    return following


def find_revert_to_change(change: Change) -> Change:
    """Return the change whose revert restores the API to how `change` left it. Raises AppError."""
    if change.status != Change.Status.APPLIED:
        raise InvalidInput("This change was never applied, so there is nothing to restore.", "change")
    following = change_log.first_after(change.api, change.at)
    if following is None:
        raise InvalidInput("Nothing has changed since then.", "change")
    return following


def ended_grant_origins(api: HttpApi, origins: Collection[str]) -> list[str]:
    """Return those of some origins that were allowed temporarily only, and whose time is over."""
    past = api.grants.filter(origin__in=origins, state="ended")
    return sorted(set(past.values_list("origin", flat=True)))
