"""What browsers show as desktop notifications while a page is open: the incidents that people should know of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q

from apis.alerting.alerts.occasions import Occasion
from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.rules.matching import maintenance_end, mismatch_reason, quiet_until
from apis.alerting.rules.models import Maintenance, Rule
from apis.alerting.sending.outbox import occasion_of

MOST = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """An open incident; `is_silent` in a maintenance window, in quiet hours, and before the delay of its rules."""

    incident: Incident
    is_silent: bool


def open_alerts(now: datetime) -> list[Alert]:
    """Return the newest open incidents that no one has acknowledged or snoozed."""
    members = IncidentProbe.objects.select_related("probe__api__account").order_by("down_at", "id")
    rows = Incident.objects.filter(
        Q(snoozed_until=None) | Q(snoozed_until__lte=now), state=Incident.State.OPEN, acknowledged_at=None
    )
    found = list(rows.select_related("api__account").prefetch_related(Prefetch("members", members))[:MOST])
    if not found:
        return []
    rules = list(Rule.objects.filter(enabled=True).select_related("account", "api"))
    windows = list(Maintenance.objects.select_related("account", "api"))
    return [Alert(incident, _is_silent(incident, rules, windows, now)) for incident in found]


def _is_silent(incident: Incident, rules: list[Rule], windows: list[Maintenance], now: datetime) -> bool:
    occasion = occasion_of(incident, list(incident.members.all()))
    if maintenance_end(windows, occasion, now):
        return True
    return not any(_is_due(rule, occasion, incident, now) for rule in rules)


def _is_due(rule: Rule, occasion: Occasion, incident: Incident, now: datetime) -> bool:
    """Return whether a rule would notify of it now."""
    if mismatch_reason(rule, occasion) or quiet_until(rule, now):
        return False
    return not rule.delay or incident.opened_at + timedelta(seconds=rule.delay) <= now
