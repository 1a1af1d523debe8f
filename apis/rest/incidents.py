"""Incidents, channels and deliveries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from apis.alerting import channels as channel_verbs
from apis.alerting import incidents as incident_verbs
from apis.alerting.models import Channel, Delivery, Incident
from apis.rest import request_schemas, response_schemas, serializers
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing

router = Router(tags=["incidents"])
Answer = dict[str, Any]


@router.get("incidents", response={200: response_schemas.Page[response_schemas.Incident], **ERRORS})
def incidents(request: HttpRequest, listing: Query[request_schemas.IncidentListing]) -> Answer:
    """Incidents, newest first; `state` keeps the open or the closed ones."""
    rows = Incident.objects.prefetch_related("members")
    if listing.state:
        rows = rows.filter(state=listing.state)
    return page(request, rows, ("-opened_at", "-id"), serializers.incident, listing.limit, listing.cursor)


@router.get("incidents/{int:pk}", response={200: response_schemas.Incident, **ERRORS})
def incident(request: HttpRequest, pk: int) -> Answer:
    """One incident."""
    return serializers.incident(_incident(pk))


@router.post("incidents/{int:pk}/acknowledge", response={200: response_schemas.Incident, **ERRORS})
def acknowledge(request: HttpRequest, pk: int, payload: request_schemas.NoteBody | None = None) -> Answer:
    """Say that somebody is on it."""
    payload = payload or request_schemas.NoteBody()
    user, row = allow(request, "edit"), _incident(pk)
    return serializers.incident(incident_verbs.acknowledge(row, user, payload.note))


@router.get("channels", response={200: response_schemas.Page[response_schemas.Channel], **ERRORS})
def channels(request: HttpRequest, listing: Query[request_schemas.Listing]) -> Answer:
    """Where people are told."""
    allow(request, "admin")
    return page(request, Channel.objects.all(), ("id",), serializers.channel, listing.limit, listing.cursor)


@router.post("channels", response={201: response_schemas.NewChannel, **ERRORS})
def make(request: HttpRequest, payload: request_schemas.ChannelBody) -> Status[Any]:
    """Make a channel. A webhook's signing secret is in this answer, and never again."""
    row = channel_verbs.create(allow(request, "admin"), **payload.model_dump())
    return Status(201, {**serializers.channel(row), "secret": row.secret or None})


@router.get("channels/{int:pk}", response={200: response_schemas.Channel, **ERRORS})
def channel(request: HttpRequest, pk: int) -> Answer:
    """One channel."""
    allow(request, "admin")
    return serializers.channel(_channel(pk))


@router.patch("channels/{int:pk}", response={200: response_schemas.Channel, **ERRORS})
def change(request: HttpRequest, pk: int, payload: request_schemas.ChannelPatch) -> Answer:
    """Change a channel, or switch it on or off; what is left out stays as it is."""
    user = allow(request, "admin")
    row, given = _channel(pk), payload.model_dump(exclude_unset=True)
    enabled = given.pop("enabled", row.enabled)
    if given:
        channel_verbs.change(user, row, **{"name": row.name, "address": row.address} | given)
    if enabled != row.enabled:
        channel_verbs.enable(user, row, enabled)
    return serializers.channel(row)


@router.delete("channels/{int:pk}", response={204: None, **ERRORS})
def delete(request: HttpRequest, pk: int) -> Status[Any]:
    """Remove a channel; the record of what it was told stays."""
    channel_verbs.delete(allow(request, "admin"), _channel(pk))
    return Status(204, None)


@router.post("channels/{int:pk}/test", response={202: response_schemas.Delivery, **ERRORS})
def test(request: HttpRequest, pk: int) -> Status[Any]:
    """Send a test message; how it went comes to `deliveries`."""
    user = allow(request, "admin")
    return Status(202, serializers.delivery(channel_verbs.test(_channel(pk), user)))


@router.get("deliveries", response={200: response_schemas.Page[response_schemas.Delivery], **ERRORS})
def deliveries(request: HttpRequest, listing: Query[request_schemas.Listing]) -> Answer:
    """Every message to a channel with its attempts, newest first."""
    allow(request, "admin")
    rows = Delivery.objects.prefetch_related("attempts")
    return page(request, rows, ("-created_at", "-id"), serializers.delivery, listing.limit, listing.cursor)


def _channel(pk: int) -> Channel:
    found = Channel.objects.filter(pk=pk).first()
    if found is None:
        raise missing("channel")
    return found


def _incident(pk: int) -> Incident:
    found = Incident.objects.select_related("api").prefetch_related("members").filter(pk=pk).first()
    if found is None:
        raise missing("incident")
    return found
