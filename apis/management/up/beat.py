"""Celery's beat in a thread of a worker: it runs what is due here, instead of publishing it for that same worker."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from celery import Task
from django.db import close_old_connections

from corsdash.beat import Scheduler
from corsdash.celery import app

log = logging.getLogger(__name__)
_STOP_S = 3


class Beat(threading.Thread):
    """The schedule's thread. When it fails, the worker ends and is started again."""

    def __init__(self, queues: Collection[str]) -> None:
        super().__init__(name="beat", daemon=True)
        self._queues = queues
        self._over = threading.Event()

    def run(self) -> None:
        """Run what is due, until it is stopped."""
        try:
            # Its file may only be used in the thread that opened it.
            scheduler = LocalScheduler(self._queues, app, schedule_filename=app.conf.beat_schedule_filename)
            try:
                while not self._over.wait(scheduler.tick()):
                    pass
            finally:
                scheduler.close()
        except Exception:
            log.exception("The scheduler has failed")
            os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        """Write down what ran when, and end."""
        self._over.set()
        self.join(_STOP_S)


class LocalScheduler(Scheduler):
    """Runs the tasks of some queues in its own threads, each once at a time; publishes the others.

    There is a thread for each entry, made when it is needed: slow ones never keep another one waiting.
    """

    def __init__(self, queues: Collection[str], *args: Any, **kwargs: Any) -> None:
        self._queues = queues
        self._pool = ThreadPoolExecutor(len(app.conf.beat_schedule) or 1, "beat")
        self._runs: dict[str, Future[None]] = {}
        super().__init__(*args, **kwargs)

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        """Start what is due, unless its last run goes on."""
        task = self.app.tasks[entry.task]
        if not self.runs_here(task):
            return super().apply_async(entry, producer, advance, **kwargs)
        last = self._runs.get(entry.name)
        if last is None or last.done():
            self._runs[entry.name] = self._pool.submit(_run, task)
        if self.should_sync():
            self._do_sync()
        return None

    def runs_here(self, task: Task) -> bool:
        """Return whether a task is of one of the queues."""
        return self.app.amqp.router.route({}, task.name)["queue"].name in self._queues

    def close(self) -> None:
        """Let what runs end, and write down what ran when."""
        self._pool.shutdown(cancel_futures=True)
        super().close()


def _run(task: Task) -> None:
    close_old_connections()
    try:
        task()
    except Exception:
        log.exception("Task %s failed", task.name)
    finally:
        close_old_connections()
