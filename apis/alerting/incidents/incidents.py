"""Incidents: opened, grown and closed by the flips of probes, acknowledged by people."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apis.alerting.incidents import suspected_change
from apis.alerting.incidents.incident_actions import acknowledge
from apis.alerting.incidents.settlement import DOWN, Raced, dismiss, locked, settle
from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.sending import events, outbox
from apis.jobs.clock import AHEAD
from apis.probing.models import Flip, Probe

__all__ = ["acknowledge", "settle_flips"]

log = logging.getLogger(__name__)

APIS_AT_ONCE = 500
"""APIs whose flips are settled in one transaction."""
FLIPS_AT_ONCE = 500

# A member that keeps its incident open: its recovery has not been seen yet.
HOLDING = Q(up_at=None, probe__enabled=True, probe__api__gone_at=None)


def settle_flips(now: datetime | None = None) -> int:
    """Turn the flips that no one has handled into incidents and the messages about them; returns how many flips.

    Any number of processes may do this at once. The flips of one API are settled in one transaction, so a process that
    dies leaves nothing half done.
    """
    now = now or timezone.now()
    settled = dismiss(now)
    fresh = Flip.objects.filter(handled_at=None).order_by().values("probe__api").annotate(first=Min("pk"))
    apis: list[Any] = list(fresh.order_by("first").values_list("probe__api", flat=True))
    for start in range(0, len(apis), APIS_AT_ONCE):
        settled += _settle(apis[start : start + APIS_AT_ONCE], now)
    suspected_change.adopt_late_drift(now)
    _close_unwatched(now)
    _take_up_again(now)
    return settled


def _settle(apis: list[int], now: datetime) -> int:
    """Settle these APIs' flips; one that cannot be settled does not keep the others' alerts back."""
    try:
        return settle(apis, now)
    except Raced:
        return 0
    except Exception:
        if len(apis) > 1:
            half = len(apis) // 2
            return _settle(apis[:half], now) + _settle(apis[half:], now)
        log.exception("The flips of API %s could not be processed; retrying", apis[0])
        return 0


def _close(incident: Incident, at: datetime, now: datetime) -> None:
    incident.state, incident.closed_at = Incident.State.CLOSED, at
    incident.save(update_fields=["state", "closed_at"])
    outbox.announce(incident, events.CLOSED, now)


def _close_unwatched(now: datetime) -> None:
    """Close what no one watches any more: its probes were deleted or switched off, or their API is gone from AWS."""
    for incident in _unwatched():
        with transaction.atomic():
            list(locked([incident.api_id]))
            row = _unwatched().filter(pk=incident.pk).select_related("api__account").first()
            # A flip that arrived meanwhile is handled first; the next sweep checks again.
            if row is None or Flip.objects.filter(handled_at=None, probe__in=row.members.values("probe")).exists():
                continue
            _close(row, now, now)


def _take_up_again(now: datetime) -> None:
    """Notify again about probes that still fail after their incident was closed without recovery.

    For example, their API came back in AWS. Their state has not changed since, so no flip would notify.
    """
    apis: list[Any] = list(_failing_untold(now).order_by().values_list("api", flat=True).distinct())
    for api in apis:
        with transaction.atomic():
            if not locked([api]):
                continue
            rows = _failing_untold(now).select_related("last_result").filter(api=api)[:FLIPS_AT_ONCE]
            Flip.objects.bulk_create(
                Flip(
                    probe=one,
                    at=now,
                    before=one.state,
                    after=one.state,
                    result_id=one.last_result_id,
                    failing_since=one.last_result.at if one.last_result else now,
                    last_passed_at=one.last_passed_at,
                )
                for one in rows
            )


def _failing_untold(now: datetime) -> QuerySet[Probe]:
    held = IncidentProbe.objects.filter(probe=OuterRef("pk"), up_at=None, incident__state=Incident.State.OPEN)
    untold = Flip.objects.filter(probe=OuterRef("pk"), handled_at=None)
    closed = Incident.objects.filter(members__probe=OuterRef("pk"), state=Incident.State.CLOSED).order_by("-closed_at")
    failing = Probe.objects.filter(enabled=True, state__in=DOWN, api__gone_at=None, last_result__passed=False)
    failing = failing.exclude(last_passed_at=None)
    # A close that lies ahead was before the clock was set back, and what ran since came after it.
    latest = now + AHEAD
    since = Q(last_result__at__gt=F("over")) | Q(over__gt=latest, last_result__at__lte=latest)
    again = failing.annotate(over=Subquery(closed.values("closed_at")[:1])).filter(since)
    return again.exclude(Exists(held)).exclude(Exists(untold))


def _unwatched() -> QuerySet[Incident]:
    held = IncidentProbe.objects.filter(HOLDING, incident=OuterRef("pk"))
    return Incident.objects.filter(~Exists(held), state=Incident.State.OPEN)
