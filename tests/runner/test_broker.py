"""The embedded broker."""

from __future__ import annotations

import pytest
from redis import Redis


def test_a_published_task_waits_in_the_broker(broker: Redis) -> None:
    """What is published is there for a worker to take."""
    from corsdash.celery import app

    broker.flushdb()
    app.send_task("nobody.does.this")
    assert broker.llen("celery") == 1
    broker.flushdb()


@pytest.mark.django_db
def test_database() -> None:
    """The tests' database is migrated."""
    from apis.inventory.models import Account

    assert Account.objects.count() == 0
