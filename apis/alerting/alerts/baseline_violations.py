"""Baseline violations: notify once when a locked API differs from its baseline, and once when it ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apis.alerting.sending import events, outbox
from apis.inventory.models import BaselineViolation

AT_ONCE = 200


def announce(now: datetime | None = None) -> int:
    """Write the notifications about new baseline violations; any number of processes may do this at once.

    Violations that ended before any notification are skipped: no one could act on them.
    """
    now = now or timezone.now()
    # Most of the time there are none, and then one question answers three.
    unsaid = Q(notified_at=None) | Q(end_notified_at=None, ended_at__isnull=False)
    if not BaselineViolation.objects.filter(unsaid).exists():
        return 0
    over_already = BaselineViolation.objects.filter(notified_at=None, ended_at__isnull=False)
    over_already.update(notified_at=now, end_notified_at=now)
    begun = BaselineViolation.objects.filter(notified_at=None)
    announced = sum(_claim(row, begun, "notified_at", events.DEPARTED, now) for row in _rows(begun))
    over = BaselineViolation.objects.filter(end_notified_at=None, ended_at__isnull=False)
    return announced + sum(_claim(row, over, "end_notified_at", events.RESTORED, now) for row in _rows(over))


def _rows(rows: QuerySet[BaselineViolation]) -> list[BaselineViolation]:
    related = ("api__account", "api__current", "baseline__configuration", "change", "ended_by")
    return list(rows.select_related(*related).order_by("id")[:AT_ONCE])


def _claim(row: BaselineViolation, rows: QuerySet[BaselineViolation], mark: str, event: str, now: datetime) -> int:
    with transaction.atomic():
        if not rows.filter(pk=row.pk).update(**{mark: now}):
            return 0
        return outbox.announce_violation(row, event, now)
