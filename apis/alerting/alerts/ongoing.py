"""Alerts about something that lasts, such as a failing channel: one message when it begins, one when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from apis.alerting.alerts.occasions import KINDS, Occasion
from apis.alerting.models import OngoingAlert
from apis.alerting.sending.notifying import Notifier
from apis.alerting.sending.outbox import reached_by
from apis.inventory.models import HttpApi


@dataclass(frozen=True, slots=True)
class Condition:
    """What is wrong: its key, kind, first event and data, the channels that hear nothing of it, and its APIs."""

    key: str
    kind: str
    event: str
    data: dict[str, Any]
    excluded: frozenset[int] = frozenset()
    apis: tuple[HttpApi, ...] = ()

    def occasion(self, phase: Any) -> Occasion:
        """Return it as rules see it."""
        if self.apis:
            return Occasion.about(self.apis, self.kind, phase=phase)
        return Occasion(self.kind, KINDS[self.kind][1], phase)


def open_alerts(prefix: str) -> dict[int, OngoingAlert]:
    """Return the open alerts whose key is this prefix and a number, by the number."""
    rows = OngoingAlert.objects.filter(key__startswith=prefix, closed_at=None)
    return {int(row.key.removeprefix(prefix)): row for row in rows}


def open_alert(condition: Condition, now: datetime) -> int:
    """Open an alert, and return how many messages it made; none when another process was faster."""
    try:
        with transaction.atomic():
            alert = OngoingAlert.objects.create(key=condition.key, opened_at=now)
            notifier = Notifier(now)
            notifier.add(
                condition.occasion("opened"), condition.event, condition.data, alert=alert, already=condition.excluded
            )
            return notifier.write()
    except IntegrityError:
        return 0


def close_alert(alert: OngoingAlert, condition: Condition, event: str, now: datetime) -> int:
    """Close an alert: the channels that heard of its beginning hear of its end."""
    with transaction.atomic():
        if not OngoingAlert.objects.filter(pk=alert.pk, closed_at=None).update(closed_at=now):
            return 0
        opened = alert.deliveries.filter(event=condition.event)
        reached = reached_by(opened, "alert", now)[alert.pk] - condition.excluded
        notifier = Notifier(now)
        notifier.add(condition.occasion("closed"), event, condition.data, alert=alert, notified=reached)
        return notifier.write()
