"""Database: how long to wait for another writer, and what to say when that, or the database, fails."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

RETRY_AFTER_S = 5
LOCKED = "Another process is writing to the database. Nothing was changed; try again in a few seconds."
FULL = "The disk of the database is full, and nothing was changed. Free some space, then try again."
UNREACHABLE = "The database cannot be reached, and nothing was changed. Try again in a moment."

# By what SQLite and PostgreSQL say. Anything else, such as a table that is missing, is an error of ours.
_REASONS = (
    (re.compile(r"is locked|LockNotAvailable|DeadlockDetected"), LOCKED),
    (re.compile(r"disk is full|DiskFull|No space left"), FULL),
    (re.compile(r"unable to open|disk I/O|readonly|connection|server|shutting down|starting up", re.I), UNREACHABLE),
)
_FILE_FAULT = re.compile(r"disk I/O|readonly")
_here = threading.local()


def failure_reason(error: BaseException | None) -> str:
    """Return the sentence for a failure of the database itself, looking at causes too; "" for any other error."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            text = f"{type(error.__cause__).__name__}: {error}"
            return next((reason for words, reason in _REASONS if words.search(text)), "")
        error = error.__cause__ or error.__context__
    return ""


def unreachable_error(error: BaseException) -> BaseException | None:
    """Return the database's own error, here or in a cause, where no connection can be opened or one was lost."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OperationalError | InterfaceError):
            # A file that can be opened but not read or written needs a person, and the traceback.
            away = failure_reason(cause) == UNREACHABLE and not _FILE_FAULT.search(str(cause))
            return cause if away else None
        cause = cause.__cause__
    return None


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Let statements of this thread wait for another writer for at most so long; then they raise OperationalError."""
    before = getattr(_here, "seconds", None)
    _here.seconds = seconds
    _limit(connection, seconds)
    try:
        yield
    finally:
        _here.seconds = before
        if before is not None:
            _limit(connection, before)


def _limit(given: Any, seconds: float) -> None:
    """Set how long a connection that is open waits, unless it does already.

    It stays so afterwards: a process that serves requests does nothing else, and another statement a request costs.
    """
    if given.connection is None or given.needs_rollback or getattr(given, "waits_s", None) == seconds:
        return
    try:
        if given.vendor == "sqlite":
            given.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        else:
            with given.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {int(seconds * 1000)}")
        given.waits_s = seconds
    except (DatabaseError, sqlite3.Error):
        given.close_if_unusable_or_obsolete()


def _on_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    connection.waits_s = None  # type: ignore[attr-defined]
    if (seconds := getattr(_here, "seconds", None)) is not None:
        _limit(connection, seconds)


connection_created.connect(_on_connection, dispatch_uid="waiting_at_most")
