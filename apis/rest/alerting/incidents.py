"""Incidents."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from apis.alerting.incidents import incident_actions as incident_verbs
from apis.alerting.incidents.incident_report import report_of
from apis.alerting.models import Incident as IncidentRow
from apis.alerting.rules.models import Decision
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Body, Listing, Moment, NoteBody, Page, Text, Time

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
    snoozed_until: Time | None
    assignee: str | None
    probes: list[int]
    suspected_change: int | None = Field(validation_alias="suspected_change_id")

    @staticmethod
    def resolve_assignee(row: IncidentRow) -> str | None:
        """Return the user name of the person who has it."""
        return row.assignee.get_username() if row.assignee else None

    @staticmethod
    def resolve_probes(row: IncidentRow) -> list[int]:
        """Return the ids of its probes."""
        return [member.probe_id for member in row.members.all()]


class SnoozeBody(Body):
    """Until when; null ends the snooze."""

    until: Moment | None


class AssignBody(Body):
    """Who takes care, by user name."""

    user: str = Field(max_length=150)


class CommentBody(Body):
    """A comment."""

    text: str = Field(min_length=1, max_length=2000)


class Report(Answer):
    """The report of a closed incident."""

    id: int
    markdown: str


class Notification(Answer):
    """What one rule made of one event, for one channel or for none."""

    at: Time
    event: str
    kind: str
    severity: Literal["info", "warning", "error", "critical"]
    rule: int | None = Field(validation_alias="rule_id")
    rule_name: str
    channel: int | None = Field(validation_alias="channel_id")
    channel_name: Text
    outcome: Literal["notified", "delayed", "deferred", "dropped", "duplicate", "no_match", "disabled"]
    reason: Text
    until: Time | None
    delivery: int | None = Field(validation_alias="delivery_id")
    delivery_state: Literal["waiting", "sent", "failed"] | None

    @staticmethod
    def resolve_channel_name(row: Decision) -> str:
        """Return the channel's name."""
        return row.channel.name if row.channel else ""

    @staticmethod
    def resolve_delivery_state(row: Decision) -> str | None:
        """Return how far its message got."""
        return row.delivery.state if row.delivery else None


@router.get("incidents", response={200: Page[Incident], **ERRORS})
def list_incidents(request: HttpRequest, listing: Query[IncidentListing]) -> dict[str, Any]:
    """Incidents, newest first; `state` keeps the open or the closed ones."""
    rows = IncidentRow.objects.select_related("assignee").prefetch_related("members")
    if listing.state:
        rows = rows.filter(state=listing.state)
    return page(request, rows, ("-opened_at", "-id"), listing)


@router.get("incidents/{int:pk}", response={200: Incident, **ERRORS})
def read_incident(request: HttpRequest, pk: int) -> IncidentRow:
    """One incident."""
    return _incident(pk)


@router.post("incidents/{int:pk}/acknowledge", response={200: Incident, **ERRORS})
def acknowledge_incident(request: HttpRequest, pk: int, payload: NoteBody | None = None) -> IncidentRow:
    """Acknowledge an incident."""
    payload = payload or NoteBody()
    user, row = allow(request, "edit"), _incident(pk)
    return incident_verbs.acknowledge(row, user, payload.note)


@router.post("incidents/{int:pk}/snooze", response={200: Incident, **ERRORS})
def snooze_incident(request: HttpRequest, pk: int, payload: SnoozeBody) -> IncidentRow:
    """Snooze an open incident until a time; null ends the snooze."""
    user, row = allow(request, "edit"), _incident(pk)
    if payload.until is None:
        return incident_verbs.wake(row, user)
    return incident_verbs.snooze(row, user, payload.until)


@router.post("incidents/{int:pk}/assign", response={200: Incident, **ERRORS})
def assign_incident(request: HttpRequest, pk: int, payload: AssignBody) -> IncidentRow:
    """Assign an incident to a person; "" unassigns it."""
    user, row = allow(request, "edit"), _incident(pk)
    return incident_verbs.assign(row, user, payload.user)


@router.post("incidents/{int:pk}/comment", response={200: Incident, **ERRORS})
def comment_on_incident(request: HttpRequest, pk: int, payload: CommentBody) -> IncidentRow:
    """Add a comment to the timeline."""
    user, row = allow(request, "edit"), _incident(pk)
    incident_verbs.comment(row, user, payload.text)
    return row


@router.get("incidents/{int:pk}/report", response={200: Report, **ERRORS})
def read_report(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The report of a closed incident as Markdown; 409 while it is open."""
    row = _incident(pk)
    return {"id": row.pk, "markdown": report_of(row)}


@router.get("incidents/{int:pk}/notifications", response={200: Page[Notification], **ERRORS})
def list_notifications(request: HttpRequest, pk: int, listing: Query[Listing]) -> dict[str, Any]:
    """How each rule decided about the incident's events, oldest first."""
    rows = Decision.objects.filter(incident=_incident(pk)).select_related("channel", "delivery")
    return page(request, rows, ("id",), listing)


def _incident(pk: int) -> IncidentRow:
    found = IncidentRow.objects.select_related("api", "assignee").prefetch_related("members").filter(pk=pk).first()
    if found is None:
        raise missing("incident")
    return found
