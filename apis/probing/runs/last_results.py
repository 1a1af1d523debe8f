"""Load the last results of many probes at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils import timezone

from apis.jobs.bulk_reads import among, read_objects
from apis.probing.models import Probe, Result

RECENT = timedelta(days=1)
_AT_ONCE = 2000


def load_last_results(
    probes: Sequence[Probe], rows: QuerySet[Result] | None = None, before: datetime | None = None
) -> None:
    """Give each probe its last result, from `rows`: all results with what they share, unless given."""
    wanted = {probe.last_result_id for probe in probes if probe.last_result_id}
    found = results_by_id(wanted, Result.objects.select_related("stored") if rows is None else rows, before)
    for probe in probes:
        probe.last_result = found.get(probe.last_result_id or 0)


def with_recent_results(probes: QuerySet[Probe], now: datetime) -> QuerySet[Probe]:
    """Return probes that can read fields of their last result as `recent__…`: null where it is older than a day.

    For thousands of probes, of which a few fields are read: by a join, but only with the partitions of recent days.
    """
    since = Q(last_result__at__gte=now - RECENT)
    return probes.annotate(recent=FilteredRelation("last_result", condition=since))


def results_by_id(
    ids: Collection[int], rows: QuerySet[Result], before: datetime | None = None, names: Sequence[str] = ()
) -> dict[int, Result]:
    """Return the results with these ids, most of which are from the day before a time (default: now).

    Two questions instead of a join, which would look up each result in the partitions of all days. With `names` only
    these fields are loaded.
    """
    rows = rows.order_by()
    found: dict[int, Result] = {}
    wanted = sorted(ids)
    recent = rows.filter(at__gte=(before or timezone.now()) - RECENT)

    def read(some: QuerySet[Result]) -> dict[int, Result]:
        return {row.pk: row for row in (read_objects(some, names) if names else some)}

    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found |= read(recent.filter(among("pk", some)))
        if older := [pk for pk in some if pk not in found]:
            found |= read(rows.filter(among("pk", older)))
    return found
