"""Waiting for a worker in a request: within a deadline, and without a web thread where the server can do that.

Our own web server sets DEFERS in a request. When the response has a WAIT, it waits in its event loop and sends the same
request through Django again, with RESUMED set, once that is over. Under any other server a few requests at once may
each keep a thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest, HttpResponse

from apis.rest.problems import Problem

DEFERS, RESUMED, WAIT = "corsdash.defers", "corsdash.resumed", "corsdash_wait"
AT_ONCE = 3
"""Requests that may keep a thread to wait, in one process of a server that cannot wait without one."""
FULL = "Too many requests wait for AWS. Try again in a few seconds."

_SHORTEST_S, _LONGEST_S, _GROWTH = 0.05, 0.5, 1.5
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(eq=False)
class Wait(Exception):
    """What a request waits for. `state` is what it needs to go on."""

    ready: Callable[[], bool]
    seconds: float
    state: Any
    began: float = field(default_factory=time.monotonic)

    def pauses(self) -> Iterator[float]:
        """Return the pauses between two checks, growing ones, until the deadline."""
        pause = _SHORTEST_S
        while (left := self.began + self.seconds - time.monotonic()) > 0:
            yield min(pause, left)
            pause = min(pause * _GROWTH, _LONGEST_S)

    def is_over(self) -> bool:
        """Check once, in a thread that serves no request meanwhile."""
        try:
            return self.ready()
        except DatabaseError:
            return False
        finally:
            close_old_connections()


@contextmanager
def place(request: HttpRequest) -> Iterator[None]:
    """Hold a place to wait in. Raises Problem (503) when too many requests wait already."""
    if _defers(request):
        yield
        return
    if not _places.acquire(blocking=False):
        raise Problem(503, FULL, retry_after=5)
    try:
        yield
    finally:
        _places.release()


def resumed(request: HttpRequest) -> Any:
    """Return the state of the wait that this request comes back from; None when it has not waited yet."""
    return request.META.get(RESUMED)


def wait(request: HttpRequest, ready: Callable[[], bool], seconds: float, state: Any) -> bool:
    """Return whether `ready` came true in time. Raises Wait, for the server, when that takes long."""
    if ready():
        return True
    if resumed(request) is not None:
        return False
    waiting = Wait(ready, seconds, state)
    if _defers(request):
        raise waiting
    for pause in waiting.pauses():
        time.sleep(pause)
        if ready():
            return True
    return False


def deferred(wait: Wait) -> HttpResponse:
    """Return what the server takes as a reason to wait; no client sees it."""
    response = HttpResponse(status=202)
    setattr(response, WAIT, wait)
    return response


def _defers(request: HttpRequest) -> bool:
    return bool(request.META.get(DEFERS))
