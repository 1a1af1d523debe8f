"""Another process writes to the database for long: nothing waits for it for long, and no answer is untrue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from psycopg.conninfo import make_conninfo

from apis.access.models import ApiToken
from apis.inventory.models import Account
from apis.jobs import database
from corsdash import errors
from tests.rest.conftest import Program
from tests.support.people import PASSWORD

SQLITE = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
POSTGRESQL = """
import psycopg, sys
with psycopg.connect(sys.argv[1]) as held:
    tables = held.execute("SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]
    held.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
    print("held", flush=True)
    sys.stdin.read()
"""
type Hold = Callable[[], None]


@pytest.fixture
def hold(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    """Call it, and another process writes until the test ends. Requests are less patient than they really are."""
    monkeypatch.setattr(errors.DatabasePatience, "LONGEST_S", 0.1)
    started: list[subprocess.Popen[str]] = []
    given = connection.settings_dict

    def start() -> None:
        program, where = SQLITE, str(given["NAME"])
        if connection.vendor == "postgresql":
            parameters = connection.get_connection_params()
            names = ("host", "port", "user", "password", "dbname")
            where = make_conninfo(**{name: parameters[name] for name in names if parameters.get(name)})
            program = POSTGRESQL
        command = [sys.executable, "-c", program, where]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"

    yield start
    for process in started:
        process.communicate(timeout=30)


def test_reading_writes_nothing(hold: Hold, viewer: User, program: Callable[[User], Program]) -> None:
    """Not even when the token was used, which is noted at its next use."""
    reader = program(viewer)
    hold()
    reader.get("apis").good()
    assert ApiToken.objects.get().last_used_at is None


def test_a_use_is_noted_once_no_one_writes(db: None, viewer: User, program: Callable[[User], Program]) -> None:
    program(viewer).get("apis").good()
    assert ApiToken.objects.get().last_used_at is not None


def test_a_change_over_rest_is_a_503_that_says_when_to_try_again(
    hold: Hold, editor: User, program: Callable[[User], Program]
) -> None:
    writer = program(editor)
    Account.objects.create(name="demo", regions=["us-east-1"])
    hold()
    reply = writer.post("sync")
    assert reply.problem(503)["detail"] == database.LOCKED
    assert int(reply.headers["Retry-After"]) > 0


def test_a_page_says_the_same(hold: Hold, editor: User, client: Client) -> None:
    client.force_login(editor)
    Account.objects.create(name="demo", regions=["us-east-1"])
    hold()
    answer = client.post("/sync/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert database.LOCKED in answer.content.decode()


def test_signing_in_blames_no_one(hold: Hold, viewer: User) -> None:
    """It is neither "too many tries" nor a wrong password."""
    hold()
    answer = Client(raise_request_exception=False).post("/sign-in/", {"login": viewer.username, "password": PASSWORD})
    assert answer.status_code == 503
    assert database.LOCKED in answer.content.decode()


def test_a_session_that_cannot_be_saved_is_no_bad_request(hold: Hold, viewer: User) -> None:
    """Django calls it "deleted in a concurrent request"."""
    browser = Client(raise_request_exception=False)
    browser.force_login(viewer)
    hold()
    answer = browser.post("/sign-out/")
    assert answer.status_code == 503
