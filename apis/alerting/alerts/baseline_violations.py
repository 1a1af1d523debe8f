"""Baseline violations: notify once when a locked API differs from its baseline, and once when it ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apis.alerting.sending import events, outbox
from apis.inventory.models import Departure

AT_ONCE = 200


def announce(now: datetime | None = None) -> int:
    """Write the notifications about new baseline violations; any number of processes may do this at once.

    Violations that ended before any notification are skipped: no one could act on them.
    """
    now = now or timezone.now()
    Departure.objects.filter(told_at=None, ended_at__isnull=False).update(told_at=now, end_told_at=now)
    begun = Departure.objects.filter(told_at=None)
    announced = sum(_claim(row, begun, "told_at", events.DEPARTED, now) for row in _rows(begun))
    over = Departure.objects.filter(end_told_at=None, ended_at__isnull=False)
    return announced + sum(_claim(row, over, "end_told_at", events.RESTORED, now) for row in _rows(over))


def _rows(rows: QuerySet[Departure]) -> list[Departure]:
    related = ("api__account", "api__current", "baseline__configuration", "change", "ended_by")
    return list(rows.select_related(*related).order_by("id")[:AT_ONCE])


def _claim(row: Departure, rows: QuerySet[Departure], mark: str, event: str, now: datetime) -> int:
    with transaction.atomic():
        if not rows.filter(pk=row.pk).update(**{mark: now}):
            return 0
        return outbox.announce_departure(row, event, now)
