"""Delete what was announced long ago. What happened then is no news, so no one needs to know that it was announced."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apis.alerting.alerts.certificates import is_current
from apis.alerting.models import AlertNotice, OngoingAlert, ProposalNotice

KEPT = timedelta(days=30)
AT_ONCE = 500


def prune_alerts(now: datetime | None = None) -> int:
    """Delete old notices and alerts that ended, some at a time, and return how many. Their messages are kept."""
    before = (now or timezone.now()) - KEPT
    # A certificate is announced once: as long as its host shows it, its alert says so.
    ended = OngoingAlert.objects.filter(closed_at__lt=before).exclude(is_current())
    old = (
        AlertNotice.objects.filter(at__lt=before),
        ProposalNotice.objects.filter(event__at__lt=before),
        ended,
    )
    return sum(_prune(rows) for rows in old)


def _prune(rows: QuerySet[Any]) -> int:
    deleted = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        deleted += rows.model._default_manager.filter(pk__in=pks).delete()[1].get(rows.model._meta.label, 0)
    return deleted
