"""Delete old results: whole days in PostgreSQL, small slices elsewhere. Memory stays flat and no writer waits."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from apis.probing.history import rollups
from apis.probing.models import Flip, Probe, Result, StoredExchange
from apis.probing.runs import partitions
from apis.probing.runs.partitions import results_retention

log = logging.getLogger(__name__)

FIRST_SLICE, LEAST_SLICE, LARGEST_SLICE = 500, 100, 10_000
SLICE_S = 0.04
"""How long one slice may hold the database; the next one is larger or smaller by how long the last one took."""
WORK_S = 120
"""After so long the task ends and another one goes on: people's work comes in between."""

# Results are deleted in the order in which they were stored. What a probe's state or a flip refers to stays: first
# failures and first passes are results of flips, and each flip names the time of the last pass before it.
_SLICE = "SELECT max(id), min(at), max(at) FROM (SELECT id, at FROM {table} WHERE id > %s ORDER BY id LIMIT %s) s"
# What stays is looked up once a slice: once a row costs several times the deletion itself.
_DELETE = """
    DELETE FROM {table} WHERE id > %(after)s AND id <= %(upto)s AND at < %(cutoff)s AND id NOT IN (
        SELECT f.result_id FROM {flips} f WHERE f.result_id > %(after)s AND f.result_id <= %(upto)s
        UNION ALL
        SELECT p.last_result_id FROM {probes} p WHERE p.last_result_id > %(after)s AND p.last_result_id <= %(upto)s
        UNION ALL
        SELECT r.id FROM {flips} f JOIN {results} r ON r.probe_id = f.probe_id AND r.at = f.last_passed_at
         WHERE f.last_passed_at >= %(oldest)s AND f.last_passed_at <= %(newest)s)
"""
# Exchanges that no result got recently. Only a result of that day or before can still refer to one.
_OLD_EXCHANGES = "SELECT max(id) FROM (SELECT id FROM {exchanges} WHERE id > %s ORDER BY id LIMIT %s) s"
_DELETE_EXCHANGES = """
    DELETE FROM {exchanges} WHERE id > %s AND id <= %s AND used_on < %s
       AND NOT EXISTS (SELECT 1 FROM {results} r
                        WHERE r.probe_id = {exchanges}.probe_id AND r.at < %s AND r.stored_id = {exchanges}.id)
"""


def prune(now: datetime | None = None, seconds: float = WORK_S) -> bool:
    """Delete what is kept no longer, for so many seconds; return whether some is left."""
    now = now or timezone.now()
    end = time.monotonic() + seconds
    return _prune_results(now, end) or _prune_exchanges(now, end) or _prune_rollups(now, end)


def _prune_results(now: datetime, end: float) -> bool:
    if not partitions.are_used():
        return _prune_slices(Result._meta.db_table, now, end)
    partitions.make_ahead(now)
    old = [day for day in partitions.partitions() if day.end <= now - results_retention()]
    for day in old:
        if time.monotonic() > end:
            return True
        if not partitions.drop(day):
            log.info("Partition %s is in use; it is dropped later", day.name)
            break
    if old:
        partitions.analyze()
    return _prune_slices(partitions.OTHER, now, end)


def _prune_slices(table: str, now: datetime, end: float) -> bool:
    cutoff = now - results_retention()
    adapt = connection.ops.adapt_datetimefield_value
    last, size = 0, FIRST_SLICE
    while time.monotonic() < end:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_sql(_SLICE, table), [last, size])
            upto, oldest, newest = cursor.fetchone()
            if upto is None:
                return False
            if _moment(oldest) < cutoff:
                slice_ = {"after": last, "upto": upto, "cutoff": adapt(cutoff), "oldest": oldest, "newest": newest}
                cursor.execute(_sql(_DELETE, table), slice_)
            elif _moment(newest) <= now:
                return False  # those after it are newer still; only a clock that was ahead stores others before them
        last, took = upto, time.monotonic() - began
        size = min(LARGEST_SLICE, max(LEAST_SLICE, int(size * min(2.0, SLICE_S / max(took, 0.001)))))
        time.sleep(took / 2)  # so that other writers get their turn
    return True


def _prune_exchanges(now: datetime, end: float) -> bool:
    cutoff = now - results_retention() - timedelta(days=1)
    adapt = connection.ops.adapt_datetimefield_value
    last = 0
    while time.monotonic() < end:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_sql(_OLD_EXCHANGES), [last, FIRST_SLICE])
            (upto,) = cursor.fetchone()
            if upto is None:
                return False
            values = [last, upto, connection.ops.adapt_datefield_value(cutoff.date()), adapt(now - results_retention())]
            cursor.execute(_sql(_DELETE_EXCHANGES), values)
        last = upto
        time.sleep((time.monotonic() - began) / 2)
    return True


def _prune_rollups(now: datetime, end: float) -> bool:
    return any(time.monotonic() > end for _ in rollups.prune(now))


def _moment(value: datetime | str) -> datetime:
    """Return a time of the database, which SQLite has as text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else timezone.make_aware(value, timezone.get_fixed_timezone(0))


def _sql(text: str, table: str = "") -> str:
    tables = (("results", Result), ("flips", Flip), ("probes", Probe), ("exchanges", StoredExchange))
    return text.format(table=table, **{name: model._meta.db_table for name, model in tables})
