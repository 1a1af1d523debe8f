"""Drift and baselines: what people say to drift, and locks on configurations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from apis.inventory import baseline, drift
from apis.inventory.models import Baseline, Change, DriftAnswer
from apis.rest.api import ERRORS, allow
from apis.rest.apis import find_api
from apis.rest.problems import missing
from apis.rest.request_schemas import Body, Moment, NoteBody
from apis.rest.serializers import time

router = Router(tags=["drift"])
Answer = dict[str, Any]


class IgnoreBody(NoteBody):
    """Until when to leave a drift alone."""

    until: Moment


class LockBody(Body):
    """The version that was seen, so that nothing else is locked by mistake, and why."""

    version: int | None = Field(default=None, ge=1, le=2_000_000_000)
    note: str = Field(default="", max_length=500)


@router.post("changes/{int:pk}/accept", response={200: dict[str, Any], **ERRORS})
def accept(request: HttpRequest, pk: int, payload: NoteBody | None = None) -> Answer:
    """Say that a drift is as it should be."""
    payload = payload or NoteBody()
    user, change = allow(request, "edit"), _change(pk)
    return _shown(drift.accept(change, user, payload.note))


@router.post("changes/{int:pk}/ignore", response={200: dict[str, Any], **ERRORS})
def ignore(request: HttpRequest, pk: int, payload: IgnoreBody) -> Answer:
    """Leave a drift alone until some time, after which it waits for an answer again."""
    user, change = allow(request, "edit"), _change(pk)
    until = payload.until if timezone.is_aware(payload.until) else timezone.make_aware(payload.until)
    return _shown(drift.ignore(change, user, until, payload.note))


@router.get("apis/{int:pk}/baseline", response={200: dict[str, Any], **ERRORS})
def of_api(request: HttpRequest, pk: int) -> Answer:
    """The configuration that an API is locked to, and since when it is another, if it is."""
    api = find_api(pk)
    found = baseline.of_api(api)
    if found is None:
        raise missing("baseline")
    departure = baseline.departure_of(api)
    return _baseline(found) | {"departed_at": time(departure.at) if departure else None}


@router.put("apis/{int:pk}/baseline", response={200: dict[str, Any], **ERRORS})
def lock(request: HttpRequest, pk: int, payload: LockBody | None = None) -> Answer:
    """Lock an API to the configuration that it has now."""
    payload = payload or LockBody()
    user, api = allow(request, "edit"), find_api(pk)
    return _baseline(baseline.lock(api, user, payload.note, payload.version)) | {"departed_at": None}


@router.delete("apis/{int:pk}/baseline", response={200: dict[str, Any], **ERRORS})
def unlock(request: HttpRequest, pk: int) -> Answer:
    """Take the lock off; what was locked comes back."""
    user, api = allow(request, "edit"), find_api(pk)
    return _baseline(baseline.unlock(api, user)) | {"departed_at": None}


def _shown(answer: DriftAnswer) -> Answer:
    return {
        "change": answer.change_id,
        "answer": answer.kind,
        "until": time(answer.until),
        "by": answer.by_name,
        "note": answer.note,
        "at": time(answer.at),
    }


def _baseline(row: Baseline) -> Answer:
    return {
        "api": row.api_id,
        "version": row.configuration.number,
        "cors": row.configuration.cors,
        "by": row.by_name,
        "note": row.note,
        "at": time(row.at),
    }


def _change(pk: int) -> Change:
    found = Change.objects.select_related("api").filter(pk=pk).first()
    if found is None:
        raise missing("change")
    return found
