"""Incidents: opened, grown and closed by the flips of probes, acknowledged by people."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from apis.alerting.incidents import suspected_change
from apis.alerting.incidents.incident_actions import acknowledge
from apis.alerting.incidents.settlement import DOWN, Raced, dismiss, locked, settle
from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.sending import events, outbox
from apis.jobs.bulk_rows import update_rows
from apis.jobs.clock import AHEAD
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs.last_results import load_last_results

__all__ = ["acknowledge", "settle_flips"]

log = logging.getLogger(__name__)

APIS_AT_ONCE = 1000
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
    settled = 0
    apis: list[Any] = []
    if Flip.objects.filter(handled_at=None).exists():
        settled = dismiss(now)
        fresh = Flip.objects.filter(handled_at=None).order_by().values("probe__api").annotate(first=Min("pk"))
        apis = list(fresh.order_by("first").values_list("probe__api", flat=True))
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


def _close_unwatched(now: datetime) -> None:
    """Close what no one watches any more: its probes were deleted or switched off, or their API is gone from AWS."""
    found: list[Any] = list(_unwatched().order_by("pk").values_list("pk", "api"))
    for start in range(0, len(found), APIS_AT_ONCE):
        some = dict(found[start : start + APIS_AT_ONCE])
        with transaction.atomic():
            list(locked(some.values()))
            members = IncidentProbe.objects.filter(incident__in=_unwatched().filter(pk__in=some).order_by())
            # A flip that arrived meanwhile is handled first; the next sweep checks again.
            unhandled = Flip.objects.filter(handled_at=None).order_by().values("probe")
            busy = members.filter(probe__in=unhandled).order_by().values("incident")
            rows = list(_unwatched().filter(pk__in=some).exclude(pk__in=busy).select_related("api__account"))
            for row in rows:
                row.state, row.closed_at = Incident.State.CLOSED, now
            update_rows(Incident, rows, ["state", "closed_at"])
            of: dict[int, list[IncidentProbe]] = {row.pk: [] for row in rows}
            for member in IncidentProbe.objects.filter(incident__in=rows).select_related("probe__api__account"):
                of[member.incident_id].append(member)
            outbox.announce_all([(row, events.CLOSED, of[row.pk]) for row in rows], now)


def _take_up_again(now: datetime) -> None:
    """Notify again about probes that still fail after their incident was closed without recovery.

    For example, their API came back in AWS. Their state has not changed since, so no flip would notify.
    """
    apis = sorted({probe.api_id for probe in _failing_unnotified(now)})
    for start in range(0, len(apis), APIS_AT_ONCE):
        with transaction.atomic():
            present = [api.pk for api in locked(apis[start : start + APIS_AT_ONCE])]
            Flip.objects.bulk_create(
                (
                    Flip(
                        probe=one,
                        at=now,
                        before=one.state,
                        after=one.state,
                        result_id=one.last_result_id,
                        failing_since=one.last_result.at if one.last_result else now,
                        last_passed_at=one.last_passed_at,
                    )
                    for one in _failing_unnotified(now, present)
                ),
                batch_size=FLIPS_AT_ONCE,
            )


def _failing_unnotified(now: datetime, apis: Sequence[int] | None = None) -> list[Probe]:
    """Return probes, of these APIs or all, that failed since their incident was closed, and are in no open one.

    What has no open incident is found first: in all steps after it there are few rows, whatever the planner knows.
    """
    held = IncidentProbe.objects.filter(up_at=None, incident__state=Incident.State.OPEN).order_by().values("probe")
    unhandled = Flip.objects.filter(handled_at=None).order_by().values("probe")
    failing = Probe.objects.filter(enabled=True, state__in=DOWN, api__gone_at=None).exclude(last_passed_at=None)
    if apis is not None:
        failing = failing.filter(api__in=apis)
    failing = failing.exclude(pk__in=held).exclude(pk__in=unhandled).exclude(last_result=None)
    probes = list(failing.only("api", "state", "last_result", "last_passed_at"))
    closed = _last_closed({probe.pk for probe in probes})
    probes = [probe for probe in probes if probe.pk in closed]
    load_last_results(probes, Result.objects.only("at", "passed"), now)
    return [one for one in probes if (last := one.last_result) and _failed_since(last, closed[one.pk], now)]


def _last_closed(probes: Collection[int]) -> dict[int, datetime]:
    """Return when the last closed incident of each of these probes was closed."""
    if not probes:
        return {}
    over = IncidentProbe.objects.filter(probe__in=probes, incident__state=Incident.State.CLOSED).order_by()
    return dict(over.values_list("probe").annotate(at=Max("incident__closed_at")))


def _failed_since(last: Result, closed_at: datetime, now: datetime) -> bool:
    # A close that lies ahead was before the clock was set back, and what ran since came after it.
    latest = now + AHEAD
    return last.passed is False and (last.at > closed_at or closed_at > latest >= last.at)


def _unwatched() -> QuerySet[Incident]:
    held = IncidentProbe.objects.filter(HOLDING, incident=OuterRef("pk"))
    return Incident.objects.filter(~Exists(held), state=Incident.State.OPEN)
