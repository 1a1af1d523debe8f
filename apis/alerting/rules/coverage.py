"""Which APIs maintenance windows cover at a time, for the availability of their probes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from apis.alerting.rules.matching import covers, window_end
from apis.alerting.rules.models import Maintenance
from apis.inventory.models import HttpApi
from apis.probing.runs.maintenance import maintenance_source


@maintenance_source
def covered_apis(apis: Collection[int], at: datetime) -> set[int]:
    """Return those of these APIs, by id, that a window covers at a time."""
    windows = Maintenance.objects.select_related("account", "api").exclude(ends_at__lte=at)
    active = [window for window in windows if window_end(window, at) is not None]
    if not active:
        return set()
    rows = HttpApi.objects.filter(pk__in=apis).only("account", "tags")
    return {api.pk for api in rows if any(covers(window, api) for window in active)}
