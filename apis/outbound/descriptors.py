"""File descriptors: raise the process's limit, and share it among the senders of all threads."""

from __future__ import annotations

import resource
import threading
from weakref import WeakKeyDictionary

MOST_DESCRIPTORS = 16_384
KEPT_CONNECTIONS = 200
"""Idle connections that the whole process keeps for the next calls."""
LEAST_SOCKETS = 4


def raise_limit() -> int:
    """Raise the soft limit on open files to the hard one, at most to MOST_DESCRIPTORS; return the limit now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        # Some systems have a lower limit of their own. The senders share the limit.
        return soft
    return wanted


def for_sockets() -> int:
    """Return how many sockets the senders may hold together; a quarter and a few are left to files and databases."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_DESCRIPTORS
    return max(LEAST_SOCKETS, soft - soft // 4 - 32)


class Sockets:
    """Share the process's sockets: each holder gets at most its fair part, and at most what the others left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: WeakKeyDictionary[object, int] = WeakKeyDictionary()

    def take(self, holder: object, wanted: int) -> int:
        """Return how many sockets the holder may use now, at least LEAST_SOCKETS."""
        with self._lock:
            self._held.setdefault(holder, 0)
            others = sum(held for other, held in self._held.items() if other is not holder)
            total = for_sockets()
            granted = max(LEAST_SOCKETS, min(wanted, total // len(self._held), total - others))
            self._held[holder] = granted
            return granted

    def kept(self, holder: object, wanted: int) -> int:
        """Return how many of them may stay open between calls."""
        with self._lock:
            return max(1, min(wanted // 4, KEPT_CONNECTIONS // max(1, len(self._held))))

    def give_back(self, holder: object, left: int) -> None:
        """Note that the holder keeps only so many sockets from now on."""
        with self._lock:
            if left:
                self._held[holder] = left
            else:
                self._held.pop(holder, None)


SOCKETS = Sockets()
