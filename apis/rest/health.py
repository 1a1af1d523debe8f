"""Health: what background threads last found out about the parts of corsdash."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection

from apis.alerting.alerts import scheduler_health
from apis.jobs import full_storage, queue
from apis.jobs.watch import Watch
from apis.probing.runs import schedule


def start() -> None:
    """Begin to watch the database, the broker and the scheduler."""
    database.start()
    queue.watch.start()
    full.start()
    scheduler_health.watch.start()


def parts() -> dict[str, str]:
    """Return the state of each part. Never waits: a part that hangs is unreachable."""
    scheduler, no_room = database.value, full.value or frozenset()
    return {
        "database": ("full" if "database" in no_room else "ok") if scheduler else "unreachable",
        # A full broker refuses what it is asked to keep, and answers all the same.
        "broker": "full" if "broker" in no_room else "ok" if queue.watch.value else "unreachable",
        "scheduler": scheduler or "unknown",
    }


def _check_database() -> str:
    """Return the scheduler's state, "" when the database cannot be asked."""
    try:
        alive = schedule.is_alive()
    except DatabaseError:
        return ""
    finally:
        connection.close()
    return "ok" if alive else "late"


def _full_parts() -> frozenset[str]:
    """Return the parts that have no room for anything new."""
    found = {"database"} if full_storage.database_is_full(settings.DATA if settings.EMBEDDED else None) else set()
    return frozenset(found | ({"broker"} if queue.broker_is_full() else set()))


full = Watch(_full_parts, every_s=2.0, patience_s=2.0)
database = Watch(_check_database, every_s=1.0, patience_s=2.0)
