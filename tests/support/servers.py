"""Real servers: the broker, and the demo AWS with its gateway."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from apis.management.up.broker import embedded_broker
from apis.management.up.process import die_with_us


def pings(client: redis.Redis) -> bool:
    """Whether the server answers."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def until[T](ready: Callable[[], T], what: str, seconds: float = 30, detail: Callable[[], str] = str) -> T:
    """What `ready` returns once it is true; it is asked again and again.

    Fails after `seconds`, saying `what` did not come to be, and what was `detail` until then.
    """
    end = time.monotonic() + seconds
    while not (answer := ready()):
        if time.monotonic() > end:
            pytest.fail(f"{what}: not so within {seconds:g} s\n{detail()}")
        time.sleep(0.02)
    return answer


def broker_client() -> redis.Redis:
    """A connection to the broker that the settings name."""
    return redis.Redis.from_url(settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://"))


@pytest.fixture(scope="session", autouse=True)
def broker() -> Iterator[redis.Redis]:
    """A real broker for every published task: the embedded one in the first leg, Valkey over TCP in the second."""
    command = embedded_broker()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_us()) if command else None
    client = broker_client()
    try:
        until(lambda: pings(client), "the broker answers")
        client.flushdb()
        yield client
    finally:
        if server:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="session")
def demo() -> Iterator[Any]:
    """The demo AWS and its stand-in gateway, seeded; for the whole session, so make APIs of your own to change."""
    from apis import demo

    running = demo.start()
    yield running
    running.stop()
