"""A database that goes away for a while: one line when it begins, one when it is over, and no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres
from tests.support.environment import temporary_home
from tests.support.servers import until
from tests.support.up import UNHURRIED, Up

pytestmark = pytest.mark.once
LOST = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'"
REFUSED = "is not currently accepting connections"


@pytest.fixture
def server() -> Iterator[tuple[str, Path]]:
    """The URL of a PostgreSQL of this test alone, and the file in which it logs whom it refuses."""
    home = temporary_home("outage")
    with postgres.running(home) as url:
        yield url, home / "postgres.log"


def test_an_outage_is_two_lines(server: tuple[str, Path]) -> None:
    url, log = server
    environ = {"DATABASE_URL": url, "SECRET_KEY": "x" * 50, "CELERY_BROKER_URL": "", "REDIS_URL": "", **UNHURRIED}
    up = Up("--demo", environ=environ)
    up.line("^the demo's past day is ready$")
    before = len(up.lines)
    with psycopg.connect(url.replace("/postgres?", "/template1?"), autocommit=True) as admin:
        admin.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        admin.execute(LOST)
        up.line(r"^worker .*: the database cannot be reached")
        until(lambda: log.read_text().count(REFUSED) > 12, "the scheduled tasks fail again and again")
        admin.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
    up.line("^worker .*The database can be reached again")
    with psycopg.connect(url, autocommit=True) as db:
        ran = "SELECT count(*) FROM apis_result WHERE at > now() - interval '1 second'"
        until(lambda: db.execute(ran).fetchall()[0][0], "probes run again", 60)
    assert up.stop() == 0
    # A machine that is too busy for a probe is another matter.
    said = [line for line in up.lines[before:] if line.startswith("worker ") and "probes were not run" not in line]
    assert len(said) == 2, "\n".join(said)
    assert "Traceback" not in up.output
