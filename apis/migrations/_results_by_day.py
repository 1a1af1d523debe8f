"""The SQL of migration 0032, which divides the table of results by day in PostgreSQL.

It names what it needs itself: later names in the models and other partitions must not change what the migration does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.backends.utils import CursorWrapper

_TABLE = "apis_result"
_OLD = f"{_TABLE}_old"
_KEPT, _RECENT, _OTHER = f"{_TABLE}_kept", f"{_TABLE}_recent", f"{_TABLE}_other"
_BY_ID = f"{_TABLE}_by_id"
_LIKE = f"(LIKE {_OLD} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)"
_AHEAD = timedelta(days=3)

# What a flip or a probe's state refers to: its result, and the last pass before it.
_KEEP = f"""
    UPDATE {_TABLE} SET kept = true
     WHERE kept IS NULL AND at < %(before)s AND id IN (
        SELECT result_id FROM apis_flip
         UNION ALL
        SELECT last_result_id FROM apis_probe
         UNION ALL
        SELECT r.id FROM apis_flip f JOIN {_OTHER} r ON r.probe_id = f.probe_id AND r.at = f.last_passed_at
     )
"""


def partition(cursor: CursorWrapper, now: datetime) -> datetime:
    """Give the table partitions: of each day whose results are still kept, of today and the next days.

    Returns when the first of these days starts.
    """
    days: list[datetime] = []

    def create(cursor: CursorWrapper) -> None:
        cursor.execute(f"CREATE TABLE {_TABLE} {_LIKE} PARTITION BY LIST (kept)")
        cursor.execute(f"CREATE TABLE {_KEPT} PARTITION OF {_TABLE} FOR VALUES IN (true)")
        cursor.execute(
            f"CREATE TABLE {_RECENT} PARTITION OF {_TABLE} FOR VALUES IN (NULL, false) PARTITION BY RANGE (at)"
        )
        cursor.execute(f"CREATE TABLE {_OTHER} PARTITION OF {_RECENT} DEFAULT")
        kept_since = now - timedelta(days=settings.CORSDASH_KEEP_RESULTS_DAYS)
        cursor.execute(f"SELECT min(at) FROM {_OLD} WHERE at >= %s", [kept_since])
        (oldest,) = cursor.fetchone()
        for start, end in _days(min(oldest or now, now - timedelta(days=1)), now):
            days.append(start)
            bounds = f"FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
            cursor.execute(f"CREATE TABLE {_TABLE}_{start:%Y%m%d} PARTITION OF {_RECENT} FOR VALUES {bounds}")

    _rebuild(cursor, create, f"CREATE INDEX {_BY_ID} ON {_TABLE} (id)")
    return days[0]


def keep_referred(cursor: CursorWrapper, before: datetime) -> None:
    """Keep those of the rows that are too old for a day's partition that others refer to; pruning deletes the rest."""
    cursor.execute(_KEEP, {"before": before})


def restore(cursor: CursorWrapper) -> None:
    """Make it one table without partitions."""
    _rebuild(
        cursor,
        lambda cursor: cursor.execute(f"CREATE TABLE {_TABLE} {_LIKE}"),
        f"ALTER TABLE {_TABLE} ADD PRIMARY KEY (id)",
    )


def _days(start: datetime, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    # More than one day where so many are kept that every query would have hundreds of partitions to look at.
    span = max(1, round(settings.CORSDASH_KEEP_RESULTS_DAYS / 60)) * timedelta(days=1)
    while day <= now + _AHEAD:
        yield day, day + span
        day += span


def _rebuild(cursor: CursorWrapper, create: Callable[[CursorWrapper], object], key: str) -> None:
    """Move the rows into a new table, which `create` makes, with the same columns, indexes, constraints and ids."""
    # Checks that wait for the end of the transaction keep a table from being changed.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(
        "SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary AND indexrelid IS DISTINCT FROM to_regclass(%s)"
        " ORDER BY indexrelid",
        [_TABLE, _BY_ID],
    )
    indexes = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype = 'f' ORDER BY oid",
        [_TABLE],
    )
    foreign = cursor.fetchall()
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [_TABLE])
    (sequence,) = cursor.fetchone()
    cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
    last = cursor.fetchone()
    cursor.execute(f"ALTER TABLE {_TABLE} RENAME TO {_OLD}")
    cursor.execute(f"ALTER SEQUENCE {sequence} RENAME TO {_OLD}_id_seq")
    create(cursor)
    cursor.execute(f"INSERT INTO {_TABLE} SELECT * FROM {_OLD}")
    cursor.execute(f"DROP TABLE {_OLD}")
    # After the rows, which is several times faster.
    for index in (key, *indexes):
        cursor.execute(index)
    for name, definition in foreign:
        cursor.execute(f"ALTER TABLE {_TABLE} ADD CONSTRAINT {name} {definition}")
    cursor.execute(f"ALTER TABLE {_TABLE} ALTER id ADD GENERATED BY DEFAULT AS IDENTITY")
    cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)", [_TABLE, *last])
