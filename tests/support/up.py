"""The real `manage.py up`, as a person starts it."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apis.management.up.process import die_with_us
from corsdash.environment import DATABASE_FILE
from tests.support.environment import LEG, temporary_home
from tests.support.servers import until
from tests.support.sinks import ALLOWED
from tests.support.tally import PART, TALLY

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only for the tests"
UNHURRIED = {"CORSDASH_CALLS_PER_S": "100"}
_brokers = itertools.count()
_shared: list[Up] = []


class Up:
    """A running `manage.py up` on a data folder (and, in the second leg, a database) of its own."""

    COMMAND = (sys.executable, "manage.py", "up")

    def __init__(self, *arguments: str, home: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self.home = home or temporary_home("up")
        self.lines: list[str] = []
        self.environ = own_environ(self.home) | dict(environ or {})
        self.process = subprocess.Popen(
            [*self.COMMAND, "--port", "0", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_us(signal.SIGTERM),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def line(self, pattern: str, seconds: float = 120) -> re.Match[str]:
        """The first line that has `pattern` in it, once it is there."""

        def found() -> list[re.Match[str]]:
            ended = self.process.poll() is not None
            if ended:
                self._reader.join(5)
            matches = [match for line in list(self.lines) if (match := re.search(pattern, line))]
            if ended and not matches:
                pytest.fail(f"`up` ended before it said {pattern!r}:\n{self.output}")
            return matches

        return until(found, f"`up` says {pattern!r}", seconds, lambda: self.output)[0]

    @property
    def url(self) -> str:
        """Where the dashboard is, once it is ready."""
        return self.line(r"^ready at (\S+)$")[1]

    @property
    def demo_endpoint(self) -> str:
        """Where its demo AWS is."""
        return self.line(r"^demo AWS at (\S+)$")[1]

    @property
    def password(self) -> str:
        """The password of `admin`."""
        return PASSWORD

    @property
    def output(self) -> str:
        """All that it has printed."""
        return "\n".join(self.lines)

    def manage(self, *arguments: str) -> str:
        """What another command of manage.py prints, on the same data."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def query(self, sql: str, *values: object) -> list[Any]:
        """The rows that a statement returns from its database, which is the embedded one."""
        with closing(sqlite3.connect(self.home / "up" / DATABASE_FILE, timeout=20)) as db, db:
            return db.execute(sql, values).fetchall()

    def stop(self) -> int:
        """Send SIGTERM and wait for the end; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(15)
        self._reader.join(2)
        return code


def own_environ(home: Path) -> dict[str, str]:
    """An environment for a dashboard of its own: its own data folder, and in the second leg its own database."""
    ours = {LEG, PART, TALLY, "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    environ = {name: value for name, value in os.environ.items() if name not in ours}
    environ |= {"CORSDASH_DATA": str(home / "up"), "CORSDASH_ADMIN_PASSWORD": PASSWORD, "PYTHONUNBUFFERED": "1"}
    if not settings.EMBEDDED:
        environ["DATABASE_URL"] = _own_database(home)
        environ["REDIS_URL"] = settings.REDIS_URL.removesuffix("/0") + f"/{_own_broker(home)}"
    return environ


def _own_broker(home: Path) -> str:
    """The number of the broker's database: two dashboards that run at once must not take each other's tasks."""
    note = home / "broker"
    if not note.exists():
        note.write_text(str(1 + next(_brokers) % 15))
    return note.read_text()


def _own_database(home: Path) -> str:
    import psycopg

    note = home / "database"
    if note.exists():
        return note.read_text()
    name = f"up_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(_admin_database(), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{name}?")
    note.write_text(url)
    return url


def _admin_database() -> str:
    host = os.environ["DATABASE_URL"].partition("host=")[2]
    return f"host={host} user=corsdash dbname=postgres"


@pytest.fixture(scope="session")
def up() -> Iterator[Any]:
    """A running dashboard with its demo AWS, for all tests that want one: user `admin`, password `up.password`.

    It may ask its demo AWS as often as it likes: at 4 calls a second, most of a journey would be waiting for a turn.
    """
    running = Up("--demo", environ={**UNHURRIED, "CORSDASH_ALLOWED_NETWORKS": ALLOWED})
    running.line("^the demo's past day is ready$")
    _shared.append(running)
    yield running
    assert running.stop() == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that share a dashboard first: its probes and sweeps cost every second that it runs."""
    items.sort(key=lambda item: not _shares(item))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Stop the shared dashboard once no test is left that shares it."""
    while _shared and (nextitem is None or not _shares(nextitem)):
        assert _shared.pop().stop() == 0


def _shares(item: pytest.Item) -> bool:
    return "up" in getattr(item, "fixturenames", ())
