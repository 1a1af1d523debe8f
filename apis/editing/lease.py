"""Leases: what a worker has taken up is its own until a time, and is taken up by another when that has passed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from apis.editing.models import BulkItem, Deployment, Grant, Proposal

LONGEST = timedelta(minutes=10)
"""A lease that runs for longer was taken by a clock that has since been set back."""

LEASED = {"celery": (Proposal, Grant, Deployment), "background": (BulkItem,)}
"""What the workers of each queue lease. Not proofs: those of both do."""


def over(now: datetime) -> Q:
    """Rows whose worker died: their lease has run out, or makes no sense."""
    return Q(leased_until__lt=now) | Q(leased_until__gt=now + LONGEST)


def free(now: datetime) -> Q:
    """Rows that nobody has, or whose worker died."""
    return Q(leased_until=None) | over(now)


def release(queue: str) -> int:
    """Give up what the one worker of a queue held when it died, before its successor starts; returns how much.

    Only right where the queue has no other worker: elsewhere what a dead worker held is free when its lease runs out.
    """
    now = timezone.now()
    return sum(kind.objects.filter(leased_until__gt=now).update(leased_until=now) for kind in LEASED[queue])
