"""A limit for the whole of one sending by a library that limits single reads only: a byte a second passes these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context

from apis.alerting.channels.outcome import Outcome
from apis.outbound import close_sender

LIMIT_S = 30.0
MOST_ABANDONED = 3
"""Threads of one channel that may wait after their limit; a thread cannot be stopped, and ends with its connection."""

_abandoned: dict[int, list[threading.Thread]] = {}
_lock = threading.Lock()


def within_limit(send: Callable[[], Outcome], to: str, channel: int) -> Outcome:
    """Send in a thread of its own, and give it up after the limit. `send` must not use the database."""
    with _lock:
        waiting = [thread for thread in _abandoned.pop(channel, ()) if thread.is_alive()]
        if waiting:
            _abandoned[channel] = waiting
        if len(waiting) >= MOST_ABANDONED:
            return Outcome(f"{MOST_ABANDONED} earlier messages still wait for an answer; trying again later.")
    done: Future[Outcome] = Future()
    context = copy_context()

    def run() -> None:
        try:
            done.set_result(context.run(send))
        except BaseException as error:
            done.set_exception(error)
        finally:
            close_sender()

    thread = threading.Thread(target=run, name="limited-sender", daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    if not done.done():
        with _lock:
            _abandoned.setdefault(channel, []).append(thread)
        return Outcome(f"{to} did not answer completely within {LIMIT_S:g} seconds.")
    return done.result()
