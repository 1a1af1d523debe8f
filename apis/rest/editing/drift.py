"""Drift and baselines: what people say to drift, and locks on configurations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from apis.inventory.history import baseline, drift
from apis.inventory.models import Baseline as BaselineRow
from apis.inventory.models import Change
from apis.inventory.models import DriftAnswer as DriftAnswerRow
from apis.rest.api import ERRORS, allow
from apis.rest.inventory.apis import find_api
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Body, Moment, NoteBody, Time
from apis.rest.values import Cors

router = Router(tags=["drift"])


class IgnoreBody(NoteBody):
    """Until when to leave a drift alone."""

    until: Moment


class LockBody(Body):
    """The version that was seen, so that nothing else is locked by mistake, and why."""

    version: int | None = Field(default=None, ge=1, le=2_000_000_000)
    note: str = Field(default="", max_length=500)


class DriftAnswer(Answer):
    """A person's answer to a drift: accepted, or ignored until a time."""

    change: int = Field(validation_alias="change_id")
    answer: str = Field(validation_alias="kind")
    until: Time | None
    by: str = Field(validation_alias="by_name")
    note: str
    at: Time


class Baseline(Answer):
    """The configuration that an API is locked to; `departed_at` is since when it differs."""

    api: int
    version: int
    cors: Cors | None
    by: str
    note: str
    at: Time
    departed_at: Time | None


@router.post("changes/{int:pk}/accept", response={200: DriftAnswer, **ERRORS})
def accept_drift(request: HttpRequest, pk: int, payload: NoteBody | None = None) -> DriftAnswerRow:
    """Accept a drift."""
    payload = payload or NoteBody()
    user, change = allow(request, "edit"), _change(pk)
    return drift.accept(change, user, payload.note)


@router.post("changes/{int:pk}/ignore", response={200: DriftAnswer, **ERRORS})
def ignore_drift(request: HttpRequest, pk: int, payload: IgnoreBody) -> DriftAnswerRow:
    """Ignore a drift until a time; then it needs a review again."""
    user, change = allow(request, "edit"), _change(pk)
    until = payload.until if timezone.is_aware(payload.until) else timezone.make_aware(payload.until)
    return drift.ignore(change, user, until, payload.note)


@router.get("apis/{int:pk}/baseline", response={200: Baseline, **ERRORS})
def read_baseline(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The configuration that an API is locked to, and since when it differs."""
    api = find_api(pk)
    found = baseline.active_baseline(api)
    if found is None:
        raise missing("baseline")
    violation = baseline.violation_of(api)
    return _baseline(found, violation.at if violation else None)


@router.put("apis/{int:pk}/baseline", response={200: Baseline, **ERRORS})
def lock_baseline(request: HttpRequest, pk: int, payload: LockBody | None = None) -> dict[str, Any]:
    """Lock an API to its current configuration."""
    payload = payload or LockBody()
    user, api = allow(request, "edit"), find_api(pk)
    return _baseline(baseline.lock(api, user, payload.note, payload.version))


@router.delete("apis/{int:pk}/baseline", response={200: Baseline, **ERRORS})
def unlock_baseline(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Unlock an API; returns the baseline."""
    user, api = allow(request, "edit"), find_api(pk)
    return _baseline(baseline.unlock(api, user))


def _change(pk: int) -> Change:
    found = Change.objects.select_related("api").filter(pk=pk).first()
    if found is None:
        raise missing("change")
    return found


def _baseline(row: BaselineRow, departed_at: datetime | None = None) -> dict[str, Any]:
    return {
        "api": row.api_id,
        "version": row.configuration.number,
        "cors": row.configuration.cors,
        "by": row.by_name,
        "note": row.note,
        "at": row.at,
        "departed_at": departed_at,
    }
