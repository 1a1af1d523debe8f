"""Reminders: open incidents that no one has acknowledged are notified about again, as often as their rule says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from apis.alerting.models import Delivery, Incident
from apis.alerting.rules.models import Decision, Rule
from apis.alerting.sending import events
from apis.jobs.clock import AHEAD

AT_ONCE = 200


def write_reminders(now: datetime | None = None) -> int:
    """Write the reminders that are due; any number of processes may do this at once."""
    now = now or timezone.now()
    rules = Rule.objects.filter(enabled=True, reminder__gt=0)
    return sum(_remind(pair, rule, now) for rule in rules for pair in _due(rule, now))


def _due(rule: Rule, now: datetime) -> list[dict[str, Any]]:
    """Return the incidents and channels of this rule whose last message arrived that long ago.

    A channel gets one message about an incident, by the rule that sends it first. The reminders are still those of
    each rule that chose the channel: without them a rule that only repeats would do nothing next to the default rule.
    """
    left_out = Decision.objects.filter(
        incident=OuterRef("incident"),
        channel=OuterRef("channel"),
        rule=rule,
        event=events.OPENED,
        outcome=Decision.Outcome.DUPLICATE,
    )
    sent = Delivery.objects.filter(
        Q(rule=rule, event__in=(events.OPENED, events.REMINDER)) | Q(Exists(left_out), event=events.OPENED),
        incident__state=Incident.State.OPEN,
        incident__acknowledged_at=None,
        channel__enabled=True,
        channel__deleted_at=None,
    )
    newest = (
        sent.order_by()
        .values("incident", "channel")
        .annotate(
            newest=Max("pk", filter=Q(sent_at__isnull=False)),
            waiting=Count("pk", filter=Q(state=Delivery.State.WAITING)),
        )
        .filter(waiting=0, newest__isnull=False)
    )
    # One that was sent in the future was sent before the clock was set back.
    is_due = Q(sent_at__lte=now - timedelta(seconds=rule.reminder)) | Q(sent_at__gt=now + AHEAD)
    late = Delivery.objects.filter(is_due, pk__in=newest.values("newest")).order_by("pk")
    pairs: list[Any] = list(late.values("incident", "channel")[:AT_ONCE])
    return pairs


def _remind(pair: dict[str, Any], rule: Rule, now: datetime) -> int:
    with transaction.atomic():
        incidents = Incident.objects.select_for_update(of=("self",)).select_related("api__account")
        incident = incidents.filter(pk=pair["incident"]).first()
        # Another sweep may have been faster, or someone has acknowledged it.
        if incident is None or pair not in _due(rule, now):
            return 0
        members = list(incident.members.select_related("probe__api__account").order_by("down_at", "id"))
        first = Delivery.objects.filter(incident=incident, event=events.OPENED).order_by("pk").values("data").first()
        kept = {name: first["data"].get(name) for name in ("kind", "severity")} if first else {}
        Delivery.objects.create(
            channel_id=pair["channel"],
            rule=rule,
            incident=incident,
            event=events.REMINDER,
            data=events.about_incident(incident, members) | kept,
            created_at=now,
            next_attempt_at=now,
        )
    return 1
