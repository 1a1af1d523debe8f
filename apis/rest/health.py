"""Health: what background threads last found out about the parts of corsdash."""

from __future__ import annotations

from django.db import DatabaseError, connection

from apis.jobs import queue
from apis.jobs.watch import Watch
from apis.probing import schedule


def start() -> None:
    """Begin to watch the database and the broker."""
    database.start()
    queue.watch.start()


def parts() -> dict[str, str]:
    """Return the state of each part. Never waits: a part that hangs is unreachable."""
    scheduler = database.value
    return {
        "database": "ok" if scheduler else "unreachable",
        "broker": "ok" if queue.watch.value else "unreachable",
        "scheduler": scheduler or "unknown",
    }


def _ask_database() -> str:
    """Return the scheduler's state, "" when the database cannot be asked."""
    try:
        alive = schedule.is_alive()
    except DatabaseError:
        return ""
    finally:
        connection.close()
    return "ok" if alive else "late"


database = Watch(_ask_database, every_s=1.0, patience_s=2.0)
