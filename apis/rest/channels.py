"""Channels and deliveries."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.alerting import channels as channel_verbs
from apis.alerting.models import Channel as ChannelRow
from apis.alerting.models import Delivery as DeliveryRow
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Body, Listing, Page, Text, Time

router = Router(tags=["incidents"])


class ChannelBody(Body):
    """A channel to make: a webhook needs a url (its secret is made when none is given), e-mail an address."""

    kind: str
    name: str = Field(min_length=1, max_length=100)
    url: str = Field("", max_length=2000)
    address: str = Field("", max_length=320)
    secret: str = Field("", max_length=200)
    proposals: bool = Field(False, description="Also send proposal notifications.")


class ChannelPatch(Body):
    """What to change of a channel; what is left out stays as it is."""

    name: str = Field("", min_length=1, max_length=100)
    url: str = Field("", min_length=1, max_length=2000)
    address: str = Field("", min_length=1, max_length=320)
    secret: str = Field("", min_length=1, max_length=200)
    enabled: bool = True


class Channel(Answer):
    """A channel; its secret and a webhook's address are never shown again."""

    id: int
    kind: str
    name: str
    address: str
    enabled: bool
    proposals: bool


class NewChannel(Channel):
    """A channel that was just made, with its signing secret."""

    secret: Text


class Attempt(Answer):
    """One try to send."""

    at: Time
    status: int | None
    error: Text
    took_ms: float


class Delivery(Answer):
    """A message to a channel with its attempts."""

    id: int
    message_id: str = Field(validation_alias="wire_id")
    channel: int = Field(validation_alias="channel_id")
    incident: int | None = Field(validation_alias="incident_id")
    event: str
    state: Literal["waiting", "sent", "failed"]
    created_at: Time
    sent_at: Time | None
    next_attempt_at: Time | None
    attempts: list[Attempt]


@router.get("channels", response={200: Page[Channel], **ERRORS})
def channels(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Where people are told."""
    allow(request, "admin")
    return page(request, ChannelRow.objects.all(), ("id",), listing)


@router.post("channels", response={201: NewChannel, **ERRORS})
def make(request: HttpRequest, payload: ChannelBody) -> Status[Any]:
    """Make a channel. A webhook's signing secret is in this answer, and never again."""
    row = channel_verbs.create(allow(request, "admin"), **payload.model_dump())
    return Status(201, row)


@router.get("channels/{int:pk}", response={200: Channel, **ERRORS})
def channel(request: HttpRequest, pk: int) -> ChannelRow:
    """One channel."""
    allow(request, "admin")
    return _channel(pk)


@router.patch("channels/{int:pk}", response={200: Channel, **ERRORS})
def change(request: HttpRequest, pk: int, payload: ChannelPatch) -> ChannelRow:
    """Change a channel, or switch it on or off; what is left out stays as it is."""
    user = allow(request, "admin")
    row, given = _channel(pk), payload.model_dump(exclude_unset=True)
    enabled = given.pop("enabled", row.enabled)
    if given:
        channel_verbs.change(user, row, **{"name": row.name, "address": row.address} | given)
    if enabled != row.enabled:
        channel_verbs.enable(user, row, enabled)
    return row


@router.delete("channels/{int:pk}", response={204: None, **ERRORS})
def delete(request: HttpRequest, pk: int) -> Status[Any]:
    """Remove a channel; the record of what it was told stays."""
    channel_verbs.delete(allow(request, "admin"), _channel(pk))
    return Status(204, None)


@router.post("channels/{int:pk}/test", response={202: Delivery, **ERRORS})
def test(request: HttpRequest, pk: int) -> Status[Any]:
    """Send a test message; how it went comes to `deliveries`."""
    user = allow(request, "admin")
    return Status(202, channel_verbs.test(_channel(pk), user))


@router.get("deliveries", response={200: Page[Delivery], **ERRORS})
def deliveries(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Every message to a channel with its attempts, newest first."""
    allow(request, "admin")
    rows = DeliveryRow.objects.prefetch_related("attempts")
    return page(request, rows, ("-created_at", "-id"), listing)


def _channel(pk: int) -> ChannelRow:
    found = ChannelRow.objects.filter(pk=pk).first()
    if found is None:
        raise missing("channel")
    return found
