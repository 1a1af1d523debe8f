"""Report once that the database is away, and once that it is back, instead of a traceback from each task."""

from __future__ import annotations

import logging
import os
import threading

from django.db import DatabaseError, connection

from apis.jobs.database import is_unreachable

log = logging.getLogger(__name__)

BEGINS = "the database cannot be reached. What fails because of that is not reported until it can."
ENDS = "The database can be reached again."
LOOKS_EVERY_S = 1.0


class Outage:
    """Whether this process has reported that the database is away; a thread then looks for its return."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin again."""
        self._lock = threading.Lock()
        self._over: threading.Event | None = None

    def begins(self) -> bool:
        """Note that the database cannot be reached; return whether this is news."""
        with self._lock:
            if self._over is not None:
                return False
            self._over = threading.Event()
        threading.Thread(target=self._look, args=(self._over,), name="database outage", daemon=True).start()
        return True

    def _look(self, over: threading.Event) -> None:
        while not over.wait(LOOKS_EVERY_S):
            try:
                connection.ensure_connection()
            except DatabaseError:
                continue
            connection.close()
            with self._lock:
                self._over = None
            log.warning(ENDS)
            return


OUTAGE = Outage()


class DatabaseOutageFilter(logging.Filter):
    """Turn the first record about an outage of the database into one line, and leave out those that follow."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not is_unreachable(error):
            return True
        if not OUTAGE.begins():
            return False
        what, why = (text.strip().partition("\n")[0] for text in (record.getMessage(), str(error)))
        # Celery's message has the error in it.
        record.msg, record.args = f"%s: {BEGINS}", (what if why in what else f"{what} ({why})",)
        record.exc_info = record.exc_text = record.stack_info = None
        return True
