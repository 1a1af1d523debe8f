"""When probes are due: one statement claims what is due and moves it on, so any number of processes may ask at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from apis.jobs.clock import AHEAD
from apis.probing.models import Probe, Result, Tick

MIN_INTERVAL = 10
"""The shortest interval of a probe, in seconds."""
MAX_INTERVAL = 86_400
BATCH = 200
"""Probes that one task runs at once."""
TICK_S = 2
"""Seconds between two looks of the scheduler at what is due."""
CLAIMED_S = TICK_S + 1
"""Seconds ahead for which a look hands out runs: the next look may come late, and a worker needs time to take them."""
LATE = timedelta(seconds=30)
"""A scheduler that gave no sign of life for so long is late."""
SIGN_EVERY = timedelta(seconds=8)
"""How often its sign of life is written down: a write costs more than all else of a look at which nothing is due."""
LATE_RUN = timedelta(minutes=2)
"""A probe may be late by its interval, as one lost run is repeated by the next, and so much."""
MOST_INTERVALS = 100

# Each probe keeps its own place within its interval (a multiple of its id), so that a thousand probes of five minutes
# are spread over the five minutes, after a restart as well. The next place is always in the future: what was missed
# while no one ran is skipped, not made up for in a burst.
SPREAD = 7919
_NEXT = 'UPDATE {table} SET due_at = %(now)s + "interval" - ((%(now)s - (id * {spread}) %% "interval") %% "interval")'
# The API of each due probe is looked up separately. For a join, a database that has no statistics of its tables yet
# would go through all APIs, and for each through all that is due.
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT p.id FROM {table} p
         WHERE p.enabled AND p.due_at <= %(now)s AND (SELECT a.gone_at IS NULL FROM {apis} a WHERE a.id = p.api_id)
         ORDER BY p.due_at LIMIT %(limit)s {lock})
    {next} WHERE id IN (SELECT id FROM due)
    RETURNING id, "interval"
"""
_CLAIM_ONE = "{next} WHERE id = %(id)s AND enabled AND due_at <= %(now)s RETURNING id"
# Nothing is ever due later than an interval from now, unless the clock was set back since.
_AHEAD = 'WHERE enabled AND due_at > %(now)s + "interval"'


def claim_due(now: datetime | None = None, limit: int = 5000) -> list[int]:
    """Return the ids of enabled probes that are due, each to one caller only, and move them to their next due time.

    Due times that only a clock ahead of this one can have set are pulled back to their place in the next interval.
    """
    return sorted(pk for pk, _ in _claim_until(int((now or timezone.now()).timestamp()), limit))


def claim_ahead(now: datetime | None = None, limit: int = 5000) -> list[tuple[int, list[int]]]:
    """Claim what is due within CLAIMED_S; in batches that one task runs at once, each with its start (Unix time).

    A batch starts at the second in which its probes are due, instead of when the scheduler happens to look.
    """
    at = int((now or timezone.now()).timestamp())
    until = at + CLAIMED_S
    starts: dict[int, list[int]] = {}
    for pk, interval in _claim_until(until, limit):
        starts.setdefault(max(place_from(pk, interval, until - interval + 1), at), []).append(pk)
    return [(start, batch) for start, ids in sorted(starts.items()) for batch in batches(sorted(ids))]


def place_from(probe: int, interval: int, moment: int) -> int:
    """Return the first of a probe's places that is not before a moment (both Unix time): there it is due."""
    return moment + (probe * SPREAD - moment) % interval


def is_superseded(probe: Probe, start: int, now: datetime) -> bool:
    """Return whether the run that was claimed for a start (Unix time) waited until the probe's next run was due."""
    return probe.due_at <= now.timestamp() or probe.due_at > place_from(probe.pk, probe.interval, start + 1)


def _claim_until(at: int, limit: int) -> list[tuple[int, int]]:
    """Claim what is due at a moment (Unix time): ids and intervals."""
    lock = "FOR UPDATE OF p SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(_sql(f"SELECT 1 FROM {{table}} {_AHEAD} LIMIT 1"), {"now": at})
        if cursor.fetchone():
            cursor.execute(_sql(f"{{next}} {_AHEAD}"), {"now": at})
        cursor.execute(_sql(_CLAIM, lock=lock), {"now": at, "limit": limit})
        return list(cursor.fetchall())


def claim(probe: Probe) -> bool:
    """Claim one probe's due run; False when none is due or another process claimed it."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(_CLAIM_ONE), {"now": int(timezone.now().timestamp()), "id": probe.pk})
        return cursor.fetchone() is not None


def make_due(*ids: int) -> None:
    """Give claimed probes back: the schedule runs them next, whenever that is."""
    if not ids:
        return
    Probe.objects.filter(pk__in=ids).update(due_at=int(timezone.now().timestamp()))


def _sql(text: str, **parts: Any) -> str:
    table, apis = Probe._meta.db_table, Probe.api.field.related_model._meta.db_table
    return text.format(next=_NEXT.format(table=table, spread=SPREAD), table=table, apis=apis, **parts)


def batches(ids: list[int]) -> list[list[int]]:
    """Return the ids in groups that one task runs at once."""
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]


def beat(name: str = "probing") -> None:
    """Note that the scheduler is alive, unless that was noted a moment ago."""
    now = timezone.now()
    recent = Tick.objects.filter(name=name, at__gt=now - SIGN_EVERY, at__lte=now)
    if not recent.exists():
        Tick.objects.update_or_create(name=name, defaults={"at": now})


def is_alive(now: datetime | None = None) -> bool:
    """Return whether the scheduler reported recently. A time in the future is from before a clock change."""
    now = now or timezone.now()
    return Tick.objects.filter(at__gte=now - LATE, at__lte=now + AHEAD).exists()


def last_tick() -> datetime | None:
    """Return when the scheduler last gave a sign of life."""
    return Tick.objects.aggregate(at=Max("at"))["at"]


def count_late(now: datetime) -> int:
    """Return how many enabled probes have missed their run by an interval and `LATE_RUN`."""
    enabled = Probe.objects.filter(enabled=True, api__gone_at=None)
    late = Q(pk=None)
    for interval in enabled.order_by().values_list("interval", flat=True).distinct()[:MOST_INTERVALS]:
        limit = now - timedelta(seconds=2 * interval) - LATE_RUN
        # Not by a join to the last result, which PostgreSQL would look up in the partitions of all days.
        recent = Result.objects.filter(probe=OuterRef("pk"), at__gte=limit, at__lte=now + AHEAD).order_by()
        never = Q(last_result=None, created_at__lt=limit)
        late |= Q(interval=interval) & (Q(last_result__isnull=False) & ~Exists(recent) | never)
    return enabled.filter(late).count()
