"""Tags for the pages of incidents, channels and deliveries."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from apis.alerting.alerts.occasions import KINDS
from apis.alerting.channels import kinds
from apis.alerting.models import Delivery, Incident
from apis.alerting.rules.clock import WEEKDAYS
from apis.alerting.rules.models import Decision
from apis.alerting.sending.wording import message_of, words_of
from apis.ui.tags import icon, status

register = template.Library()

LATE = timedelta(seconds=15)

HOLDS = {
    "delay": "Delay of the rule.",
    "quiet": "Quiet hours.",
    "maintenance": "Maintenance.",
    "snooze": "Snoozed.",
}
"""Why a message waits, in words."""


@register.simple_tag
def channel_icon(kind: str) -> SafeString:
    """Return the icon of a kind of channel."""
    return icon(kinds()[kind].icon)


@register.filter
def kind_label(kind: str) -> str:
    """Return the name of a kind of channel."""
    return kinds()[kind].label


@register.inclusion_tag("alerting/deliveries/delivery_state.html")
def delivery_state(delivery: Delivery) -> dict[str, Any]:
    """Return how far a message got, in words."""
    attempts, now = list(delivery.attempts.all()), timezone.now()
    shown: str = delivery.state
    if shown == Delivery.State.WAITING:
        is_held = bool(delivery.hold and delivery.next_attempt_at and delivery.next_attempt_at > now)
        shown = "retrying" if attempts else "held" if is_held else shown
    return {
        "state": delivery.state,
        "shown": shown,
        "hold": HOLDS.get(delivery.hold, ""),
        "attempt": attempts[-1] if attempts else None,
        "code": "SMTP" if delivery.channel.kind == "email" else "HTTP",
        "next": delivery.next_attempt_at,
        "template_error": delivery.template_error,
        "late": now - max(delivery.created_at, delivery.not_before or delivery.created_at) > LATE,
    }


@register.filter
def down_for(incident: Incident, now: datetime) -> float:
    """Return for how many seconds an incident's calls have failed, or had failed when it closed."""
    since: datetime = getattr(incident, "since", None) or incident.opened_at
    return ((incident.closed_at or now) - since).total_seconds()


@register.filter
def event_words(delivery: Delivery | Decision) -> str:
    """Return what a message is about."""
    return words_of(delivery.event)


@register.filter
def kind_of_alert(kind: str) -> str:
    """Return the label of a kind of alert."""
    return KINDS[kind][0] if kind in KINDS else kind


@register.filter
def weekdays(days: list[int]) -> str:
    """Return days of the week, by their short names."""
    return ", ".join(WEEKDAYS[day][:3] for day in days)


@register.filter
def source(delivery: Delivery) -> str:
    """Return the API, account or channel that a message is about."""
    return message_of(delivery).source


DECISIONS = {
    "notified": ("success", "Notified"),
    "delayed": ("pending", "Delayed"),
    "deferred": ("pending", "Deferred"),
    "dropped": ("stopped", "Not notified"),
    "duplicate": ("info", "Notified by another rule"),
    "no_match": ("stopped", "Does not match"),
    "disabled": ("stopped", "Disabled"),
}


@register.simple_tag
def decision_status(outcome: str) -> SafeString:
    """Return what came of a rule."""
    return status(*DECISIONS[outcome])


@register.filter
def as_json(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)
