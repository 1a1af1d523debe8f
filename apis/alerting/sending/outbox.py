"""The outbox: a Delivery row is a pending notification, written in the transaction that causes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from apis.alerting.alerts.occasions import BASELINE, BLOCKED_ALLOWED, PROBE_DOWN, PROPOSAL, Occasion
from apis.alerting.channels.message import Severity
from apis.alerting.models import Attempt, Delivery, Incident, IncidentProbe, ProposalNotice
from apis.alerting.rules.models import Decision
from apis.alerting.sending import events
from apis.alerting.sending.notifying import FORGOTTEN, Notifier
from apis.editing.apply.models import Verification
from apis.editing.review.models import Proposal, ProposalEvent
from apis.inventory.models import BaselineViolation, Change
from apis.jobs import lease
from apis.jobs.bulk_reads import among
from apis.jobs.claims import Retry
from apis.probing.models import Probe

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
"""The pause after the first attempt triples with each further one, up to the longest."""
RETRIED_FOR = timedelta(hours=24)
"""After the first attempt; then the delivery has failed."""
LEAST_ATTEMPTS = 8
"""So many attempts, over more than an hour, also when corsdash was off or the clock was set ahead meanwhile."""
JITTER = 0.2
"""Pauses are longer by up to this share, so that a receiver that comes back does not get everything at once."""
_ATTEMPTS = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
RETRY = Retry(
    "next_attempt_at",
    pauses=[LONGEST_PAUSE * (1 + JITTER)],
    planned="not_before",
    planned_at="held_at",
    last_try=Coalesce(Subquery(_ATTEMPTS.values("at")[:1]), F("created_at")),
)
BATCH = 100
"""Deliveries that a sender takes up at once."""
GUARD_DECIDES_IN = timedelta(minutes=1)
"""How long the message about an incident waits while the guard may revert the change that caused it."""
RECENT = timedelta(hours=1)
"""Older events of a proposal are not sent, for example after corsdash was off."""
ANNOUNCED = ("proposed", "replanned", "approved", "declined", "suspended", "applied", "failed")
"""The rows of a proposal's timeline that make news."""


def announce_all(moments: Iterable[tuple[Incident, str, list[IncidentProbe]]], now: datetime) -> int:
    """Write the messages about many events in their order, each with its incident and its members of then.

    Call it inside the transaction that makes the events true.
    """
    moments = list(moments)
    if not moments:
        return 0
    notifier = Notifier(now)
    guarded = _guarded({incident.api_id for incident, event, _ in moments if event == events.OPENED})
    over = {incident.pk for incident, event, _ in moments if event == events.CLOSED}
    reached = _reached(over, now)
    if over:
        _drop_reminders(over, now)
    known = _notified({incident.pk for incident, event, _ in moments if event == events.OPENED})
    for incident, event, members in moments:
        occasion = occasion_of(incident, members, event)
        data = events.about_incident(incident, members)
        if event == events.OPENED:
            is_held = incident.api_id in guarded
            not_before = now + GUARD_DECIDES_IN if is_held else None
            is_over = incident.pk in over
            already = known[incident.pk]
            fresh = notifier.add(
                occasion,
                event,
                data,
                incident=incident,
                already=already,
                not_before=not_before,
                is_over=is_over,
            )
            known[incident.pk] = already | fresh
            reached[incident.pk] |= fresh
        else:
            notifier.add(occasion, event, data, incident=incident, notified=reached[incident.pk])
    return notifier.write()


def _notified(incidents: set[int]) -> dict[int, set[int]]:
    """Return the channels that have, or will get, a message about incidents: one that grows is not news to them."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Delivery.objects.filter(among("incident", incidents), event=events.OPENED)
    for incident, channel in rows.values_list("incident", "channel"):
        found[incident].add(channel)
    return found


def occasion_of(incident: Incident, members: list[IncidentProbe], event: str = events.OPENED) -> Occasion:
    """Return an incident as rules see it: severe when a call that must stay blocked is allowed."""
    failing = [one for one in members if one.up_at is None] or members
    allowed = any(one.probe.expect == Probe.Expect.BLOCKED for one in failing)
    kind = BLOCKED_ALLOWED if allowed else PROBE_DOWN
    apis = {one.probe.api_id: one.probe.api for one in members} or {incident.api_id: incident.api}
    return Occasion.about(apis.values(), kind, phase="closed" if event == events.CLOSED else "opened")


def _reached(over: set[int], now: datetime) -> dict[int, set[int]]:
    """Return the channels that hear of the end of these incidents."""
    if not over:
        return defaultdict(set)
    return reached_by(Delivery.objects.filter(among("incident", over), event=events.OPENED), "incident", now)


def reached_by(opened: QuerySet[Delivery], about: str, now: datetime) -> dict[int, set[int]]:
    """Return the channels to notify of an end, those notified of the beginning; by what it is `about`.

    What was held back and never sent is deleted: the message about the end says all, or no one needs to know.
    """
    found: dict[int, set[int]] = defaultdict(set)
    unsent = Q(state=Delivery.State.WAITING, attempts=None, next_attempt_at__gt=now)
    held = list(opened.filter(unsent).exclude(hold="").values_list("pk", "hold"))
    forgotten = [pk for pk, hold in held if hold in FORGOTTEN]
    for incident, channel in opened.exclude(pk__in=forgotten).values_list(about, "channel"):
        found[incident].add(channel)
    gone = [pk for pk, _ in held]
    ended = Decision.objects.filter(delivery__in=gone)
    ended.update(outcome=Decision.Outcome.DROPPED, reason="It ended before its message was sent.", until=None)
    Delivery.objects.filter(pk__in=gone).delete()
    return found


def _drop_reminders(over: set[int], now: datetime) -> None:
    """Delete the reminders that something holds back: the messages about the end would wait for them."""
    reminders = Delivery.objects.filter(among("incident", over), event=events.REMINDER)
    held = reminders.filter(state=Delivery.State.WAITING)
    held.filter(attempts=None, next_attempt_at__gt=now).delete()


def _guarded(apis: set[int]) -> set[int]:
    """Return those of these APIs of which the guard may still revert a change."""
    if not apis:
        return set()
    guarded = Verification.objects.filter(
        among("change__api", apis), change__guard=True, change__status=Change.Status.APPLIED
    )
    reverting = Change.objects.filter(among("api", apis), kind=Change.Kind.GUARD, status=Change.Status.PENDING)
    found: list[Any] = list(guarded.filter(done_at=None).values_list("change__api", flat=True))
    found += reverting.values_list("api", flat=True)
    return set(found)


def announce_proposals(now: datetime | None = None) -> int:
    """Write one Delivery per recent proposal event and subscribed channel."""
    now = now or timezone.now()
    recent = ProposalEvent.objects.filter(at__gt=now - RECENT, kind__in=ANNOUNCED, notice=None)
    written = 0
    for event in recent.select_related("proposal__api__account").order_by("at", "id")[:BATCH]:
        name = _name(event)
        try:
            with transaction.atomic():
                ProposalNotice.objects.create(event=event)
                if name:
                    notifier = Notifier(now)
                    severity: Severity | None = "error" if event.kind == ProposalEvent.Kind.FAILED else None
                    occasion = Occasion.about(event.proposal.api, PROPOSAL, severity)
                    notifier.add(occasion, name, events.about_proposal(event))
                    written += notifier.write()
        except IntegrityError:
            # Another sweep was faster.
            continue
    return written


def _name(event: ProposalEvent) -> str:
    """Return the event's name in messages; empty when no one is notified."""
    if event.kind in (ProposalEvent.Kind.PROPOSED, ProposalEvent.Kind.REPLANNED):
        return f"{events.PROPOSAL}waiting" if event.proposal.state == Proposal.State.WAITING else ""
    return f"{events.PROPOSAL}{event.kind}"


def announce_violation(violation: BaselineViolation, event: str, now: datetime) -> int:
    """Write the messages about a violation of a baseline."""
    begun = Delivery.objects.filter(violation=violation, event=events.DEPARTED)
    is_end = event == events.RESTORED
    notified = set(begun.values_list("channel", flat=True)) if is_end else None
    occasion = Occasion.about(violation.api, BASELINE, phase="closed" if is_end else "opened")
    notifier = Notifier(now)
    notifier.add(occasion, event, events.about_violation(violation), violation=violation, notified=notified)
    return notifier.write()


def due(now: datetime | None = None, limit: int = BATCH, alert: str = "", channel: int | None = None) -> list[int]:
    """Return the ids of deliveries to try now, longest due first; with `alert`, of ongoing alerts with this key.

    A channel hears of the events of one incident, violation or ongoing alert in their order: while one waits, the
    later ones do too.
    """
    ready = _ready(now or timezone.now())
    if alert:
        ready = ready.filter(alert__key=alert)
    if channel is not None:
        ready = ready.filter(channel=channel)
    return list(ready.order_by("next_attempt_at", "id").values_list("pk", flat=True)[:limit])


def due_channels(now: datetime | None = None) -> list[tuple[int, bool]]:
    """Return the channels with deliveries to try now, and whether each failed last time; those that work come first."""
    if not Delivery.objects.filter(state=Delivery.State.WAITING).exists():
        return []
    ready = _ready(now or timezone.now()).order_by().values("channel", "channel__failing_since")
    first = ready.annotate(first=Min("next_attempt_at")).order_by("first", "channel")
    rows: list[Any] = list(first.values_list("channel", "channel__failing_since"))
    return sorted(((pk, since is not None) for pk, since in rows), key=lambda row: row[1])


def _ready(now: datetime) -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
    earlier = waiting.filter(channel=OuterRef("channel"), incident=OuterRef("incident"), pk__lt=OuterRef("pk"))
    departed = waiting.filter(channel=OuterRef("channel"), violation=OuterRef("violation"), pk__lt=OuterRef("pk"))
    ongoing = waiting.filter(channel=OuterRef("channel"), alert=OuterRef("alert"), pk__lt=OuterRef("pk"))
    ready = waiting.filter(lease.free(now), RETRY.due(now))
    return ready.exclude(Exists(earlier) | Exists(departed) | Exists(ongoing))
