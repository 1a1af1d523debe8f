"""Which change of the API's configuration probably made its probes fail: the one that came right before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Min, Q

from apis.alerting.incidents.outages import PREFIX as OUTAGE
from apis.alerting.models import Incident
from apis.cors.policy import CorsPolicy
from apis.editing.plan.impacts import impact
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import on_demand
from apis.jobs.bulk_reads import among
from apis.probing.models import Flip, Probe

# A change may reach AWS's edge a little after a probe still passed, or a little before we noted it as applied.
SLOW_EDGE = timedelta(minutes=5)
SLOW_NOTE = timedelta(seconds=30)
MOST_WAITING = 500
"""Open incidents without a suspect that one look considers, newest first."""
MOST_READ = 20
"""APIs that are read at once as probes fail or recover; those of more wait for the sync."""
MOST_CHANGES, MOST_PROBES = 20, 5
"""Changes, newest first, and probes whose calls are predicted."""


class SuspectedChanges:
    """The changes that the failing of some flips may come from, read at once for all their APIs."""

    def __init__(self, flips: Sequence[Flip]) -> None:
        """Read what lies between the last pass and the first failure of any of them."""
        self._of: dict[int, list[Change]] = defaultdict(list)
        self._over: set[int] = set()
        known = [flip for flip in flips if flip.last_passed_at is not None]
        if not known:
            return
        apis = {flip.probe.api_id for flip in known}
        closed = Incident.objects.filter(among("api", apis), state=Incident.State.CLOSED).exclude(suspected_change=None)
        changes = Change.objects.filter(
            among("api", apis),
            status=Change.Status.APPLIED,
            settled_at__gt=min(_start(flip) for flip in known),
            settled_at__lte=max(_failed_at(flip) for flip in known) + SLOW_NOTE,
        )
        over = closed.order_by().values("suspected_change")
        changes = changes.exclude(kind=Change.Kind.DISCOVERED).exclude(pk__in=over)
        for change in changes.select_related("attribution").order_by("settled_at", "id"):
            self._of[change.api_id].append(change)

    def of(self, flip: Flip) -> Change | None:
        """Return the latest change that was applied before the failing began and after the probe last passed; of
        several the one that turned the probe's call, as far as that can be predicted.

        What an earlier incident was put down to, which is over, has passed since, and does not explain this one.
        """
        if flip.last_passed_at is None:
            return None
        failed_at = _failed_at(flip)
        fitting = [
            change
            for change in self._of[flip.probe.api_id]
            if change.pk not in self._over
            and change.settled_at is not None
            and _start(flip) < change.settled_at <= failed_at + SLOW_NOTE
        ]
        before = [change for change in fitting if change.settled_at and change.settled_at <= failed_at]
        if len(before) < 2:
            return next(iter(before or fitting), None)
        newest = before[: -MOST_CHANGES - 1 : -1]
        return next((one for one in newest if turns(one, flip.probe, to_passing=False)), newest[0])

    @property
    def cause_keys(self) -> set[str]:
        """What several APIs may fail by together."""
        return {cause_key(change) for changes in self._of.values() for change in changes} - {""}

    def clear(self, incident: Incident) -> None:
        """Note that what an incident was put down to explains no later one: the incident is over."""
        if incident.suspected_change_id:
            self._over.add(incident.suspected_change_id)


def cause_key(change: Change | None) -> str:
    """Return the name of a cause that several APIs share: the bulk change that a change is part of, or ""."""
    return f"group:{change.group}" if change is not None and change.group else ""


def _failed_at(flip: Flip) -> datetime:
    return flip.failing_since or flip.at


def _start(flip: Flip) -> datetime:
    return (flip.last_passed_at or flip.at) - SLOW_EDGE


def fix_of(incident: Incident, since: datetime) -> Change | None:
    """Return the change after which the incident's calls worked again: the last one predicted to fix one of them."""
    if incident.closed_at is None:
        return None
    changes = Change.objects.filter(api=incident.api_id, status=Change.Status.APPLIED, settled_at__gt=since)
    changes = changes.exclude(kind=Change.Kind.DISCOVERED).select_related("api", "before", "after", "attribution")
    until = changes.filter(settled_at__lte=incident.closed_at).order_by("-settled_at", "-id")
    # AWS had it a little before we noted it as applied.
    noted_late = changes.filter(
        settled_at__gt=incident.closed_at, settled_at__lte=incident.closed_at + SLOW_NOTE
    ).order_by("settled_at", "id")
    probes = [member.probe for member in incident.members.select_related("probe")[:MOST_PROBES]]
    found = [*until[:MOST_CHANGES], *noted_late[:MOST_CHANGES]]
    return next((one for one in found if any(turns(one, probe, to_passing=True) for probe in probes)), None)


def turns(change: Change, probe: Probe, to_passing: bool) -> bool:
    """Return whether a change is predicted to make a probe's call pass, or fail."""
    before, after = (row.policy if row else CorsPolicy.off() for row in (change.before, change.after))
    [call] = impact(change.api, before, after, [probe], [])
    passes = [verdict.allowed == (probe.expect == Probe.Expect.ALLOWED) for verdict in (call.before, call.after)]
    return passes == [not to_passing, to_passing]


def read_apis_of_flips() -> None:
    """Ask workers to read the APIs of probes that fail or have recovered, before their flips are settled.

    Where a change made outside lies behind a failure, that is known by the time the probe counts as down, so that
    already the first message about the incident names it. One that ended an incident must be known before the same
    break comes again: else AWS would look as it did at the last read, and the next incident would have no suspect.
    """
    for api in unread_apis():
        on_demand.refresh_soon(api)


def unread_apis() -> list[HttpApi]:
    """Return the APIs of unsettled flips of probes that worked and fail, or recovered, unless AWS was read since."""
    down = (Probe.State.DOWN, Probe.State.FLAPPING)
    failed = Q(after__in=(Probe.State.FAILING, *down), last_passed_at__isnull=False)
    recovered = Q(after=Probe.State.UP, before__in=down)
    flips = Flip.objects.filter(failed | recovered, handled_at=None, probe__api__gone_at=None)
    unread = flips.filter(Q(probe__api__last_seen_at=None) | Q(probe__api__last_seen_at__lt=F("at")))
    apis: list[Any] = list(unread.order_by("-pk").values_list("probe__api", flat=True)[:MOST_WAITING])
    return list(HttpApi.objects.filter(pk__in=list(dict.fromkeys(apis))[:MOST_READ]).select_related("account"))


def is_unread(incident: Incident, since: datetime) -> bool:
    """Return whether a change made outside before `since` may lie behind an open incident: AWS was not read since."""
    if incident.state != Incident.State.OPEN or incident.suspected_change_id or incident.cause_key.startswith(OUTAGE):
        return False
    api = incident.api
    return api.gone_at is None and (api.last_seen_at is None or api.last_seen_at < since)


def adopt_late_drift(now: datetime) -> int:
    """Give open incidents the drift that a sync found after them, and that explains them better than their suspect.

    A change made outside is known only from the next sync on, so it may well have come before the failing. Returns how
    many incidents got one.
    """
    late = timedelta(seconds=max(2 * settings.CORSDASH_SYNC_SECONDS, 600))
    recent = Incident.objects.filter(state=Incident.State.OPEN, opened_at__gt=now - late)
    # One that a later drift has replaced, or that several APIs share, stays.
    recent = recent.exclude(cause_key__startswith=OUTAGE)
    recent = recent.filter(Q(suspected_change=None) | Q(suspected_change__settled_at__lt=F("opened_at"), cause_key=""))
    waiting = list(recent.annotate(since=Min("members__down_at")).order_by("-pk")[:MOST_WAITING])
    if not waiting:
        return 0
    # By API and `at`, which is when a drift was found: the index of the history serves this.
    found = Change.objects.filter(
        among("api", [row.api_id for row in waiting]),
        at__gt=min(row.since or row.opened_at for row in waiting),
        kind=Change.Kind.DRIFT,
        status=Change.Status.APPLIED,
    )
    first: dict[int, list[Change]] = {}
    for change in found.select_related("api", "before", "after").order_by("at", "id"):
        first.setdefault(change.api_id, []).append(change)
    adopted = 0
    for row in waiting:
        began = row.since or row.opened_at
        drift = next((one for one in first.get(row.api_id, []) if one.at > began), None)
        if drift is not None and (row.suspected_change_id is None or _fits_better(drift, row)):
            unchanged = Incident.objects.filter(pk=row.pk, suspected_change=row.suspected_change_id)
            adopted += unchanged.update(suspected_change=drift)
    return adopted


def _fits_better(drift: Change, incident: Incident) -> bool:
    """Return whether the drift, and not the suspect, is predicted to make a failing call of the incident fail."""
    probes = [member.probe for member in incident.members.select_related("probe")[:MOST_PROBES]]
    suspect = incident.suspected_change
    if suspect is None or not any(turns(drift, probe, to_passing=False) for probe in probes):
        return False
    return not any(turns(suspect, probe, to_passing=False) for probe in probes)
