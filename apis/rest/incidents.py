"""Incidents."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from apis.alerting import incidents as incident_verbs
from apis.alerting.models import Incident as IncidentRow
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Listing, NoteBody, Page, Time

router = Router(tags=["incidents"])


class IncidentListing(Listing):
    """Which incidents."""

    state: Literal["open", "closed", ""] = ""


class Incident(Answer):
    """A stretch of failing with the change that came right before."""

    id: int
    api: int = Field(validation_alias="api_id")
    state: Literal["open", "closed"]
    summary: str
    opened_at: Time
    closed_at: Time | None
    acknowledged_at: Time | None
    probes: list[int]
    suspected_change: int | None = Field(validation_alias="suspected_change_id")

    @staticmethod
    def resolve_probes(row: IncidentRow) -> list[int]:
        """Return the ids of its probes."""
        return [member.probe_id for member in row.members.all()]


@router.get("incidents", response={200: Page[Incident], **ERRORS})
def incidents(request: HttpRequest, listing: Query[IncidentListing]) -> dict[str, Any]:
    """Incidents, newest first; `state` keeps the open or the closed ones."""
    rows = IncidentRow.objects.prefetch_related("members")
    if listing.state:
        rows = rows.filter(state=listing.state)
    return page(request, rows, ("-opened_at", "-id"), listing)


@router.get("incidents/{int:pk}", response={200: Incident, **ERRORS})
def incident(request: HttpRequest, pk: int) -> IncidentRow:
    """One incident."""
    return _incident(pk)


@router.post("incidents/{int:pk}/acknowledge", response={200: Incident, **ERRORS})
def acknowledge(request: HttpRequest, pk: int, payload: NoteBody | None = None) -> IncidentRow:
    """Say that somebody is on it."""
    payload = payload or NoteBody()
    user, row = allow(request, "edit"), _incident(pk)
    return incident_verbs.acknowledge(row, user, payload.note)


def _incident(pk: int) -> IncidentRow:
    found = IncidentRow.objects.select_related("api").prefetch_related("members").filter(pk=pk).first()
    if found is None:
        raise missing("incident")
    return found
