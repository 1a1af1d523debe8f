"""Load the last results of many probes at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils import timezone

from apis.jobs.bulk_reads import Given, among
from apis.jobs.compiled_reads import CompiledObjects
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


def results_by_id(ids: Collection[int], rows: QuerySet[Result], before: datetime | None = None) -> dict[int, Result]:
    """Return the results with these ids, most of which are from the day before a time (default: now)."""
    rows = rows.order_by()

    def read(some: Sequence[int], since: datetime | None) -> Iterable[Result]:
        found = rows.filter(among("pk", some))
        return found if since is None else found.filter(at__gte=since)

    return _recent_first(ids, before, read)


class ResultFields:
    """Results by their ids, of which these fields are loaded."""

    def __init__(self, *names: str) -> None:
        by_id = Result.objects.order_by().filter(among("pk", Given("ids")))
        since = Given("since", Result._meta.get_field("at"))
        self._all = CompiledObjects(Result, lambda: by_id, names)
        self._recent = CompiledObjects(Result, lambda: by_id.filter(at__gte=since), names)

    def by_id(self, ids: Collection[int], before: datetime | None = None) -> dict[int, Result]:
        """Return the results with these ids, like `results_by_id`."""
        return _recent_first(ids, before, self._read)

    def _read(self, ids: Sequence[int], since: datetime | None) -> Iterable[Result]:
        return self._all.read(ids=ids) if since is None else self._recent.read(ids=ids, since=since)


def _recent_first(
    ids: Collection[int], before: datetime | None, read: Callable[[Sequence[int], datetime | None], Iterable[Result]]
) -> dict[int, Result]:
    """Return results by two questions instead of a join, which would look up each in the partitions of all days."""
    found: dict[int, Result] = {}
    wanted = sorted(ids)
    since = (before or timezone.now()) - RECENT
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found |= {row.pk: row for row in read(some, since)}
        if older := [pk for pk in some if pk not in found]:
            found |= {row.pk: row for row in read(older, None)}
    return found
