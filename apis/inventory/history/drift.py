"""Drift: what people say to it, and which of it still waits for an answer."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apis.access import audit
from apis.errors import AppError, InvalidInput
from apis.inventory.models import Change, DriftAnswer, HttpApi

LONGEST_NOTE = 500


def open_drift(now: datetime | None = None) -> QuerySet[Change]:
    """Return unreviewed drift that is still live.

    Of several answers the newest counts. Drift that was reverted, or that other changes came after, needs none.
    """
    in_force = Q(kind=DriftAnswer.Kind.ACCEPTED) | Q(until__gt=now or timezone.now())
    later = DriftAnswer.objects.filter(change=OuterRef("change"), pk__gt=OuterRef("pk"))
    answered = DriftAnswer.objects.filter(in_force, ~Exists(later), change=OuterRef("pk"))
    current = HttpApi.objects.filter(pk=OuterRef("api"), current=OuterRef("after"), gone_at=None)
    return Change.objects.filter(Exists(current), ~Exists(answered), kind=Change.Kind.DRIFT)


def unreviewed_drift(api: HttpApi) -> Change | None:
    """Return the drift of one API that waits for an answer."""
    # Few configurations came by drift, and asking that first costs a fraction of the rest.
    if not Change.objects.filter(api=api, after=api.current_id, kind=Change.Kind.DRIFT).exists():
        return None
    return open_drift().filter(api=api).select_related("attribution").first()


def accept(change: Change, user: User, note: str = "") -> DriftAnswer:
    """Note that a drift is as it should be. Raises AppError."""
    return _answer(change, user, DriftAnswer.Kind.ACCEPTED, None, note)


def ignore(change: Change, user: User, until: datetime | None, note: str = "") -> DriftAnswer:
    """Ignore a drift until a time; then it is unreviewed again. Raises AppError."""
    if until is None:
        raise InvalidInput("enter an end, such as 2030-01-31T12:00", "until")
    if until <= timezone.now():
        raise InvalidInput("must be in the future", "until")
    return _answer(change, user, DriftAnswer.Kind.IGNORED, until, note)


def _answer(change: Change, user: User, kind: str, until: datetime | None, note: str) -> DriftAnswer:
    if change.kind != Change.Kind.DRIFT:
        raise AppError("This change is not drift; it was made in corsdash.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"must have at most {LONGEST_NOTE} characters", "note")
    answer = DriftAnswer.objects.create(
        change=change, kind=kind, until=until, by=user, by_name=user.get_username(), note=note, at=timezone.now()
    )
    ends = {"until": until.isoformat(timespec="seconds")} if until else {}
    audit.record(user, f"drift {kind}", f"{change.api.name}: {change.summary}", note=note, **ends)
    return answer
