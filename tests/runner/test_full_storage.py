"""A full disk and a full broker: one clear line a minute, and `health` says so."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis

from apis.access.models import CacheEntry
from apis.jobs import full_storage, queue
from apis.jobs.full_storage import SENTENCES
from apis.management.up.process import Child, Part
from apis.rest import health
from corsdash.celery import app
from corsdash.hosts import HEALTH
from tests.support.servers import until

log = logging.getLogger("apis.storage")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing was said yet, and nothing will have been."""
    full_storage.RECENT.forget()
    yield
    full_storage.RECENT.forget()


@pytest.fixture
def lines(settings: Any) -> Iterator[list[str]]:
    """What the log's handler writes."""
    written: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Lines()
    for name in settings.LOGGING["handlers"]["stderr"]["filters"]:
        handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())
    log.addHandler(handler)
    yield written
    log.removeHandler(handler)


@pytest.fixture
def full_broker(broker: Redis) -> Iterator[Redis]:
    """A broker that takes nothing any more."""
    broker.flushdb()
    broker.config_set("maxmemory", 1)
    yield broker
    broker.config_set("maxmemory", 0)


def test_a_full_broker(full_broker: Redis, lines: list[str]) -> None:
    """Any number of tasks that cannot be sent are one line."""
    for _ in range(5):
        try:
            app.send_task("nobody.does.this")
        except BrokerError:
            log.exception("a task was lost")
    assert lines == [SENTENCES["broker"]]
    assert full_storage.broker_is_full(full_broker)
    full_broker.config_set("maxmemory", 0)
    assert not full_storage.broker_is_full(full_broker)


@pytest.fixture
def watched(transactional_db: None) -> Iterator[None]:
    """Background checks of this test alone."""
    watches = (health.database, health.full, queue.watch)
    for watch in watches:
        watch.stop()
    yield
    for watch in watches:
        watch.stop()


def test_health_names_a_full_broker(full_broker: Redis, watched: None, client: Client) -> None:
    """It answers, and yet nothing works: `full` until it has room again, while pages are served."""
    until(lambda: client.get(HEALTH).json()["broker"] == "full", "health says so")
    answer = client.get(HEALTH)
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    full_broker.config_set("maxmemory", 0)
    until(lambda: client.get(HEALTH).json()["broker"] == "ok", "it has room again")


def test_health_names_a_full_disk(watched: None, lines: list[str], client: Client) -> None:
    """As soon as a write has failed for it."""
    log.error("a result was lost", exc_info=OperationalError("database or disk is full"))
    until(lambda: client.get(HEALTH).json()["database"] == "full", "health says so")
    assert client.get(HEALTH).status_code == 200


@pytest.mark.once
def test_a_full_disk(transactional_db: None, lines: list[str]) -> None:
    """The database has no page left: any number of writes that fail are one line."""
    with connection.cursor() as cursor:
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={pages}")
    try:
        for number in range(5):
            with pytest.raises(OperationalError) as caught:
                CacheEntry.objects.create(cache_key=f"{number}", value="x" * 100_000, expires="2030-01-01T00:00:00Z")
            log.error("a result was lost", exc_info=caught.value)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count=4294967294")
    assert lines == [SENTENCES["database"]]


def test_other_errors_are_logged_whole(lines: list[str]) -> None:
    """With their traceback, and each of them."""
    for _ in range(2):
        try:
            raise ValueError("something else")
        except ValueError:
            log.exception("it failed")
    assert len(lines) == 2
    assert all("ValueError: something else" in line for line in lines)


def test_all_parts_together_say_it_once(capfd: pytest.CaptureFixture[str]) -> None:
    """`up` passes on one of the lines of its children."""
    program = f"print({SENTENCES['broker']!r}); print('other news')"

    async def run() -> None:
        children = [Child(Part(name, [sys.executable, "-c", program]), width=3) for name in ("one", "two")]
        for child in children:
            await child.start()
        async with asyncio.timeout(20):
            while not all("other news" in child.last_lines for child in children):
                await asyncio.sleep(0.02)
        for child in children:
            await child.stop()

    # In a thread of its own: a browser that an earlier test opened has a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result(60)
    shown = capfd.readouterr().out
    assert shown.count(SENTENCES["broker"]) == 1
    assert shown.count("other news") >= 2
