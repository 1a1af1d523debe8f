"""Whether a message that is due has to wait all the same: a snooze, a maintenance window, quiet hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from apis.alerting.alerts.occasions import KINDS, Occasion
from apis.alerting.models import Delivery, Incident
from apis.alerting.rules.matching import maintenance_end, quiet_until
from apis.alerting.rules.models import Maintenance
from apis.alerting.sending import events
from apis.inventory.models import HttpApi


def hold_of(delivery: Delivery, now: datetime) -> tuple[str, datetime] | None:
    """Return why a message waits, and until when; None when it may be sent. A test never waits."""
    if delivery.event == events.TEST:
        return None
    incident = delivery.incident
    # The end of an incident is said although it was snoozed.
    snoozed_until = incident.snoozed_until if incident is not None and incident.state == Incident.State.OPEN else None
    if snoozed_until and snoozed_until > now:
        return "snooze", snoozed_until
    windows = list(Maintenance.objects.select_related("account", "api"))
    if windows and (covering := maintenance_end(windows, _occasion(delivery), now)):
        return "maintenance", covering[1]
    if delivery.rule and (quiet := quiet_until(delivery.rule, now)):
        return "quiet", quiet
    return None


def check_again(now: datetime, **held: Any) -> None:
    """Make the messages that are held back like this due: what holds them back has changed."""
    rows = Delivery.objects.filter(**held, state=Delivery.State.WAITING)
    # `held_at`: a clock that is set back does not hold them up again.
    rows.update(next_attempt_at=now, not_before=None, held_at=now)


def _occasion(delivery: Delivery) -> Occasion:
    kind = delivery.data.get("kind", "")
    about = delivery.data.get("apis") or [delivery.data.get("api") or {}]
    apis = HttpApi.objects.filter(pk__in=[one.get("id") or 0 for one in about])
    if delivery.incident is not None:
        members = delivery.incident.members.order_by().values("probe__api")
        apis = HttpApi.objects.filter(Q(pk__in=members) | Q(pk=delivery.incident.api_id))
    return Occasion.about(apis, kind, KINDS[kind][1] if kind in KINDS else "error")
