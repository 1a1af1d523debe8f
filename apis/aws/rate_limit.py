"""The shared budget: one account's control-plane calls, however many processes and machines make them.

AWS allows an account 10 calls a second for everybody together. Each call of ours first reserves the account's next
slot in the database and sleeps until it comes, with no transaction open.
"""

from __future__ import annotations

import time

from django.db import connection

from apis.aws.connection import CALLS_PER_S, MOST_CALLS_PER_S
from apis.aws.errors import Throttled

PATIENCE_S = 60.0
BACK_OFF_S = 2.0
"""How long nobody calls an account after AWS said that there were too many calls (429)."""

# A slot missed by more than this is given up for a new one: two calls that drift together would break the budget.
_LATE_S = 0.05
# A reservation that is further away was made by a clock that has since been set back.
_NONSENSE_S = 600

_NOW = {
    # The database's clock, as machines' clocks differ.
    "postgresql": "extract(epoch from clock_timestamp())::float8",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


def take(key: str, calls_per_s: float = CALLS_PER_S, patience_s: float = PATIENCE_S) -> None:
    """Wait for the next free slot of the budget `key`. Raises Throttled when it is more than `patience_s` away."""
    end = time.monotonic() + patience_s
    while True:
        wait = _reserve(key, 1 / calls_per_s, max(end - time.monotonic(), 0.0))
        if wait is None:
            raise Throttled(
                f"Too many calls to AWS are waiting for their turn ({calls_per_s:g} a second are made to one account, "
                f"and this one would have waited more than {patience_s:g} s): try again in a minute.",
                "LocalBudget",
            )
        due = time.monotonic() + wait
        if wait > 0:
            time.sleep(wait)
        if calls_per_s > MOST_CALLS_PER_S or time.monotonic() - due <= _LATE_S:
            return


def back_off(key: str, seconds: float = BACK_OFF_S) -> None:
    """Let nobody call the account for a while: AWS said that there are too many calls."""
    now = _NOW[connection.vendor]
    sql = f"UPDATE {_table()} SET next_at = {now} + %s WHERE key = %s AND next_at < {now} + %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [seconds, key, seconds])


def _reserve(key: str, interval: float, patience: float) -> float | None:
    """Take the next slot in one statement; the seconds until it comes, None when it is not within `patience`."""
    table, now = _table(), _NOW[connection.vendor]
    free = f"{table}.next_at <= {now} OR {table}.next_at > {now} + {_NONSENSE_S}"
    sql = (
        f"INSERT INTO {table} (key, next_at) VALUES (%s, {now} + %s) "
        f"ON CONFLICT (key) DO UPDATE SET next_at = CASE WHEN {free} THEN {now} ELSE {table}.next_at END + %s "
        f"WHERE {free} OR {table}.next_at <= {now} + %s "
        f"RETURNING next_at - %s - {now}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [key, interval, interval, patience, interval])
        row = cursor.fetchone()
    return None if row is None else max(float(row[0]), 0.0)


def _table() -> str:
    from apis.aws.models import CallSlot

    return connection.ops.quote_name(CallSlot._meta.db_table)
