"""Which runs of probes maintenance windows cover, for the availability."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import FETCH_PEERS, DateTimeField

from apis.alerting.rules.matching import covers, window_end
from apis.alerting.rules.models import Maintenance
from apis.inventory.models import HttpApi
from apis.jobs.bulk_reads import Given
from apis.jobs.compiled_reads import CompiledRows
from apis.probing.runs.maintenance import Run, maintenance_source

_AT = Given("at", DateTimeField())
_LASTING = CompiledRows(lambda: Maintenance.objects.exclude(ends_at__lte=_AT).order_by(), ["pk"])
"""Windows that had not ended at a time."""


@maintenance_source
def covered_runs(runs: Collection[Run]) -> set[Run]:
    """Return those of these runs that a window covers; one query where there is no window, five at most."""
    if not runs or not (ids := [pk for (pk,) in _LASTING.read(at=min(at for _, at in runs))]):
        return set()
    windows = list(Maintenance.objects.filter(pk__in=ids).fetch_mode(FETCH_PEERS))
    active: dict[datetime, list[Maintenance]] = {
        at: [window for window in windows if window_end(window, at) is not None] for at in {at for _, at in runs}
    }
    used = {window.pk: window for held in active.values() for window in held}
    if not used:
        return set()
    apis = list(HttpApi.objects.only("account", "tags").filter(pk__in={pk for pk, _ in runs}))
    covered = {pk: {api.pk for api in apis if covers(window, api)} for pk, window in used.items()}
    return {(pk, at) for pk, at in runs if any(pk in covered[window.pk] for window in active[at])}
