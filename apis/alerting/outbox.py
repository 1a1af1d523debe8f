"""The outbox: a Delivery row is the intent to tell somebody, written together with what is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apis.access import audit
from apis.alerting import events
from apis.alerting.models import Channel, Delivery, Incident, IncidentProbe, ProposalNotice
from apis.editing.apply.models import Proving
from apis.editing.review.models import Proposal, ProposalEvent
from apis.inventory.models import Change, Departure
from apis.jobs import lease

BATCH = 100
"""Deliveries that one sweep hands to the workers."""
GUARD_DECIDES_IN = timedelta(minutes=1)
"""How long the message about an incident waits while the guard may revert the change that caused it."""
LATELY = timedelta(hours=1)
"""What happened to a proposal longer ago is no news: nobody is told of it when corsdash was off for a while."""
TOLD = ("proposed", "replanned", "approved", "declined", "suspended", "applied", "failed")
"""The rows of a proposal's timeline that make news."""


def announce(incident: Incident, event: str, now: datetime) -> int:
    """Write one Delivery per enabled channel; call it inside the transaction that makes the event true."""
    members = incident.members.select_related("probe__api").order_by("down_at", "id")
    return announce_all([(incident, event, list(members))], now)


def announce_all(moments: Iterable[tuple[Incident, str, list[IncidentProbe]]], now: datetime) -> int:
    """The same for many events in their order, each with its incident and the members as they were then."""
    channels = list(Channel.objects.filter(enabled=True))
    rows = []
    moments = list(moments) if channels else []
    guarded = _guarded({incident.api_id for incident, event, _ in moments if event == events.OPENED})
    over = {incident.pk for incident, event, _ in moments if event == events.CLOSED}
    if over:
        # Held back, and over before it was sent: the message about the end says all.
        held = Delivery.objects.filter(incident__in=over, event=events.OPENED, state=Delivery.State.WAITING)
        held.filter(attempts__isnull=True, next_attempt_at__gt=now).delete()
    for incident, event, members in moments:
        is_held = event == events.OPENED and incident.api_id in guarded
        if is_held and incident.pk in over:
            continue
        due = now + GUARD_DECIDES_IN if is_held else now
        data = events.about_incident(incident, members)
        rows += [_row(channel, event, data, due, incident) for channel in channels]
    return len(Delivery.objects.bulk_create(rows, batch_size=500))


def _guarded(apis: set[int]) -> set[int]:
    """Those of these APIs of which the guard may still revert a change."""
    if not apis:
        return set()
    guarded = Proving.objects.filter(change__api__in=apis, change__guard=True, change__status=Change.Status.APPLIED)
    reverting = Change.objects.filter(api__in=apis, kind=Change.Kind.GUARD, status=Change.Status.PENDING)
    found: list[Any] = list(guarded.filter(done_at=None).values_list("change__api", flat=True))
    found += reverting.values_list("api", flat=True)
    return set(found)


def announce_proposals(now: datetime | None = None) -> int:
    """Write Deliveries for what happened to proposals lately, once each, for the channels that want to hear of it."""
    now = now or timezone.now()
    lately = ProposalEvent.objects.filter(at__gt=now - LATELY, kind__in=TOLD, notice=None)
    written = 0
    for event in lately.select_related("proposal__api__account").order_by("at", "id")[:BATCH]:
        name = _name(event)
        try:
            with transaction.atomic():
                ProposalNotice.objects.create(event=event)
                wanting = Channel.objects.filter(enabled=True, proposals=True) if name else ()
                data = events.about_proposal(event)
                rows = [_row(channel, name, data, now) for channel in wanting]
                written += len(Delivery.objects.bulk_create(rows))
        except IntegrityError:
            # Another sweep was faster.
            continue
    return written


def _name(event: ProposalEvent) -> str:
    """The event's name in messages; empty for what nobody is told of."""
    if event.kind in (ProposalEvent.Kind.PROPOSED, ProposalEvent.Kind.REPLANNED):
        return f"{events.PROPOSAL}waiting" if event.proposal.state == Proposal.State.WAITING else ""
    return f"{events.PROPOSAL}{event.kind}"


def announce_departure(departure: Departure, event: str, now: datetime) -> int:
    """The same for a departure from a baseline."""
    data = events.about_departure(departure)
    rows = [_row(channel, event, data, now, departure=departure) for channel in Channel.objects.filter(enabled=True)]
    return len(Delivery.objects.bulk_create(rows))


def test(channel: Channel, user: AbstractBaseUser) -> Delivery:
    """Ask for a test message to a channel, enabled or not; the next sweep sends it, once and without retries."""
    row = _row(channel, events.TEST, events.about_test(channel, user.get_username()), timezone.now())
    row.save()
    audit.record(user, "tested a channel", channel.name)
    return row


def due(now: datetime | None = None, limit: int = BATCH) -> list[int]:
    """The ids of the deliveries to try now, longest due first.

    A channel hears of an incident's or a departure's events in their order: while one waits, the later ones do too.
    """
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    earlier = waiting.filter(channel=OuterRef("channel"), incident=OuterRef("incident"), pk__lt=OuterRef("pk"))
    departed = waiting.filter(channel=OuterRef("channel"), departure=OuterRef("departure"), pk__lt=OuterRef("pk"))
    now = now or timezone.now()
    ready = waiting.filter(lease.free(now), next_attempt_at__lte=now).exclude(Exists(earlier) | Exists(departed))
    return list(ready.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:limit])


def _row(
    channel: Channel,
    event: str,
    data: dict[str, Any],
    now: datetime,
    incident: Incident | None = None,
    departure: Departure | None = None,
) -> Delivery:
    return Delivery(
        channel=channel,
        incident=incident,
        departure=departure,
        event=event,
        data=data,
        created_at=now,
        next_attempt_at=now,
    )
