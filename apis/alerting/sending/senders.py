"""Senders: a thread for each channel that has messages, so that a channel that hangs delays no other.

Whatever a receiver does, it keeps one thread of this process busy. Channels that failed last time share threads of
their own: however many of them hang, the others are sent to at once.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from apis.alerting.sending import deliveries
from apis.outbound import close_sender

log = logging.getLogger(__name__)

WORKING, FAILING = 24, 8
"""Threads for the channels that worked last time, and for those that failed."""


class Senders:
    """The senders of one process."""

    def __init__(self, working: int = WORKING, failing: int = FAILING) -> None:
        self._sizes = {False: working, True: failing}
        self._pools: dict[bool, ThreadPoolExecutor] = {}
        self._busy: set[int] = set()
        self._lock = threading.Condition()
        self._is_over = threading.Event()

    def start(self, channel: int, has_failed: bool = False) -> bool:
        """Send what is due to a channel in the background; False when a sender is at it already."""
        with self._lock:
            if channel in self._busy:
                return False
            if has_failed not in self._pools:
                self._pools[has_failed] = ThreadPoolExecutor(self._sizes[has_failed], "sender")
            self._busy.add(channel)
            self._pools[has_failed].submit(self._run, channel, self._is_over)
        return True

    def wait(self) -> None:
        """Wait until nothing is being sent."""
        with self._lock:
            self._lock.wait_for(lambda: not self._busy)

    def stop(self) -> None:
        """Wait for what is being sent, and leave the rest to the next process."""
        with self._lock:
            self._is_over.set()
            pools, self._pools, self._is_over = self._pools, {}, threading.Event()
        for pool in pools.values():
            pool.shutdown()

    def _run(self, channel: int, is_over: threading.Event) -> None:
        try:
            if not is_over.is_set():
                deliveries.send_due(channel, is_over.is_set)
        except Exception:
            log.exception("Sending to channel %s failed; the next sweep tries again", channel)
        finally:
            with self._lock:
                self._busy.discard(channel)
                self._lock.notify_all()
            # Nothing else would close what this thread opened.
            connections.close_all()
            close_sender()


senders = Senders()
