"""Pause, resume, change and delete many probes at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from apis.access import audit
from apis.errors import InvalidInput
from apis.probing.models import Probe
from apis.probing.runs.schedule import MAX_INTERVAL, MIN_INTERVAL

ACTIONS = (("pause", "Pause"), ("resume", "Resume"), ("interval", "Set interval"), ("delete", "Delete"))


def act(action: str, rows: QuerySet[Probe], user: User, interval: int = 0) -> str:
    """Do one action to probes; returns what was done in words. Raises InvalidInput."""
    if action == "pause":
        return f"Paused {_counted(pause(rows, user))}."
    if action == "resume":
        return f"Resumed {_counted(resume(rows, user))}."
    if action == "interval":
        return f"Changed the interval of {_counted(set_interval(rows, user, interval))}."
    if action == "delete":
        return f"Deleted {_counted(delete(rows, user))}."
    raise InvalidInput("Choose an action.", "action")


def pause(rows: QuerySet[Probe], user: User) -> int:
    """Switch probes off; returns how many were on."""
    count = rows.filter(enabled=True).update(enabled=False)
    return _noted(user, "paused probes", count)


def resume(rows: QuerySet[Probe], user: User) -> int:
    """Switch probes on again, each as a new one that is due at once; returns how many were off."""
    fresh = {
        "due_at": int(timezone.now().timestamp()),
        "scheduled_since": timezone.now(),
        "state": Probe.State.NEW,
        "state_since": None,
        "failed_in_a_row": 0,
        "passed_in_a_row": 0,
        "failing_since": None,
    }
    count = rows.filter(enabled=False).update(enabled=True, **fresh)
    return _noted(user, "resumed probes", count)


def delete(rows: QuerySet[Probe], user: User | None) -> int:
    """Delete probes: they stop. Their flips and incidents are history, so their rows stay."""
    count = rows.update(enabled=False, deleted_at=timezone.now())
    return _noted(user, "deleted probes", count)


def set_interval(rows: QuerySet[Probe], user: User, interval: int) -> int:
    """Change how often probes run, in seconds; returns how many changed."""
    if not MIN_INTERVAL <= interval <= MAX_INTERVAL:
        raise InvalidInput("Choose an interval from 10 seconds to one day.", "interval")
    now = timezone.now()
    schedule = {"interval": interval, "due_at": int(now.timestamp()), "scheduled_since": now}
    count = rows.exclude(interval=interval).update(**schedule)
    return _noted(user, "changed the interval of probes", count, interval=interval)


def _noted(user: User | None, action: str, count: int, **details: Any) -> int:
    if count:
        audit.record(user, action, _counted(count), **details)
    return count


def _counted(count: int) -> str:
    return f"{count} probe{'' if count == 1 else 's'}"
