"""Report a full disk or broker once a minute instead of a traceback from every task."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import redis

from apis.jobs.log_records import message_of

Full = Literal["database", "broker"]
SENTENCES: dict[Full, str] = {
    "database": "The disk of the database is full, so nothing can be stored: free some space.",
    "broker": "The broker is full, so no task can start: give it more memory or disk space.",
}
_SIGNS: dict[Full, tuple[str, ...]] = {
    # First, as a broker with a full disk repeats what the system says.
    "broker": ("MISCONF", "maxmemory", "OOM command not allowed", "writing to the AOF file"),
    "database": ("database or disk is full", "No space left on device", "Disk quota exceeded"),
}
_EVERY_SECONDS = 60.0
_SPARE_BYTES = 2**20


class OnceAMinute:
    """What was reported in the last minute, and what is known to be full since then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[Full, float] = {}
        self._seen: dict[Full, float] = {}

    def is_due(self, full: Full) -> bool:
        """Return whether it is time to say so; the next time is a minute later."""
        now = time.monotonic()
        with self._lock:
            self._seen[full] = now
            if now - self._said.get(full, -_EVERY_SECONDS) < _EVERY_SECONDS:
                return False
            self._said[full] = now
            return True

    def was_seen(self, full: Full) -> bool:
        """Return whether this process reported it in the last minute."""
        with self._lock:
            return time.monotonic() - self._seen.get(full, -_EVERY_SECONDS) < _EVERY_SECONDS

    def forget(self) -> None:
        """Begin again."""
        with self._lock:
            self._said.clear()
            self._seen.clear()


RECENT = OnceAMinute()


class FullStorageFilter(logging.Filter):
    """Turn each record about a full disk or broker into one sentence, once a minute."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        full = _full_reason(record)
        if full is None:
            return True
        record.msg, record.args = SENTENCES[full], ()
        record.exc_info = record.exc_text = record.stack_info = None
        return RECENT.is_due(full)


def full_in(text: str) -> Full | None:
    """Return what a line of a log says is full."""
    for full, signs in _SIGNS.items():
        if SENTENCES[full] in text or any(sign in text for sign in signs):
            return full
    return None


def database_is_full(folder: Path | None) -> bool:
    """Return whether an error just reported it, or the disk below `folder` has no room for the next writes."""
    if folder is None or RECENT.was_seen("database"):
        return RECENT.was_seen("database")
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize < _SPARE_BYTES or (found.f_files > 0 and found.f_favail == 0)


def broker_is_full(client: redis.Redis) -> bool:
    """Return whether a Redis or Valkey server refuses writes for want of memory or disk."""
    found = {**client.info("persistence"), **client.info("memory")}
    if "err" in (found.get("aof_last_write_status"), found.get("rdb_last_bgsave_status")):
        return True
    most = found.get("maxmemory", 0)
    return bool(most) and found.get("maxmemory_policy") == "noeviction" and found["used_memory"] >= most


def _full_reason(record: logging.LogRecord) -> Full | None:
    texts = [message_of(record)] if record.levelno >= logging.WARNING else []
    if record.exc_info and record.exc_info[1]:
        texts += [str(error) for error in _chain(record.exc_info[1])]
    return next((full for text in texts if (full := full_in(text))), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    next_error: BaseException | None = error
    while next_error is not None and id(next_error) not in seen:
        seen.add(id(next_error))
        yield next_error
        next_error = next_error.__cause__ or next_error.__context__
