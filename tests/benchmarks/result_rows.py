"""Millions of results in seconds: runs that were stored as workers do, copied with other times by the database."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

AT_ONCE = 100_000

# The columns are those of real results, whatever they are.
_COPY = """
    WITH RECURSIVE numbers (n) AS (SELECT %s UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %s)
    INSERT INTO {results} (at, {columns})
    SELECT {moment}, {columns} FROM numbers JOIN originals ON place = n %% %s ORDER BY n
"""
# As Django writes it.
_MOMENT = {
    "postgresql": "%s::timestamptz + n * %s * interval '1 millisecond'",
    "sqlite": "replace(strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, (n * %s / 1000.0) || ' seconds') || '000', "
    "'.000000', '')",
}
_COPY_ROLLUPS = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
    INSERT INTO {rollups} (probe_id, seconds, at, passed, latency, phases)
    SELECT probe_id, seconds, at - n * seconds, seconds / 60, latency, phases FROM {rollups} JOIN numbers ON true
     WHERE seconds = %s AND at = %s
    ON CONFLICT DO NOTHING
"""


def copy_results(probes: list[Any], count: int, begun: datetime, apart_ms: int = 50) -> None:
    """Make so many passed results of these probes in turn, each so long after the one before; no probe knows of any."""
    from django.db import connection, transaction

    from apis.probing.models import Flip, Probe, Result

    for minutes in (2, 1):  # The second run repeats the first, as most do.
        originals = store_runs(probes, begun - timedelta(minutes=minutes))
    table, vendor = Result._meta.db_table, connection.vendor
    columns = ", ".join(str(field.column) for field in Result._meta.concrete_fields if field.name not in ("id", "at"))
    first, last = originals[0].pk, originals[-1].pk
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE originals AS SELECT id - %s AS place, {columns} FROM {table}"
            " WHERE id BETWEEN %s AND %s",
            [first, first, last],
        )
        Probe.objects.update(last_result=None, last_passed_at=None, state="new")
        Flip.objects.all().delete()
        cursor.execute(f"DELETE FROM {table} WHERE id <= %s", [last])
    moment = begun if vendor == "postgresql" else f"{begun:%Y-%m-%d %H:%M:%S}"
    copy = _COPY.format(results=table, columns=columns, moment=_MOMENT[vendor])
    for start in range(0, count, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(copy, [start, min(start + AT_ONCE, count), moment, apart_ms, len(probes)])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE originals")


def copy_rollups(at: datetime, days: int) -> None:
    """Copy the roll-ups that a run at this time counts in to those of the days before it: a run a minute."""
    from django.db import connection

    from apis.probing.history.rollups import DAY, SPANS, kept_for, start_of
    from apis.probing.models import Rollup

    for seconds in SPANS:
        stretches = min(days, kept_for(seconds).days) * DAY // seconds
        with connection.cursor() as cursor:
            sql = _COPY_ROLLUPS.format(rollups=Rollup._meta.db_table)
            cursor.execute(sql, [stretches, seconds, start_of(at, seconds)])


def store_runs(probes: list[Any], at: datetime) -> list[Any]:
    """Store a scheduled run of each probe that passes; return the results."""
    from apis.cors.browser import judge
    from apis.probing.runs.storage import store
    from tests.benchmarks.storage import make_outcome

    chance = random.Random(1)
    results = []
    for start in range(0, len(probes), 200):
        some = probes[start : start + 200]
        results += store(some, [make_outcome(probe, 0, chance, judge) for probe in some], at, "schedule")
    return results
