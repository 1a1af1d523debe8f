"""Leases: what a worker has taken up is its own until a time, and is taken up by another when that has passed.

A leased table has a column `leased_until`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Model, Q
from django.utils import timezone

LONGEST = timedelta(minutes=10)
"""A lease that runs for longer was taken by a clock that has since been set back."""

leased: dict[str, list[type[Model]]] = defaultdict(list)
"""The tables that only the workers of a queue lease, by queue."""


def register(queue: str, *tables: type[Model]) -> None:
    """Name the queue whose workers lease these tables, so that what a dead one held is released."""
    leased[queue] += [table for table in tables if table not in leased[queue]]


def over(now: datetime) -> Q:
    """Rows whose worker died: their lease has run out, or makes no sense."""
    return Q(leased_until__lt=now) | Q(leased_until__gt=now + LONGEST)


def free(now: datetime) -> Q:
    """Rows that no one has, or whose worker died."""
    return Q(leased_until=None) | over(now)


def release(queue: str) -> int:
    """Give up what the one worker of a queue held when it died, before its successor starts; returns how much.

    Only right where the queue has no other worker: elsewhere what a dead worker held is free when its lease runs out.
    """
    now = timezone.now()
    return sum(table._default_manager.filter(leased_until__gt=now).update(leased_until=now) for table in leased[queue])
