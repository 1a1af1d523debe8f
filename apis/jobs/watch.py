"""Watch: keep asking a question in a background thread, so that no one waits for its answer."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
"""How long a reader waits at most: the first in a process when `start` was not called, and the first after a rest."""
REST_AFTER_S = 10.0


class Watch[T]:
    """Ask `check` every `every_s` seconds in a daemon thread; `value` is its last answer.

    `value` is None while there is no answer: before the first one, after `check` raised, and while it hangs for more
    than `patience_s` seconds. When nobody reads it for `REST_AFTER_S` seconds, it stops asking until someone does,
    unless it `rests` not; `resting` says whether it does now.
    """

    def __init__(
        self, check: Callable[[], T], every_s: float = 1.0, patience_s: float = 2.0, *, rests: bool = True
    ) -> None:
        self._check, self._every_s, self._patience_s, self._rests = check, every_s, patience_s, rests
        self._lock = threading.Lock()
        self._reset(0)

    def _reset(self, pid: int) -> None:
        self._pid = pid
        self._answered, self._wake, self._over = threading.Event(), threading.Event(), threading.Event()
        self._value: T | None = None
        self._asked_at = 0.0
        self._read_at = time.monotonic()
        self.resting = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ask, once in each process."""
        with self._lock:
            if self._pid == os.getpid():
                return
            self._reset(os.getpid())
            self._thread = threading.Thread(target=self._run, args=(self._over,), name="watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop asking and forget the answer; `start` begins again."""
        with self._lock:
            self._over.set()
            self._wake.set()
            thread = self._thread
            self._reset(0)
        if thread is not None:
            thread.join(self._patience_s)

    @property
    def value(self) -> T | None:
        """The last answer; never waits for a new one but after a rest, and then not for long."""
        self.start()
        with self._lock:
            self._read_at = time.monotonic()
            if self.resting:
                self.resting = False
                self._answered.clear()
                self._wake.set()
        self._answered.wait(FIRST_WAIT_S)
        with self._lock:
            hangs = self._asked_at and time.monotonic() - self._asked_at > self._patience_s
            return None if hangs else self._value

    def correct(self, value: T) -> None:
        """Replace the answer, as someone saw that it is wrong, and ask again now."""
        with self._lock:
            self._value = value
            self._wake.set()

    def _run(self, over: threading.Event) -> None:
        while not over.is_set():
            self._wake.clear()
            with self._lock:
                self._asked_at = time.monotonic()
            try:
                value: T | None = self._check()
            except Exception:
                log.exception("A background check failed")
                value = None
            with self._lock:
                if over.is_set():
                    return
                self._value, self._asked_at = value, 0.0
            self._answered.set()
            self._wake.wait(self._every_s)
            with self._lock:
                self.resting = self._rests and time.monotonic() - self._read_at > REST_AFTER_S
            if self.resting:
                self._wake.wait()
