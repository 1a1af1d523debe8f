"""Count in the database: processes come and go, and whichever answers Prometheus must know the sums of all."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

type Key = tuple[str, str]
"""A metric's name, and its label's value; "" for a metric without labels."""


def add(counts: Mapping[Key, float]) -> None:
    """Add to counters, each by one atomic statement. Not for the inside of a long transaction: others wait for it."""
    from apis.jobs.models import Counter

    table = connection.ops.quote_name(Counter._meta.db_table)
    sql = (
        f"INSERT INTO {table} (key, value) VALUES (%s, %s) "
        f"ON CONFLICT (key) DO UPDATE SET value = {table}.value + excluded.value"
    )
    # In one order, so that two processes never wait for each other.
    rows = sorted((f"{name}|{label}", float(count)) for (name, label), count in counts.items() if count)
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def read() -> dict[Key, float]:
    """Return all counters."""
    from apis.jobs.models import Counter

    found: dict[Key, float] = {}
    for key, value in Counter.objects.values_list("key", "value"):
        name, _, label = key.partition("|")
        found[name, label] = value
    return found
