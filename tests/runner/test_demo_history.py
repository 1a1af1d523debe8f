"""`up --demo`: its past day is made once, survives a restart, and is made again with --fresh."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corsdash.environment import DATABASE_FILE
from tests.runner.test_up import children, refused, rest
from tests.support.servers import until
from tests.support.up import UNHURRIED, Up, own_environ

pytestmark = pytest.mark.once


def on_record(up: Up, token: str) -> dict[str, Any]:
    """What must neither be lost nor made twice, once the past day is made."""
    incidents = rest(up, token, "incidents?state=open")["items"]
    probes = rest(up, token, "probes?limit=200")["items"]
    apis = rest(up, token, "apis?limit=200")["items"]
    return {
        "incidents": [incident["id"] for incident in incidents],
        "closed": [incident["id"] for incident in rest(up, token, "incidents?state=closed")["items"]],
        "probes": [probe["id"] for probe in probes],
        "changes": [change["id"] for change in rest(up, token, "changes?limit=200")["items"]],
        "versions": {api["name"]: api["version"] for api in apis},
    }


@dataclass(frozen=True)
class Remade:
    """A demo whose past day was stopped half-way, then started again, and with --fresh, which still runs."""

    stopped: Up
    again: Up
    fresh: Up
    synced: str
    """What a sync said that was asked for while the day was made."""


@pytest.fixture(scope="module")
def remade() -> Iterator[Remade]:
    """Its runs, one after another on the same data."""
    stopped = Up("--demo", environ=UNHURRIED)
    stopped.line("^preparing the demo's past day")
    until(lambda: stopped.query("SELECT count(*) FROM apis_httpapi")[0][0], "the day has begun")
    assert stopped.stop() == 0
    again = Up("--demo", home=stopped.home, environ=UNHURRIED)
    again.line(r"^ready at ")
    assert again.stop() == 0
    fresh = Up("--demo", "--fresh", home=stopped.home, environ=UNHURRIED)
    fresh.line(r"^ready at ")
    synced = fresh.manage("sync")
    fresh.line("^the demo's past day is ready$")
    yield Remade(stopped, again, fresh, synced)
    assert fresh.stop() == 0


def test_a_day_that_was_stopped_half_way_is_reported_at_the_next_start(remade: Remade) -> None:
    """It is not made again over what is there: the line says how to begin again, and that does."""
    assert "the demo's past day is ready" not in remade.stopped.output
    assert "preparing" not in remade.again.output
    [said] = [line for line in remade.again.lines if "past day is incomplete" in line]
    assert "up --demo --fresh" in said
    assert "incomplete" not in remade.fresh.output


def test_the_past_day_is_made_once_and_again_with_fresh(remade: Remade) -> None:
    up = remade.fresh
    token = up.manage("token", "admin").strip()
    # Asked for at once, a sync waits for the day and then finds nothing new.
    assert "drifted 0" in remade.synced
    assert "changed 1" not in remade.synced
    before = on_record(up, token)
    assert len(before["closed"]) == len(before["incidents"]) == 1
    assert up.stop() == 0

    # All are due when it starts again: none may run before the gateway answers.
    up.query("UPDATE apis_probe SET due_at = 0")
    last = up.query("SELECT max(id) FROM apis_result")[0][0]
    again = Up("--demo", home=up.home, environ=UNHURRIED)
    [demo] = until(lambda: children(again, "apis.demo"), "the demo AWS is started")
    demo.suspend()
    until(lambda: [web for web in children(again, "django serve") if web.net_connections()], "pages are served")
    assert children(again, "celery") == []
    demo.resume()
    again.line(r"^ready at ")
    again.manage("sync")
    ran = "SELECT count(DISTINCT probe_id) FROM apis_result WHERE id > ?"
    until(lambda: again.query(ran, last)[0][0] == len(before["probes"]), "each probe has run")
    assert on_record(again, token) == before
    assert "preparing" not in again.output
    mine = rest(again, token, "channels", {"kind": "webhook", "name": "mine", "url": f"{again.demo_endpoint}/hook"})
    assert again.stop() == 0

    fresh = Up("--demo", "--fresh", home=up.home, environ=UNHURRIED)
    fresh.line(r"^ready at ")
    token = fresh.manage("token", "admin").strip()
    fresh.line("^the demo's past day is ready$")
    after = on_record(fresh, token)
    assert len(after["probes"]) == len(before["probes"])
    assert after["versions"] == before["versions"]
    assert mine["name"] not in [channel["name"] for channel in rest(fresh, token, "channels")["items"]]
    assert fresh.stop() == 0

    # Another account among the demo's: nothing is deleted.
    up.query("UPDATE apis_account SET endpoint_url = '' WHERE name = 'Demo partner'")
    said = refused("--demo", "--fresh", "--port", "0", **up.environ)
    assert "--fresh deletes nothing" in said
    assert "Demo partner" in said
    assert up.query("SELECT count(*) FROM apis_incident")[0][0] == 2


def test_fresh_is_for_the_demo_alone(tmp_path: Path) -> None:
    """Neither without --demo, nor for data on which no demo ever ran."""
    environ = own_environ(tmp_path)
    assert "--fresh" in refused("--fresh", **environ)
    folder = tmp_path / "up"
    folder.mkdir(mode=0o700, exist_ok=True)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as db:
        db.execute("CREATE TABLE mine (id)")
    assert "the demo never ran" in refused("--demo", "--fresh", **environ)
    assert (folder / DATABASE_FILE).exists()
