"""Leases: what a worker has taken up is its own until a time, and is taken up by another when that has passed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

LONGEST = timedelta(minutes=10)
"""A lease that runs for longer was taken by a clock that has since been set back."""


def over(now: datetime) -> Q:
    """Rows whose worker died: their lease has run out, or makes no sense."""
    return Q(leased_until__lt=now) | Q(leased_until__gt=now + LONGEST)


def free(now: datetime) -> Q:
    """Rows that nobody has, or whose worker died."""
    return Q(leased_until=None) | over(now)
