"""The shared budget: one account's control-plane calls, however many processes and machines make them.

AWS allows an account 10 calls a second for everyone together. Each call of ours first reserves the account's next
slot in the database and sleeps until it comes, with no transaction open.

Calls that a person waits for go first: they reserve slots ahead, while background calls line up among themselves and
take a slot only when it is free at that moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from apis.aws.connection import CALLS_PER_S, MOST_CALLS_PER_S
from apis.aws.errors import Throttled

PATIENCE_S = 60.0
BACK_OFF_S = 2.0
"""How long calls to an account pause after AWS throttled it (429)."""

# A slot missed by more than this is given up for a new one: two calls that drift together would break the budget.
_LATE_S = 0.05
_SHORTEST_S = 0.005
# A reservation that is further away was made by a clock that has since been set back.
_NONSENSE_S = 600

_background: ContextVar[bool] = ContextVar("background", default=False)

_NOW = {
    # The database's clock, as machines' clocks differ.
    "postgresql": "extract(epoch from clock_timestamp())::float8",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}


@contextmanager
def in_background() -> Iterator[None]:
    """Let the calls made inside, which no one waits for, go after those that a person waits for."""
    token = _background.set(True)
    try:
        yield
    finally:
        _background.reset(token)


def take(key: str, calls_per_s: float = CALLS_PER_S, patience_s: float = PATIENCE_S) -> None:
    """Wait for the next free slot of the budget `key`. Raises Throttled when it is more than `patience_s` away."""
    end = time.monotonic() + patience_s
    if _background.get():
        # One after the other, or each free slot would be fought for by all of them.
        _take_turn(f"{key}/background", calls_per_s, patience_s, end)
        _take_when_free(key, calls_per_s, patience_s, end)
    else:
        _take_turn(key, calls_per_s, patience_s, end)


def _take_turn(key: str, calls_per_s: float, patience_s: float, end: float) -> None:
    """Reserve the next slot, however far ahead, and sleep until it comes."""
    while True:
        wait = _reserve(key, 1 / calls_per_s, max(end - time.monotonic(), 0.0))
        if wait is None:
            raise _too_long(calls_per_s, patience_s)
        due = time.monotonic() + wait
        if wait > 0:
            time.sleep(wait)
        if calls_per_s > MOST_CALLS_PER_S or time.monotonic() - due <= _LATE_S:
            return


def _take_when_free(key: str, calls_per_s: float, patience_s: float, end: float) -> None:
    """Take a slot that is free now; while persons' calls have reserved all, wait until theirs are over."""
    while _reserve(key, 1 / calls_per_s, 0.0) is None:
        wait = min(max(_until_free(key), _SHORTEST_S), 1 / calls_per_s)
        if time.monotonic() + wait > end:
            raise _too_long(calls_per_s, patience_s)
        time.sleep(wait)


def _too_long(calls_per_s: float, patience_s: float) -> Throttled:
    return Throttled(
        f"Too many calls to AWS are queued ({calls_per_s:g} a second are made to one account, "
        f"and this one would wait more than {patience_s:g} s). Try again in a minute.",
        "LocalBudget",
    )


def back_off(key: str, seconds: float = BACK_OFF_S) -> None:
    """Pause all calls to the account after a 429."""
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


def _until_free(key: str) -> float:
    """Return the seconds until no one has a slot reserved."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT next_at - {_NOW[connection.vendor]} FROM {_table()} WHERE key = %s", [key])
        row = cursor.fetchone()
    return 0.0 if row is None else float(row[0])


def _table() -> str:
    from apis.aws.models import CallSlot

    return connection.ops.quote_name(CallSlot._meta.db_table)
