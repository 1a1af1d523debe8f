"""Keep an API's probes in step with its configuration: an added origin gets its probes, a removed one stays blocked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apis.access import audit
from apis.cors.origins import is_origin
from apis.cors.policy import CorsPolicy
from apis.errors import InvalidFields
from apis.inventory.history.drift import open_drift
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, ProbeSet
from apis.probing.sets import bulk_actions, bulk_edits
from apis.probing.sets.suggestions import Call

BLOCKED_FOR = timedelta(days=7)
"""For so long a removed origin must stay blocked; then its probes are deleted."""
MOST = 100
"""Sets that one sweep brings in step."""


def follow(
    api: HttpApi, calls: Sequence[Call], interval: int, user: User | None, existing: Sequence[Probe] = ()
) -> ProbeSet:
    """Keep an API's probes in step from now on, the existing ones too; each added origin gets these calls."""
    values: dict[str, Any] = {
        "calls": [call.as_json() for call in calls],
        "interval": interval,
        "configuration_id": api.current_id,
        "created_by": user,
    }
    row, _ = ProbeSet.objects.update_or_create(api=api, defaults=values)
    Probe.objects.filter(pk__in=[probe.pk for probe in existing]).update(probe_set=row)
    audit.record(user, "followed a configuration", api.name, calls=len(calls))
    return row


def unfollow(api: HttpApi, user: User) -> None:
    """Leave an API's probes as they are from now on; those that would end stay."""
    with transaction.atomic():
        Probe.objects.filter(probe_set__api=api).update(ends_at=None)
        if ProbeSet.objects.filter(api=api).delete()[0]:
            audit.record(user, "stopped following a configuration", api.name)


def sweep() -> None:
    """Bring every set in step whose API has another configuration now, and delete the probes that end."""
    for row in ProbeSet.objects.filter(_differs()).select_related("api")[:MOST]:
        keep_in_step(row.api)
    ending = Probe.objects.filter(ends_at__lte=timezone.now())
    if ending.exists():
        bulk_actions.delete(ending, None)


def _differs() -> Q:
    return Q(api__gone_at=None) & (
        Q(configuration=None, api__current__isnull=False) | ~Q(configuration=F("api__current"))
    )


def keep_in_step(api: HttpApi) -> int:
    """Bring an API's probes in step with its configuration; returns how many changed or are new.

    Drift that nobody has accepted changes no probe: it has to fail the ones that it breaks.
    """
    with transaction.atomic():
        row = ProbeSet.objects.select_for_update(of=("self",)).filter(_differs(), api=api).first()
        if row is None or open_drift().filter(api=api).exists():
            return 0
        api = HttpApi.objects.select_related("current").get(pk=api.pk)
        before = row.configuration.policy if row.configuration else CorsPolicy.off()
        old, new = _origins(before), _origins(api.policy)
        changed = _block(row, old - new) + _allow(row, api, new - old)
        row.configuration = api.current
        row.save(update_fields=["configuration"])
    return changed


def _origins(policy: CorsPolicy) -> set[str]:
    """Return the origins that a configuration names. A wildcard names none: what must stay blocked fails then."""
    return {entry for entry in policy.allow_origins if is_origin(entry)} if policy.on else set()


def _block(row: ProbeSet, removed: set[str]) -> int:
    # A blocked page reads no headers, and what it gets says nothing about the API's status.
    values: dict[str, Any] = {"expect": Probe.Expect.BLOCKED, "readable_headers": [], "status": "", "min_max_age": None}
    probes = row.probes.filter(origin__in=removed, expect=Probe.Expect.ALLOWED)
    return sum(_change(probe, values, timezone.now() + BLOCKED_FOR) for probe in probes.select_related("api__current"))


def _change(probe: Probe, values: dict[str, Any], ends_at: datetime | None) -> bool:
    """Change a probe; one that cannot be, as its address is gone, fails and says why."""
    probe.ends_at = ends_at
    try:
        probe_edits.save(probe.api, values, None, probe)
    except InvalidFields:
        return False
    return True


def _allow(row: ProbeSet, api: HttpApi, added: set[str]) -> int:
    probes = row.probes.filter(origin__in=added, expect=Probe.Expect.BLOCKED).select_related("api__current")
    flipped = sum(_change(probe, {"expect": Probe.Expect.ALLOWED}, None) for probe in probes)
    common = {"interval": row.interval, "failures": row.failures}
    bodies = [(api, {"origin": origin, **call, **common}) for origin in sorted(added) for call in row.calls]
    made = sum(
        len(bulk_edits.create(bodies[start : start + bulk_edits.MOST], row.created_by, {api.pk: row}).probes)
        for start in range(0, len(bodies), bulk_edits.MOST)
    )
    return flipped + made
