"""Roll-ups: what came of each probe's runs in every 5 minutes, hour and day, kept longer than the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import batched
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import BigIntegerField, IntegerField, Q, QuerySet
from django.utils import timezone

from apis.jobs.bulk_reads import Given, among
from apis.jobs.bulk_rows import upsert_rows
from apis.jobs.compiled_reads import CompiledRows
from apis.probing.history import latency_sketch, phase_sketches
from apis.probing.models import Probe, Result, Rollup
from apis.probing.runs.run_counts import Punctuality

MINUTES, HOUR, DAY = 300, 3600, 86_400
SPANS = (MINUTES, HOUR, DAY)
_KEY = ("probe_id", "seconds", "at")
_VALUES = ("passed", "failed", "not_run", "maintenance", "late", "missed", "latency", "phases")
_PROBES_AT_ONCE = 50
_STRETCHES_AT_ONCE = 12


def start_of(at: datetime, seconds: int) -> int:
    """Return when the stretch began in which a time lies, in seconds since 1970."""
    moment = int(at.timestamp() // 1)
    return moment - moment % seconds


def kept_for(seconds: int) -> timedelta:
    """Return how long roll-ups of this length are kept."""
    days = {
        MINUTES: settings.CORSDASH_KEEP_5_MINUTES_DAYS,
        HOUR: settings.CORSDASH_KEEP_HOURLY_DAYS,
        DAY: settings.CORSDASH_KEEP_DAILY_DAYS,
    }
    return timedelta(days=days[seconds])


class _Run(NamedTuple):
    """What a result adds to each of its roll-ups."""

    passed: bool | None
    is_maintenance: bool
    punctuality: Punctuality
    latency: float | None
    phases: dict[str, float]


type _Key = tuple[int, int, int]
type _Counts = tuple[int, int | None, int | None, int | None, int | None, int | None, bytes, bytes | None]
"""The values of a row: null for a count of nothing."""


def add(results: Sequence[Result], punctual: Sequence[Punctuality]) -> None:
    """Count new results in their roll-ups. Call it with their probes locked, in the transaction that stores them."""
    added: dict[_Key, list[_Run]] = {}
    for result, punctuality in zip(results, punctual, strict=True):
        latency = result.latency
        took = {} if latency is None else phase_sketches.phases_of(result.timings)
        run = _Run(result.passed, bool(result.maintenance), punctuality, latency, took)
        moment = start_of(result.at, 1)
        for seconds in SPANS:
            added.setdefault((result.probe_id, seconds, moment - moment % seconds), []).append(run)
    known = _known(list(added))
    rows = [
        key + _with(known.get(key, (0, 0, 0, None, 0, 0, b"", None)), runs, has_phases=key[1] != DAY)
        for key, runs in added.items()
    ]
    upsert_rows(Rollup, _KEY, _VALUES, rows)


def _with(counts: _Counts, runs: Sequence[_Run], has_phases: bool) -> _Counts:
    """Return a roll-up's values with these runs as well."""
    passed, failed, not_run, maintenance, late, missed, sketch, phases = counts
    failed, not_run, late, missed = failed or 0, not_run or 0, late or 0, missed or 0
    counted = []
    for run in runs:
        late, missed = late + run.punctuality.late, missed + run.punctuality.missed
        if run.is_maintenance:
            maintenance = (maintenance or 0) + 1
            continue
        counted.append(run)
        if run.passed:
            passed += 1
        elif run.passed is None:
            not_run += 1
        else:
            failed += 1
    sketch = latency_sketch.add(bytes(sketch), [run.latency for run in counted if run.latency is not None])
    if has_phases:
        phases = phase_sketches.add(phases, [run.phases for run in counted])
    return passed, failed, not_run, maintenance, late, missed, sketch, phases


def _known(keys: Sequence[_Key]) -> dict[_Key, _Counts]:
    if not keys:
        return {}
    known: dict[_Key, _Counts] = {}
    probes = {key[0] for key in keys}
    for some in batched(sorted({key[1:] for key in keys}), _STRETCHES_AT_ONCE):
        given = {f"seconds{place}": seconds for place, (seconds, _) in enumerate(some)}
        given |= {f"at{place}": at for place, (_, at) in enumerate(some)}
        rows: Iterable[Any] = _reading(len(some)).read(probes=probes, **given)
        known |= {row[:3]: row[3:] for row in rows}
    return known


@cache
def _reading(stretches: int) -> CompiledRows:
    """Return the query for roll-ups of so many stretches of time."""

    def build() -> QuerySet[Rollup]:
        some = Q()
        for place in range(stretches):
            some |= Q(seconds=Given(f"seconds{place}", IntegerField()), at=Given(f"at{place}", BigIntegerField()))
        return Rollup.objects.filter(some, among("probe", Given("probes")))

    return CompiledRows(build, (*_KEY, *_VALUES), as_stored=True)


def prune(now: datetime | None = None) -> Iterator[int]:
    """Delete the roll-ups that are kept no longer, those of a few probes at a time; give how many each step deleted."""
    now = now or timezone.now()
    last = 0
    while ids := list(
        Probe.all_objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_PROBES_AT_ONCE]
    ):
        for seconds in SPANS:
            before = start_of(now - kept_for(seconds), seconds)
            old = Rollup.objects.filter(probe__in=ids, seconds=seconds, at__lt=before)
            yield old._raw_delete(old.db)
        last = ids[-1]
