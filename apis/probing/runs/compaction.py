"""Rebuild the index of a past day's results once, in PostgreSQL: its pages were split while rows came in.

The results of many probes come in turns, so that each full page of the index by probe and time is split in two halves,
which fill slowly: at the end of the day they are not two thirds full. Rebuilt, the index takes three fifths of that.
Nothing is written to a past day any more, so it stays so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import OperationalError, ProgrammingError, connection
from django.utils import timezone

from apis.probing.runs.partitions import Partition, are_used, partitions
from apis.probing.runs.pruning import WORK_S

log = logging.getLogger(__name__)

SETTLED = timedelta(hours=1)
"""How long after a day's end no more of its results are awaited: those that come later find room all the same."""
WAITS_S = 30.0
"""How long a rebuild waits for transactions that began before it. No one waits for the rebuild."""
DONE = "rebuilt after its day"
"""The comment that the index gets, so that it is rebuilt once."""

# The index by probe and time, and what rebuilds of it that were interrupted have left (its name ends differently).
_INDEXES = """
    SELECT i.oid::regclass::text, x.indisvalid, obj_description(i.oid, 'pg_class') IS NOT DISTINCT FROM %s
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
     WHERE x.indrelid = to_regclass(%s) AND x.indnatts = 2 AND a.attname = 'probe_id'
"""
_INTERRUPTED = ("55P03", "40P01", "57014")
"""No lock in time, a deadlock, a statement that took too long or was cancelled."""
_GONE = "42P01"
_LACKING = "53"
"""No room on the disk, or memory: what the rebuild has taken of it, everyone else needs."""


def compact(now: datetime | None = None, seconds: float = WORK_S) -> bool:
    """Rebuild the indexes of past days, for so many seconds; return whether there are more to rebuild now.

    Where others are in the way, such as a long transaction, none are to be rebuilt now but at the next time on the
    schedule: each try builds an index before it finds out. Not inside a transaction.
    """
    if not are_used():
        return False
    now, end, is_free = now or timezone.now(), time.monotonic() + seconds, True
    for day in partitions():
        if day.end > now - SETTLED:
            break
        if (index := _index_to_rebuild(day)) is None:
            continue
        if time.monotonic() > end:
            return is_free
        try:
            with _waiting():
                _rebuild(day, index)
        except (OperationalError, ProgrammingError) as error:
            state = getattr(error.__cause__, "sqlstate", None) or ""
            if state == _GONE:  # another process dropped the day
                continue
            if state not in _INTERRUPTED:
                if state.startswith(_LACKING):
                    with suppress(OperationalError), _waiting():
                        _drop_left(day)
                raise
            log.info("The index of %s is in use; it is rebuilt later", day.name)
            is_free = False
    return False


def _index_to_rebuild(day: Partition) -> str | None:
    return next((name for name, valid, done in _indexes(day) if valid and not done), None)


def _indexes(day: Partition) -> list[tuple[str, bool, bool]]:
    """Return the names of a day's indexes by probe and time, whether each is valid, and whether it was rebuilt."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [DONE, day.name])
        return list(cursor.fetchall())


def _rebuild(day: Partition, index: str) -> None:
    """Rebuild an index while others read and write its table.

    See "Rebuilding Indexes Concurrently" in PostgreSQL's manual on REINDEX, also for what an interrupted one leaves.
    """
    _drop_left(day)
    with connection.cursor() as cursor:
        cursor.execute(f"REINDEX INDEX CONCURRENTLY {index}")
        cursor.execute(f"COMMENT ON INDEX {index} IS '{DONE}'")


def _drop_left(day: Partition) -> None:
    """Drop what rebuilds that were interrupted have left."""
    with connection.cursor() as cursor:
        for left in [name for name, valid, _ in _indexes(day) if not valid]:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {left}")


@contextmanager
def _waiting() -> Iterator[None]:
    """Wait for locks for so long on this connection; these statements cannot be in a transaction of their own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET lock_timeout = {int(WAITS_S * 1000)}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
