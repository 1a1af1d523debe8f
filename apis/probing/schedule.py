"""When probes are due: one statement claims what is due and moves it on, so any number of processes may ask at once."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from apis.probing.models import Probe, Tick

MIN_INTERVAL = 10
"""The shortest interval of a probe, in seconds."""
MAX_INTERVAL = 86_400
BATCH = 200
"""Probes that one task runs at once."""

# Each probe keeps its own place within its interval (a multiple of its id), so that a thousand probes of five minutes
# are spread over the five minutes, after a restart as well. The next place is always in the future: what was missed
# while nobody ran is skipped, not made up for in a burst.
_CLAIM = """
    UPDATE {table}
       SET due_at = %(now)s + "interval" - ((%(now)s - (id * 7919) %% "interval") %% "interval")
     WHERE id IN (SELECT p.id FROM {table} p JOIN {apis} a ON a.id = p.api_id
                   WHERE p.enabled AND p.due_at <= %(now)s AND a.gone_at IS NULL
                   ORDER BY p.due_at LIMIT %(limit)s {lock})
    RETURNING id
"""


def claim_due(now: datetime | None = None, limit: int = 5000) -> list[int]:
    """The ids of the enabled probes that are due, each handed to one caller only and moved to its next due time."""
    at = int((now or timezone.now()).timestamp())
    lock = "FOR UPDATE OF p SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    sql = _CLAIM.format(table=Probe._meta.db_table, apis=Probe.api.field.related_model._meta.db_table, lock=lock)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"now": at, "limit": limit})
        return sorted(row[0] for row in cursor.fetchall())


def batches(ids: list[int]) -> list[list[int]]:
    """The ids in groups that one task runs at once."""
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def beat(name: str = "probing") -> None:
    """Note that the scheduler is alive."""
    Tick.objects.update_or_create(name=name, defaults={"at": timezone.now()})
