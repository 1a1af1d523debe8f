"""Channels and deliveries."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.alerting import channels as channel_verbs
from apis.alerting.channels.apprise import acceptance
from apis.alerting.models import Channel as ChannelRow
from apis.alerting.models import Delivery as DeliveryRow
from apis.alerting.sending import message_templates
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Page, Text, Time

router = Router(tags=["incidents"])


class MessageTemplates(Body):
    """What messages say, as Django templates; "" is the usual title or text."""

    title_template: str = Field("", max_length=message_templates.MOST_TEMPLATE["title_template"])
    body_template: str = Field("", max_length=message_templates.MOST_TEMPLATE["body_template"])


class ChannelBody(MessageTemplates):
    """A channel to make. Its kind says which of url, address, secret and account it needs: see `channel-kinds`."""

    kind: str
    name: str = Field(min_length=1, max_length=100)
    url: str = Field("", max_length=2000)
    address: str = Field("", max_length=320)
    secret: str = Field("", max_length=200)
    account: int | None = Field(None, ge=0, le=MOST_ID, description="SNS and EventBridge: the account to send from.")
    proposals: bool = Field(False, description="Also send proposal notifications.")


class ChannelPatch(MessageTemplates):
    """What to change of a channel; what is left out stays as it is."""

    name: str = Field("", min_length=1, max_length=100)
    url: str = Field("", min_length=1, max_length=2000)
    address: str = Field("", min_length=1, max_length=320)
    secret: str = Field("", min_length=1, max_length=200)
    account: int | None = Field(None, ge=0, le=MOST_ID)
    proposals: bool = False
    enabled: bool = True


class Channel(Answer):
    """A channel; its secret and a webhook's address are never shown again."""

    id: int
    kind: str
    name: str
    address: str
    account: int | None = Field(validation_alias="account_id")
    enabled: bool
    proposals: bool
    title_template: str
    body_template: str
    failing_since: Time | None = Field(description="The first failed attempt since the last delivered message.")
    last_error: Text = Field(description="Why the newest attempt failed; empty after a delivered message.")


class ChannelField(Answer):
    """A field of a kind."""

    name: Literal["url", "address", "secret", "account"]
    label: str
    help: str = Field(validation_alias="help_text")
    required: bool
    write_only: bool = Field(validation_alias="is_write_only")


class ChannelKind(Answer):
    """A kind of channel with its fields."""

    kind: str = Field(validation_alias="name")
    label: str
    summary: str
    fields: list[ChannelField]


class ChannelKinds(Answer):
    """Every kind."""

    items: list[ChannelKind]


class NewChannel(Channel):
    """A channel that was just made, with the signing secret of a webhook."""

    secret: Text

    @staticmethod
    def resolve_secret(row: ChannelRow) -> str:
        """Return what the receiver needs to check signatures; keys and tokens of others are never shown."""
        return row.secret if channel_verbs.kind_of(row).makes_secret else ""


class AppriseDecision(Body):
    """Whether Apprise may send past the outbound guard."""

    accepted: bool


class AppriseAcceptance(Answer):
    """Whether Apprise is on, and who accepted it when."""

    accepted: bool
    at: Time | None
    by: Text


class Preview(Answer):
    """A message as templates make it, and the event it is about: a sample before anything has happened."""

    event: str
    at: Time
    is_sample: bool
    title: str
    body: str


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
    template_error: str | None = Field(description="Why the channel's templates were not used.")
    attempts: list[Attempt]


@router.get("channel-kinds", response={200: ChannelKinds, **ERRORS})
def list_kinds(request: HttpRequest) -> dict[str, Any]:
    """The kinds of channels and the fields of each."""
    allow(request, "admin")
    return {"items": list(channel_verbs.kinds().values())}


@router.get("channel-kinds/apprise/acceptance", response={200: AppriseAcceptance, **ERRORS})
def read_apprise(request: HttpRequest) -> dict[str, Any]:
    """Whether Apprise is on: an admin has accepted that its calls do not pass the outbound guard."""
    allow(request, "admin")
    return _acceptance()


@router.put("channel-kinds/apprise/acceptance", response={200: AppriseAcceptance, **ERRORS})
def turn_apprise(request: HttpRequest, payload: AppriseDecision) -> dict[str, Any]:
    """Turn Apprise on, or off: its channels are kept and fail while it is off.

    An Apprise URL may name any host that corsdash reaches, private addresses included, and redirects are followed.
    """
    user = allow(request, "admin")
    (acceptance.accept if payload.accepted else acceptance.withdraw)(user)
    return _acceptance()


@router.get("channels", response={200: Page[Channel], **ERRORS})
def list_channels(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Channels: the destinations of notifications."""
    allow(request, "admin")
    return page(request, ChannelRow.objects.all(), ("id",), listing)


@router.post("channels", response={201: NewChannel, **ERRORS})
def create_channel(request: HttpRequest, payload: ChannelBody) -> Status[Any]:
    """Create a channel. Only this response contains a webhook's signing secret."""
    user, given = allow(request, "admin"), payload.model_dump()
    texts = {name: given.pop(name) for name in message_templates.MOST_TEMPLATE}
    with transaction.atomic():
        row = channel_verbs.create(user, **given | {"account": _text(given["account"])})
        if any(texts.values()):
            message_templates.save_templates(user, row, **texts)
    return Status(201, row)


@router.get("channels/{int:pk}", response={200: Channel, **ERRORS})
def read_channel(request: HttpRequest, pk: int) -> ChannelRow:
    """One channel."""
    allow(request, "admin")
    return _channel(pk)


@router.patch("channels/{int:pk}", response={200: Channel, **ERRORS})
def change_channel(request: HttpRequest, pk: int, payload: ChannelPatch) -> ChannelRow:
    """Change, enable or disable a channel; omitted fields keep their values."""
    user = allow(request, "admin")
    row, given = _channel(pk), payload.model_dump(exclude_unset=True)
    enabled = given.pop("enabled", row.enabled)
    texts = {name: given.pop(name) for name in message_templates.MOST_TEMPLATE if name in given}
    stored = {name: getattr(row, name) for name in message_templates.MOST_TEMPLATE}
    if texts:
        message_templates.check_templates(row, **stored | texts)
    if given:
        if "account" in given:
            given["account"] = _text(given["account"])
        kept = {"name": row.name, "address": row.address, "account": _text(row.account_id)}
        channel_verbs.change(user, row, **kept | given)
    if texts:
        message_templates.save_templates(user, row, **stored | texts)
    if enabled != row.enabled:
        channel_verbs.enable(user, row, enabled)
    return row


@router.delete("channels/{int:pk}", response={204: None, **ERRORS})
def delete_channel(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a channel; its delivery history is kept."""
    channel_verbs.delete(allow(request, "admin"), _channel(pk))
    return Status(204, None)


@router.post("channels/{int:pk}/test", response={202: Delivery, **ERRORS})
def test_channel(request: HttpRequest, pk: int) -> Status[Any]:
    """Send a test message; `deliveries` shows the result."""
    user = allow(request, "admin")
    return Status(202, channel_verbs.test(_channel(pk), user))


@router.post("channels/{int:pk}/preview", response={200: Preview, **ERRORS})
def preview_message(request: HttpRequest, pk: int, payload: MessageTemplates) -> message_templates.Preview:
    """Render these templates for the last real event. Nothing is sent or stored."""
    allow(request, "admin")
    return message_templates.preview(_channel(pk), **payload.model_dump())


@router.get("deliveries", response={200: Page[Delivery], **ERRORS})
def list_deliveries(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """Every message to a channel with its attempts, newest first."""
    allow(request, "admin")
    rows = DeliveryRow.objects.prefetch_related("attempts")
    return page(request, rows, ("-created_at", "-id"), listing)


def _acceptance() -> dict[str, Any]:
    row = acceptance.acceptance()
    return {"accepted": row is not None, "at": row.at if row else None, "by": row.by_name if row else ""}


def _text(account: int | None) -> str:
    return "" if account is None else str(account)


def _channel(pk: int) -> ChannelRow:
    found = ChannelRow.objects.filter(pk=pk).first()
    if found is None:
        raise missing("channel")
    return found
