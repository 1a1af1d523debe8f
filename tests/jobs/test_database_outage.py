"""What a process reports of an outage of its database, whatever the order in which its tasks report their errors."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from apis.jobs import database_outage
from apis.jobs.database_outage import BEGINS, ENDS, OUTAGE, DatabaseOutageFilter
from apis.jobs.full_storage import FullStorageFilter
from apis.probing import tasks
from apis.probing.runs import runner
from tests.support.servers import until

pytestmark = pytest.mark.once


class Database:
    """A database that is away while `is_away`, and the errors that it then gives."""

    is_away = True
    answers = True
    """Whether statements are answered where a connection can be opened; a pooler opens one without a database."""
    error: Exception = OperationalError("connection refused")
    looks = 0

    def ensure_connection(self) -> None:
        self.looks += 1
        if self.is_away:
            raise self.error

    def is_usable(self) -> bool:
        return self.answers

    def close(self) -> None:
        pass


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database at which the outage looks, often."""
    given = Database()
    monkeypatch.setattr(database_outage, "connection", given)
    monkeypatch.setattr(database_outage, "LOOKS_EVERY_S", 0.01)
    OUTAGE.forget()
    yield given
    given.is_away = False
    until(no_look, "nothing looks any more")
    OUTAGE.forget()


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The lines that the filter lets through."""
    written: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(record.getMessage() + ("" if record.exc_info is None else " (traceback)"))

    handler = Lines()
    handler.addFilter(DatabaseOutageFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def no_look() -> bool:
    """Return whether no thread looks for the database."""
    return not [thread for thread in threading.enumerate() if thread.name == "database outage"]


def fail(text: str = "connection refused") -> None:
    """Report an error as a task does."""
    try:
        raise OperationalError(text)
    except OperationalError:
        logging.getLogger("celery.app.trace").error("Task failed", exc_info=sys.exc_info())


def begins(line: str) -> bool:
    return BEGINS[3:] in line and "(traceback)" not in line


def test_an_error_that_comes_after_the_end_is_of_that_outage(database: Database, lines: list[str]) -> None:
    fail()
    database.is_away = False
    until(lambda: ENDS in lines and no_look(), "it is over")
    for _ in range(3):
        fail()
        until(no_look, "it has looked")
    assert len(lines) == 2 and begins(lines[0]) and lines[1] == ENDS


def test_a_database_that_is_away_again_at_once_is_reported(database: Database, lines: list[str]) -> None:
    for _ in range(2):
        fail()
        fail()
        database.is_away = False
        until(lambda: no_look() and lines and lines[-1] == ENDS, "it is over")
        database.is_away = True
    assert [begins(line) for line in lines] == [True, False, True, False]


def test_whatever_error_a_look_gets_it_looks_again(database: Database, lines: list[str]) -> None:
    database.error = InterfaceError("connection already closed")
    fail()
    until(lambda: database.looks, "it looks")
    database.is_away = False
    until(lambda: ENDS in lines, "it is over")


def test_a_look_that_fails_otherwise_silences_nothing(database: Database, lines: list[str]) -> None:
    database.error = ValueError("a setting is wrong")
    fail()
    until(lambda: len(lines) == 2 and no_look(), "the look has failed")
    assert begins(lines[0]) and lines[1].endswith("(traceback)")
    fail()
    assert begins(lines[-1])


def test_where_no_thread_can_be_started_each_error_is_reported(
    database: Database, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        fail()
        fail()
    assert [begins(line) for line in lines] == [True, True]


def test_a_pooler_that_has_no_database_is_no_end_of_an_outage(database: Database, lines: list[str]) -> None:
    database.is_away = database.answers = False
    fail()
    until(lambda: database.looks > 2, "it looks")
    assert ENDS not in lines
    database.answers = True
    until(lambda: ENDS in lines, "it is over")


def test_errors_that_never_cease_are_reported_again(
    database: Database, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections can be opened, yet each is lost: every error may be a late one of the time before it."""
    database.is_away = False
    monkeypatch.setattr(database_outage, "LATE_S", 0.5)

    def is_reported_again() -> bool:
        fail("server closed the connection unexpectedly")
        return len(lines) == 4

    until(is_reported_again, "it is reported again")
    assert [begins(line) for line in lines] == [True, False, True, False]


def test_another_error_keeps_its_traceback(database: Database, lines: list[str]) -> None:
    fail('relation "apis_probe" does not exist')
    assert lines == ["Task failed (traceback)"]


@pytest.mark.parametrize("kind", [DatabaseOutageFilter, FullStorageFilter])
def test_a_message_that_does_not_fit_its_arguments_fails_no_caller(
    database: Database, kind: type[logging.Filter]
) -> None:
    record = logging.LogRecord("apis", logging.ERROR, __file__, 1, "%s of %s", ("one",), None)
    record.exc_info = (OperationalError, OperationalError("connection refused"), None)
    assert kind().filter(record)


def test_results_that_cannot_be_stored_are_a_part_of_it(
    database: Database, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: Any, **options: Any) -> None:
        raise runner.NotStored(timezone.now()) from OperationalError("server closed the connection unexpectedly")

    queued: list[Any] = []

    def enqueue(task: Any, *given: Any, **options: Any) -> bool:
        queued.append(task)
        return True

    monkeypatch.setattr(runner, "run", gone)
    monkeypatch.setattr(tasks, "enqueue_task", enqueue)
    fail()
    tasks.run([1, 2])
    assert queued == [tasks.note_not_run]
    assert len(lines) == 1
