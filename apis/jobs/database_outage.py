"""Report once that the database is away, and once that it is back, instead of a traceback from each task."""

from __future__ import annotations

import logging
import os
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from apis.jobs.database import unreachable_error
from apis.jobs.log_records import message_of

log = logging.getLogger(__name__)

BEGINS = "the database cannot be reached. What fails because of that is not reported until it can."
ENDS = "The database can be reached again."
LOOKS_EVERY_S = 1.0
LATE_S = 10.0
"""How long after its end an outage is still reported as an error by tasks that it stopped."""


class Outage:
    """Whether this process has reported that the database is away; a thread then looks for its return."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin again."""
        self._lock = threading.Lock()
        self._over: threading.Event | None = None
        self._ended_at = -LATE_S

    def begins(self) -> bool:
        """Note that the database cannot be reached; return whether this is news.

        Right after an outage it is not yet known: the error may be a late one of that outage. Then this looks first,
        and reports only a database that is away again.
        """
        with self._lock:
            if self._over is not None:
                return False
            over = self._over = threading.Event()
            may_be_late = time.monotonic() - self._ended_at < LATE_S
        look = threading.Thread(target=self._look, args=(over, may_be_late), name="database outage", daemon=True)
        try:
            look.start()
        except RuntimeError:  # no thread can be started now, for example while the process ends
            self._end(over)
            return True
        return not may_be_late

    def _look(self, over: threading.Event, first: bool) -> None:
        """Look until the database can be reached. Whatever else fails here, later errors are reported again."""
        try:
            if first:
                if can_be_reached():
                    return
                log.error("%s", BEGINS[0].upper() + BEGINS[1:])
            while not over.wait(LOOKS_EVERY_S):
                if can_be_reached():
                    with self._lock:
                        self._ended_at = time.monotonic()
                    log.warning(ENDS)
                    return
        except Exception:
            log.exception("Whether the database can be reached could not be found out")
        finally:
            self._end(over)

    def _end(self, over: threading.Event) -> None:
        with self._lock:
            if self._over is over:
                self._over = None


def can_be_reached() -> bool:
    """Return whether the database answers on a connection of its own; a pooler may accept one without a database."""
    try:
        connection.ensure_connection()
        return connection.is_usable()
    except (DatabaseError, InterfaceError):
        return False
    finally:
        connection.close()


OUTAGE = Outage()


class DatabaseOutageFilter(logging.Filter):
    """Turn the first record about an outage of the database into one line, and leave out those that follow."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        error = unreachable_error(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None
        if error is None:
            return True
        if not OUTAGE.begins():
            return False
        what, why = (text.strip().partition("\n")[0] for text in (message_of(record), str(error)))
        # Celery's message has the error in it.
        record.msg, record.args = f"%s: {BEGINS}", (what if why in what else f"{what} ({why})",)
        record.exc_info = record.exc_text = record.stack_info = None
        return True
