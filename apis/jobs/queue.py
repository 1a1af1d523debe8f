"""The task queue: hand work to the workers, without ever waiting long for the broker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from celery import Task
from django.conf import settings
from kombu.connection import Connection
from kombu.exceptions import ChannelError, OperationalError

from apis.jobs import full_storage
from apis.jobs.watch import Watch

if TYPE_CHECKING:
    from kombu.pools import ProducerPool

UNREACHABLE = "The task queue cannot be reached. Check that the broker is running, then try again."
"""The one sentence for a broker that does not answer."""
STARTS_LATER = "The task queue cannot be reached. This starts automatically when the broker runs again."
"""For work that the sweep hands out again."""
NOTHING_SENT = f"Nothing was sent to AWS. {UNREACHABLE}"

PATIENCE_S = 0.8
"""How long one answer of the broker may take."""

_pools: dict[tuple[int, str], ProducerPool] = {}


def enqueue_task(task: Task, *args: Any, **options: Any) -> bool:
    """Hand work to the workers; False, within a second, when the broker does not answer.

    `options` are Celery's: the `queue`, or after how many seconds the work `expires`. A broker that was stopped may
    still get the message when it goes on: every task must bear being run for a row that was given up meanwhile.
    """
    from celery import current_app

    if current_app.conf.task_always_eager:
        task.apply_async(args, **options)
        return True
    if watch.value is False:
        return False
    try:
        with _pool().acquire(block=True, timeout=PATIENCE_S) as producer:
            task.apply_async(args, producer=producer, retry=False, **options)
    except OperationalError:
        watch.correct(False)
        return False
    return True


def broker_is_full() -> bool:
    """Ask a broker of the Redis family whether it refuses what it is to keep; False where it cannot be asked."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "valkey")):
        return False
    try:
        with _connection() as connection:
            return full_storage.broker_is_full(connection.default_channel.client)
    except Exception:  # `watch` reports that it does not answer.
        return False


def depths() -> dict[str, int] | None:
    """Return how many tasks wait in each queue; None, within a second or two, when the broker does not answer."""
    if watch.value is False:
        return None
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    try:
        with _connection() as connection:
            return {name: _depth(connection, name) for name in names}
    except Exception:  # Each transport has its own family of errors; here all of them mean the same.
        return None


def _depth(connection: Connection, name: str) -> int:
    try:
        with connection.channel() as channel:
            count: int = channel.queue_declare(name, passive=True).message_count
            return count
    except ChannelError:  # A queue that was never used, or that Redis dropped when it became empty.
        return 0


def _check_broker() -> bool:
    """Open a connection, which every transport but memory's answers."""
    try:
        with _connection() as connection:
            connection.ensure_connection(max_retries=0, timeout=PATIENCE_S)
    except Exception:  # Each transport has its own family of errors; here all of them mean the same.
        return False
    return True


watch = Watch(_check_broker, every_s=1.0, patience_s=2 * PATIENCE_S)


def _pool() -> ProducerPool:
    from kombu import pools

    key = (os.getpid(), settings.CELERY_BROKER_URL)
    if key not in _pools:
        _pools[key] = pools.producers[_connection()]
    return _pools[key]


def _connection() -> Connection:
    options = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
    quick = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    if not settings.CELERY_BROKER_URL.startswith(("redis", "valkey")):
        quick = {}
    return Connection(settings.CELERY_BROKER_URL, connect_timeout=PATIENCE_S, transport_options={**options, **quick})
