"""A Celery worker in this process, for tests of what happens after a task is published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis


@pytest.fixture
def worker(transactional_db: None, broker: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A worker that carries out published tasks while the test runs. There is no beat: call the ticks yourself."""
    from celery.contrib.testing.worker import start_worker

    from apis.alerting.sending.senders import senders
    from corsdash.celery import app

    # It ends when its wait for the next task is over: a second by default.
    monkeypatch.setitem(app.conf.broker_transport_options, "polling_interval", 0.1)
    broker.flushdb()
    with start_worker(app, pool="threads", concurrency=4, perform_ping_check=False, loglevel="WARNING") as running:
        yield running
    # As the end of a real worker does; what still sends would be in the way of the next test.
    senders.stop()
    broker.flushdb()
