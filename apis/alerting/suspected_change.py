"""Which change of the API's configuration probably made its probes fail: the one that came right before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min

from apis.alerting.models import Incident
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Flip, Probe, Result

# A change may reach AWS's edge a little after a probe still passed, or a little before we noted it as applied.
SLOW_EDGE = timedelta(minutes=5)
SLOW_NOTE = timedelta(seconds=30)
LOOK_BACK = timedelta(hours=24)
"""How far to look when the probe never passed."""
MOST_WAITING = 500
"""Open incidents without a suspect that one look considers, newest first."""


@dataclass(frozen=True, slots=True)
class Onset:
    """When a probe's failing began: its first failing result, and the last passing one before, if it ever passed."""

    failed_at: datetime
    passed_at: datetime | None


def onset(flip: Flip) -> Onset:
    """The beginning of the failing that made this flip."""
    until = Result.objects.filter(probe_id=flip.probe_id, at__lte=flip.at)
    # What came of the probe before somebody changed its call says nothing: the first run after that left `new`.
    fresh = Flip.objects.filter(probe_id=flip.probe_id, at__lte=flip.at, before=Probe.State.NEW)
    started_at = fresh.order_by("-at", "-id").values_list("at", flat=True).first()
    if started_at is not None:
        until = until.filter(at__gte=started_at)
    passed_at = until.filter(passed=True).order_by("-at", "-id").values_list("at", flat=True).first()
    failed = until.filter(passed=False)
    if passed_at is not None:
        failed = failed.filter(at__gte=passed_at)
    failed_at = failed.order_by("at", "id").values_list("at", flat=True).first()
    return Onset(failed_at or flip.at, passed_at)


def suspect(api: HttpApi, began: Onset) -> Change | None:
    """The latest change that was applied before the failing began and after the probe last passed.

    What an earlier incident was put down to, which is over, has passed since, and is no explanation of this one.
    """
    start = began.passed_at - SLOW_EDGE if began.passed_at else began.failed_at - LOOK_BACK
    applied = Change.objects.filter(api=api, status=Change.Status.APPLIED).exclude(kind=Change.Kind.DISCOVERED)
    applied = applied.exclude(incidents__in=Incident.objects.filter(api=api, state=Incident.State.CLOSED))
    before = applied.filter(settled_at__gt=start, settled_at__lte=began.failed_at)
    last = before.order_by("-settled_at", "-id").first()
    if last is not None:
        return last
    after = applied.filter(settled_at__gt=began.failed_at, settled_at__lte=began.failed_at + SLOW_NOTE)
    return after.order_by("settled_at", "id").first()


def adopt_late_drift(now: datetime) -> int:
    """Give open incidents without a suspect the drift that a sync found after them; returns how many got one.

    A change made outside is known only from the next sync on, so it may well have come before the failing.
    """
    late = timedelta(seconds=max(2 * settings.CORSDASH_SYNC_SECONDS, 600))
    lately = Incident.objects.filter(state=Incident.State.OPEN, suspected_change=None, opened_at__gt=now - late)
    waiting = list(lately.annotate(since=Min("members__down_at")).order_by("-pk")[:MOST_WAITING])
    if not waiting:
        return 0
    # By API and `at`, which is when a drift was found: the index of the history serves this.
    found = Change.objects.filter(
        api__in=[row.api_id for row in waiting],
        at__gt=min(row.since or row.opened_at for row in waiting),
        kind=Change.Kind.DRIFT,
        status=Change.Status.APPLIED,
    )
    first: dict[int, list[Change]] = {}
    for change in found.order_by("at", "id"):
        first.setdefault(change.api_id, []).append(change)
    adopted = 0
    for row in waiting:
        began = row.since or row.opened_at
        drift = next((one for one in first.get(row.api_id, []) if one.at > began), None)
        if drift is not None:
            open_still = Incident.objects.filter(pk=row.pk, suspected_change=None)
            adopted += open_still.update(suspected_change=drift)
    return adopted
