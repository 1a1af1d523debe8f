"""Report once that the database is away, and once that it is back, instead of a traceback from each task."""

from __future__ import annotations

import logging
import os
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from apis.jobs.database import unreachable_error

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
            self._over = threading.Event()
            may_be_late = time.monotonic() - self._ended_at < LATE_S
        look = threading.Thread(target=self._look, args=(self._over, may_be_late), name="database outage", daemon=True)
        look.start()
        return not may_be_late

    def _look(self, over: threading.Event, first: bool) -> None:
        if first:
            if self._ends():
                return
            log.error("%s", BEGINS[0].upper() + BEGINS[1:])
        while not over.wait(LOOKS_EVERY_S):
            if self._ends():
                log.warning(ENDS)
                return

    def _ends(self) -> bool:
        """Return whether the database can be reached; then the outage is over."""
        try:
            connection.ensure_connection()
        except (DatabaseError, InterfaceError):
            return False
        connection.close()
        with self._lock:
            self._over, self._ended_at = None, time.monotonic()
        return True


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
        what, why = (text.strip().partition("\n")[0] for text in (record.getMessage(), str(error)))
        # Celery's message has the error in it.
        record.msg, record.args = f"%s: {BEGINS}", (what if why in what else f"{what} ({why})",)
        record.exc_info = record.exc_text = record.stack_info = None
        return True
