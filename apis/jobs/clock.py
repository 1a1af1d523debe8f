"""Times from a clock that has since been set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

AHEAD = timedelta(minutes=1)
"""Clocks of several machines differ by less; a stored time further ahead of now says nothing any more."""


def is_ahead(moment: datetime, now: datetime | None = None) -> bool:
    """Return whether a stored time lies in a future that no clock of today can have written."""
    return moment > (now or timezone.now()) + AHEAD
