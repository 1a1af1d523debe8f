"""Read an API in the background when a page shows it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from apis.inventory import tasks
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.jobs.queue import enqueue_task

EVERY_S = 60
"""One API is asked for at most this often by one web process; what no worker took up until then expires."""
_MOST_REMEMBERED = 10_000

_lock = threading.Lock()
_asked: dict[int, float] = {}
"""When each API was last asked for, in this process; a page must not wait for a write to note it in the database."""


def refresh_soon(api: HttpApi) -> str:
    """Ask a worker to read an API, unless it was asked a moment ago; returns the mark of that request, "" for none."""
    now = time.time()
    with _lock:
        asked = _asked.get(api.pk, 0.0)
        if 0 <= now - asked < EVERY_S:
            return mark(asked)
        if len(_asked) >= _MOST_REMEMBERED:
            _asked.clear()
        _asked[api.pk] = now
    if enqueue_task(tasks.refresh_in_background, api.pk, now, expires=EVERY_S):
        return mark(now)
    with _lock:
        _asked.pop(api.pk, None)
    return ""


def read_live(api: HttpApi, seconds: float) -> str:
    """Let a worker read an API's configuration for someone who waits; returns the request's mark, "" for none.

    Not begun within `seconds`, it is not read any more.
    """
    asked = mark(time.time())
    return asked if enqueue_task(tasks.read_live, api.pk, float(asked), expires=seconds) else ""


def refresh_when_stale(api: HttpApi) -> str:
    """Ask for routes and stages that are missing or old; returns the mark of a request that is on its way, or ""."""
    if api.gone_at or not sync.is_stale(api):
        return ""
    return still_reading(api, refresh_soon(api))


def forget_requests() -> None:
    """Reload every API's details when it is next viewed."""
    with _lock:
        _asked.clear()


def mark(asked: float) -> str:
    """Return the moment of a request, for the address that a page follows it at."""
    return f"{asked:.3f}"


def still_reading(api: HttpApi, given: str) -> str:
    """Return the request's mark while a worker may still run it, "" when it is done or expired."""
    try:
        asked = float(given[:20])
    except ValueError:
        return ""
    if not 0 <= time.time() - asked < EVERY_S:
        return ""
    done = sync.read_since(api, datetime.fromtimestamp(asked, UTC))
    return "" if done or api.details_error else given
