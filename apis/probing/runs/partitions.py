"""The table of results in PostgreSQL, in partitions by day, so that a day's old results go by dropping its partition.

    apis_result                by list of `kept`
      apis_result_kept         true: what states and flips refer to, which stays
      apis_result_recent       null: all else, by range of `at`
        apis_result_20261129   a UTC day; made ahead
        apis_result_other      times without a partition of their own: late results, clocks that are wrong

Every step is one transaction: one that is killed leaves nothing half done. Only one process at a time takes such a
step. It waits for a lock only briefly, because everyone else waits behind it, and tries again later.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

TABLE = "apis_result"
KEPT, RECENT, OTHER = f"{TABLE}_kept", f"{TABLE}_recent", f"{TABLE}_other"
LOCK_MS, NEXT_LOCK_MS = 50, 10
"""How long a step waits for its first lock, and for each further one: those who come after it wait for all of them."""
TRIES, PAUSE_S = 20, 0.2
AHEAD = timedelta(days=3)
"""For how long partitions exist in advance."""
MOST_MOVED = 5_000
"""A day of which more results are stored elsewhere by now gets no partition: moving them would block readers."""
MOVED_AT_ONCE = 2_000
UNCOMMITTED = 10_000
"""Of so many of the newest flips some may not have been committed when they were looked for."""
_STEP = zlib.crc32(b"corsdash partitions of results")
_BUSY = ("55P03", "40P01", "40001")
"""No lock in time, a deadlock, a row that another transaction moved."""

# What a flip or a probe's state refers to: its result, and the last pass before it. The results are looked up by index
# each, whatever the database knows of a partition that it has not analyzed yet.
_REFERRED = """
    SELECT ARRAY[f.result_id] FROM apis_flip f
     WHERE f.result_id BETWEEN %(first)s AND %(last)s AND f.id > %(after)s
    UNION ALL
    SELECT ARRAY[p.last_result_id] FROM apis_probe p WHERE p.last_result_id BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT ARRAY(SELECT r.id FROM {partition} r WHERE r.probe_id = f.probe_id AND r.at = f.last_passed_at)
      FROM apis_flip f WHERE f.last_passed_at >= %(start)s AND f.last_passed_at < %(end)s AND f.id > %(after)s
"""
# Each by index as well, and then by its place. An update of the whole table by times and ids would read all of a
# partition that no one has analyzed while everyone waits.
_PLACES = """
    SELECT (SELECT r.ctid FROM {partition} r WHERE r.id = wanted.id LIMIT 1)
      FROM unnest(%(ids)s::bigint[]) AS wanted(id)
"""
_KEEP = f"""
    WITH moved AS (
        DELETE FROM {{partition}} WHERE ctid = ANY(%(places)s::tid[]) AND id = ANY(%(ids)s::bigint[])
        RETURNING {{columns}}
    )
    INSERT INTO {KEPT} ({{columns}}, kept) SELECT {{columns}}, true FROM moved
"""


class Partition(NamedTuple):
    """A partition, and the times from `start` until right before `end` that it takes."""

    name: str
    start: datetime
    end: datetime


def are_used() -> bool:
    """Whether this database has partitions."""
    return connection.vendor == "postgresql"


def partitions() -> list[Partition]:
    """Return the partitions of days in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c"
            " ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass(%s)",
            [RECENT],
        )
        # One that another process drops meanwhile has no bounds.
        bounds = [(name, re.findall(r"'(.+?)'", bound or "")) for name, bound in cursor.fetchall()]
    days = [Partition(name, *(datetime.fromisoformat(end) for end in ends)) for name, ends in bounds if ends]
    return sorted(days, key=lambda day: day.start)


def make_ahead(now: datetime) -> bool:
    """Make the partitions of today and the next days where they are missing; return whether all that can exist do."""
    return all(_try(partial(_make, day)) for day in days(now - timedelta(days=1), now, partitions()))


def drop(old: Partition) -> bool:
    """Drop a partition, but keep those of its results that others refer to; return whether it is gone."""
    newest = _newest_flip()
    # Before anyone has to wait.
    for ids in _referred(old):
        if _try(partial(_keep, old, ids)) is None:
            return False
    return bool(_try(partial(_drop, old, newest - UNCOMMITTED)))


def analyze() -> None:
    """Let the planner know what all partitions hold together: autovacuum looks at each of them, never at the whole.

    See "Updating Planner Statistics" in PostgreSQL's manual, 24.1.3.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLE}")


def _keep_referred(old: Partition, after: int = 0) -> None:
    """Move the results of these times that others, flips after this id, refer to to those that are kept."""
    for ids in _referred(old, after):
        _keep(old, ids)


def _newest_flip() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM apis_flip")
        return int(cursor.fetchone()[0])


def _referred(old: Partition, after: int = 0) -> Iterator[list[int]]:
    """Yield the ids of a partition's results that others refer to, and perhaps of others, some at a time."""
    if not _exists(old.name):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id), max(id) FROM {old.name}")
        first, last = cursor.fetchone()
        values = {"first": first, "last": last, "start": old.start, "end": old.end, "after": after}
        cursor.execute(_REFERRED.format(partition=old.name), values)
        ids = sorted({pk for (some,) in cursor.fetchall() for pk in some})
    for place in range(0, len(ids), MOVED_AT_ONCE):
        yield ids[place : place + MOVED_AT_ONCE]


def _keep(old: Partition, ids: list[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_PLACES.format(partition=old.name), {"ids": ids})
        # While everyone waits most are gone already.
        if places := [place for (place,) in cursor.fetchall() if place]:
            columns = _columns(cursor, old.name, "kept")
            cursor.execute(_KEEP.format(partition=old.name, columns=columns), {"places": places, "ids": ids})
    return True


def results_retention() -> timedelta:
    """Return how long results are kept."""
    return timedelta(days=settings.CORSDASH_KEEP_RESULTS_DAYS)


def days(start: datetime, now: datetime, there: Sequence[Partition] = ()) -> list[Partition]:
    """Return the partitions from the day of `start` to those that are made ahead, without those that are there."""
    day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    # More than one day where so many are kept that every query would have hundreds of partitions to look at.
    span = max(1, round(results_retention().days / 60)) * timedelta(days=1)
    found = []
    while day <= now + AHEAD:
        if taken := [one.end for one in there if one.start <= day < one.end]:
            day = taken[0]
            continue
        end = min([day + span, *(one.start for one in there if one.start > day)])
        found.append(Partition(f"{TABLE}_{day:%Y%m%d}", day, end))
        day = end
    return found


def _try[T](step: Callable[[], T]) -> T | None:
    """Return what a step gives; None when others were in its way each time."""
    for again in range(TRIES):
        if again:
            time.sleep(PAUSE_S)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MS}")
                # Checks that wait for the end of a transaction keep its tables from being changed.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_STEP])
                if cursor.fetchone()[0]:
                    return step()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in _BUSY:
                raise
    return None


def _make(day: Partition) -> bool:
    if any(one.start < day.end and day.start < one.end for one in partitions()):
        return True  # another process was faster
    times = {"start": day.start, "end": day.end}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {OTHER} WHERE at >= %(start)s AND at < %(end)s", times)
        if cursor.fetchone()[0] > MOST_MOVED:
            return True
        # Attached, not created as a partition: its indexes are made before anyone has to wait.
        including = " ".join(f"INCLUDING {what}" for what in ("DEFAULTS", "CONSTRAINTS", "STORAGE", "INDEXES"))
        cursor.execute(f"CREATE TABLE {day.name} (LIKE {RECENT} {including})")
        _fill_indexes(cursor, day.name)
        columns = _columns(cursor, day.name)  # which may be in another order than those of OTHER
        # A writer that has chosen OTHER and waits for it would fail once this day has its own.
        _lock(cursor, f"ONLY {RECENT} IN SHARE ROW EXCLUSIVE MODE")
        _lock(cursor, f"{OTHER} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {OTHER} WHERE at >= %(start)s AND at < %(end)s RETURNING {columns})"
            f" INSERT INTO {day.name} ({columns}) SELECT * FROM moved",
            times,
        )
        cursor.execute(f"ALTER TABLE {RECENT} ATTACH PARTITION {day.name} {_bounds(day)}")
    return True


def _lock(cursor: CursorWrapper, what: str) -> None:
    """Lock a table; what the step needs besides, also by statements that lock for themselves, it gets soon or never."""
    cursor.execute(f"LOCK TABLE {what}")
    cursor.execute(f"SET LOCAL lock_timeout = {NEXT_LOCK_MS}")


def _columns(cursor: CursorWrapper, table: str, left_out: str = "") -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname <> %s",
        [table, left_out],
    )
    return str(cursor.fetchone()[0])


def _fill_indexes(cursor: CursorWrapper, table: str) -> None:
    """Fill the pages of a partition's indexes: rows come in the order of time, so that no page grows later."""
    cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass", [table])
    for (index,) in cursor.fetchall():
        cursor.execute(f"ALTER INDEX {index} SET (fillfactor = 100)")


def _bounds(day: Partition) -> str:
    """Return the clause of SQL with a partition's times."""
    return f"FOR VALUES FROM ('{day.start.isoformat()}') TO ('{day.end.isoformat()}')"


def _drop(old: Partition, after: int) -> bool:
    if not _exists(old.name):
        return True  # another process was faster
    with connection.cursor() as cursor:
        _lock(cursor, f"ONLY {RECENT} IN ACCESS EXCLUSIVE MODE")
        _keep_referred(old, after)  # what got a reference since
        # Not detached before: that would take a lock on the probes, too.
        cursor.execute(f"DROP TABLE {old.name}")
    return True


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])
