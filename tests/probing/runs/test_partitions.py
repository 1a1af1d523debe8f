"""In PostgreSQL the results of a day go by dropping their partition; what others refer to stays."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apis.migrations import _results_by_day, _sparse_results
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs import partitions, pruning
from apis.probing.runs.partitions import KEPT, OTHER
from tests.probing.stored import ALLOWED, make_api, make_probe, ran
from tests.support.servers import until

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)
RUNS = [ALLOWED, ALLOWED, ALLOWED, BLOCKED, BLOCKED, BLOCKED, ALLOWED, ALLOWED, ALLOWED]
REFERRED_TO = (0, 2, 3, 4, 6, 8)
"""Of RUNS: new → up, the last pass, the first failure, down, up again; and the newest, the probe's last result."""


def new_day() -> datetime:
    """Noon of a day after all that have partitions, for which one is made: tests leave what they made and dropped."""
    day = max(one.end for one in partitions.partitions()) + timedelta(days=2, hours=12)
    assert partitions.make_ahead(day)
    return day


def name_of(day: datetime) -> str:
    """The partition of a day."""
    return f"{partitions.TABLE}_{day:%Y%m%d}"


def tables() -> dict[int, str]:
    """The partition in which each result is."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, tableoid::regclass::text FROM {partitions.TABLE}")
        rows = cursor.fetchall()
    assert len(dict(rows)) == len(rows), "a result is there twice"
    return dict(rows)


def run_all(day: datetime, probe: Probe | None = None) -> list[int]:
    """Store RUNS on this day; returns their ids."""
    probe = probe or make_probe(make_api(), failures=2)
    return [ran(probe, day + timedelta(minutes=minute), *headers).pk for minute, headers in enumerate(RUNS)]


def names() -> set[str]:
    """The partitions of days."""
    return {one.name for one in partitions.partitions()}


def test_a_day_is_dropped_but_for_what_others_refer_to(db: None) -> None:
    day = new_day()
    made = run_all(day)
    assert set(tables().values()) == {name_of(day)}
    last = day.replace(hour=0) + timedelta(days=15)
    assert not pruning.prune(last - timedelta(seconds=1))
    assert name_of(day) in names() and len(tables()) == len(made), "its last moment is kept for less than 14 days"
    assert not pruning.prune(last)
    assert name_of(day) not in names()
    assert tables() == {made[place]: KEPT for place in REFERRED_TO}
    assert all(result.exchange for result in Result.objects.all())
    assert name_of(last + partitions.AHEAD) in names(), "the next days have theirs"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = %s AND inherited", [partitions.TABLE])
        assert cursor.fetchone()[0], "the planner knows all partitions together"


def test_results_of_any_time_are_stored(db: None) -> None:
    """A late one, and one of a clock that is ahead: it moves when its day gets a partition."""
    day = new_day()
    probe = make_probe(make_api())
    late, ahead = ran(probe, day - timedelta(days=400)), ran(probe, day + timedelta(days=30))
    assert tables() == {late.pk: OTHER, ahead.pk: OTHER}
    Probe.objects.update(last_result=None)
    probe.flips.all().delete()
    pruning.prune(ahead.at)
    assert tables() == {ahead.pk: name_of(ahead.at)}


def test_a_day_with_too_many_stored_elsewhere_gets_no_partition(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MOST_MOVED", 1)
    day = new_day() + timedelta(days=30)
    probe = make_probe(make_api())
    made = [ran(probe, day + timedelta(minutes=minute)).pk for minute in range(2)]
    assert partitions.make_ahead(day)
    assert name_of(day) not in names() and name_of(day + timedelta(days=1)) in names()
    assert tables() == dict.fromkeys(made, OTHER)


def test_days_between_get_theirs(db: None) -> None:
    """A clock was ahead when the last partitions were made."""
    day = new_day() + timedelta(days=30)
    partitions.make_ahead(day + timedelta(days=2 + partitions.AHEAD.days))
    first = name_of(day + timedelta(days=2))
    assert first not in names()
    partitions.make_ahead(day)
    assert {name_of(day), first} <= names()
    assert all(one.end - one.start == timedelta(days=1) for one in partitions.partitions())


def test_long_retention_makes_longer_partitions(db: None, settings: Any) -> None:
    settings.CORSDASH_KEEP_RESULTS_DAYS = 3650
    day = new_day() + timedelta(days=100)
    partitions.make_ahead(day)
    newest = partitions.partitions()[-1]
    assert newest.end - newest.start == timedelta(days=61)
    assert newest.start <= day < newest.end


def test_one_that_is_killed_at_any_step_loses_nothing(db: None) -> None:
    """Each statement in turn ends the process; the next pruning goes on."""
    day = new_day()
    made = run_all(day)
    now, kept = day + timedelta(days=30), {made[place] for place in REFERRED_TO}
    for killed_at in range(1, 1000):
        with suppress(KeyboardInterrupt), killed(killed_at) as met:
            pruning.prune(now)
        there = tables()
        assert kept <= there.keys()
        assert there.keys() == set(made) or name_of(day) not in names()
        if not met:
            break
    assert killed_at > 10
    assert tables() == dict.fromkeys(kept, KEPT)


@contextmanager
def killed(at: int) -> Iterator[list[str]]:
    """End the work before its statement of this number; gives that statement once it came."""
    left, met = [at], []

    def count(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            met.append(sql)
            raise KeyboardInterrupt
        return execute(sql, *given)

    with connection.execute_wrapper(count):
        yield met


@pytest.mark.django_db(transaction=True)
def test_two_that_prune_at_once() -> None:
    day = new_day()
    made = run_all(day)
    together = threading.Barrier(2)

    def prune() -> bool:
        try:
            together.wait(20)
            return pruning.prune(day + timedelta(days=30))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert [one.result() for one in [pool.submit(prune) for _ in range(2)]] == [False, False]
    assert name_of(day) not in names()
    assert tables() == {made[place]: KEPT for place in REFERRED_TO}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["ALTER TABLE", "DROP TABLE"])
def test_a_result_that_comes_while_partitions_change_is_stored(step: str) -> None:
    """Its day gets its partition, or loses it, while it waits."""
    day = new_day()
    probe = make_probe(make_api())
    at = day + timedelta(days=30) if step == "ALTER TABLE" else day
    ran(probe, at)
    writer = ThreadPoolExecutor(1)
    late: list[Future[Result]] = []

    def store_late() -> Result:
        try:
            return Result.objects.create(probe=probe, at=at, passed=True)
        finally:
            connection.close()

    def watch(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.startswith(step) and name_of(at) in sql:
            late.append(writer.submit(store_late))
            until(lambda: writers_that_wait() or late[-1].done(), "the writer waits")
        return execute(sql, *given)

    with writer, connection.execute_wrapper(watch):
        pruning.prune(day + timedelta(days=30))
    assert late
    there = tables()
    found = {there.get(one.result().pk) for one in late}
    # One of a day that is dropped is too old: the same pruning may have deleted it already.
    assert found == {name_of(at)} if step == "ALTER TABLE" else found <= {OTHER, None}


def writers_that_wait() -> int:
    """How many statements wait for a lock."""
    with connection.connection.cursor() as cursor:
        return int(cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0])


def test_what_got_a_reference_at_the_last_moment_is_all_that_is_read(db: None) -> None:
    """Everyone waits meanwhile: reading the whole day takes longer than they may."""
    day = new_day()
    made = run_all(day)
    columns = ", ".join(one for one in order_of(partitions.TABLE) if one != "id")
    with connection.cursor() as cursor:  # Of a smaller partition, all is one page.
        copy = f"SELECT {columns} FROM {partitions.TABLE}, generate_series(1, 5000) WHERE id = %s"
        cursor.execute(f"INSERT INTO {partitions.TABLE} ({columns}) {copy}", made[:1])
    probe = Probe.objects.get()
    late, plans = [pk for place, pk in enumerate(made) if place not in REFERRED_TO], []

    def watch(execute: Callable[..., Any], sql: str, params: Any, *given: Any) -> Any:
        if sql.startswith("LOCK TABLE ONLY") and partitions.partitions()[0].name == name_of(day):
            Flip.objects.bulk_create(Flip(probe=probe, at=day, before="up", after="down", result_id=pk) for pk in late)
        if f"INTO {KEPT}" in sql or "SET kept" in sql:
            with connection.connection.cursor() as cursor:
                plans.append("\n".join(line for (line,) in cursor.execute(f"EXPLAIN {sql}", params).fetchall()))
        return execute(sql, params, *given)

    with connection.execute_wrapper(watch):
        pruning.prune(day + timedelta(days=30))
    assert tables() == dict.fromkeys(made, KEPT)
    assert len(plans) == 2, "before everyone waits, and then"
    assert all(re.findall(r"(\w+ Scan).* on apis", plan) == ["Tid Scan"] for plan in plans), plans


@pytest.mark.django_db(transaction=True)
def test_no_one_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a lock makes everyone else wait: it gives up soon, and drops the day another time."""
    monkeypatch.setattr(partitions, "TRIES", 2)
    day = new_day()
    made = run_all(day)
    asked: list[tuple[str, str]] = []

    def watch(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.startswith(("LOCK", "DROP", "ALTER")):
            with connection.connection.cursor() as cursor:
                asked.append((sql.split()[0], cursor.execute("SHOW lock_timeout").fetchone()[0]))
        return execute(sql, *given)

    reading, over = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            assert len(Result.objects.all()) == len(made)
            reading.set()
            over.wait(60)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        assert reading.wait(20)
        with connection.execute_wrapper(watch):
            pruning.prune(day + timedelta(days=30))
        assert name_of(day) in names() and tables().keys() == set(made)
        over.set()
        reader.result()
    with connection.execute_wrapper(watch):
        pruning.prune(day + timedelta(days=30))
    assert name_of(day) not in names()
    assert {kind for kind, _ in asked} == {"LOCK", "DROP", "ALTER"}
    first, further = f"{partitions.LOCK_MS}ms", f"{partitions.NEXT_LOCK_MS}ms"
    assert {limit for kind, limit in asked if kind == "DROP"} == {further}, "the parent is locked by then"
    assert {limit for kind, limit in asked if kind == "LOCK"} == {first, further}
    assert partitions.LOCK_MS + 3 * partitions.NEXT_LOCK_MS < 100


def test_the_table_changes_to_partitions_and_back(db: None) -> None:
    """As the migration does: every row stays, and so do its columns, indexes and the next id."""
    now = new_day()
    probe = make_probe(make_api(), failures=2)
    made = run_all(now - timedelta(days=60), probe) + run_all(now - timedelta(days=5), probe) + run_all(now, probe)
    before, shape = list(Result.objects.order_by("pk").values()), facts()
    with transaction.atomic(), connection.cursor() as cursor:
        _results_by_day.restore(cursor)
    assert not partitions.partitions()
    assert set(tables().values()) == {partitions.TABLE}
    assert "primary key" in facts() and facts() - {"primary key"} == shape - {"index id"}
    with transaction.atomic(), connection.cursor() as cursor:
        _results_by_day.keep_referred(cursor, _results_by_day.partition(cursor, now))
    assert facts() == shape
    assert [row | {"kept": None} for row in Result.objects.order_by("pk").values()] == [
        row | {"kept": None} for row in before
    ]
    there = tables()
    old, recent, newest = made[:9], made[9:18], made[18:]
    kept = [old[place] for place in (0, 2, 3, 4, 6)]
    assert {pk for pk in old if there[pk] == KEPT} == set(kept)
    assert {there[pk] for pk in set(old) - set(kept)} == {OTHER}
    assert [{there[pk] for pk in days} for days in (recent, newest)] == [
        {name_of(now - timedelta(days=5))},
        {name_of(now)},
    ]
    assert ran(probe, now + timedelta(hours=1)).pk > max(made)


def test_columns_change_their_order_around_the_same_rows(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an upgrade does: no row moves, what is new has the new order, and rows move between both orders."""
    usual, shape = _sparse_results._COLUMNS, facts()
    monkeypatch.setattr(_sparse_results, "_COLUMNS", tuple(sorted(usual)))
    with transaction.atomic(), connection.cursor() as cursor:
        _sparse_results.reorder(cursor)
    assert order_of(partitions.TABLE) == order_of(OTHER) == tuple(sorted(usual))
    day = new_day()
    assert order_of(name_of(day)) == tuple(sorted(usual))
    probe = make_probe(make_api(), failures=2)
    late = day + timedelta(days=9)
    made = run_all(day, probe) + run_all(late, probe)
    before, there = list(Result.objects.order_by("pk").values()), tables()
    monkeypatch.undo()
    with transaction.atomic(), connection.cursor() as cursor:
        _sparse_results.reorder(cursor)
    assert facts() == shape and tables() == there
    assert list(Result.objects.order_by("pk").values()) == before
    assert order_of(partitions.TABLE) == order_of(KEPT) == usual
    assert order_of(name_of(day)) == order_of(OTHER) == tuple(sorted(usual)), "they have rows"
    assert partitions.make_ahead(late)
    assert {tables()[pk] for pk in made[9:]} == {name_of(late)} and order_of(name_of(late)) == usual
    assert list(Result.objects.order_by("pk").values()) == before
    assert ran(probe, late + timedelta(hours=1)).pk > max(made)


def order_of(table: str) -> tuple[str, ...]:
    """The columns of a table in their order."""
    with connection.cursor() as cursor:
        return tuple(column.name for column in connection.introspection.get_table_description(cursor, table))


def facts() -> set[str]:
    """What the table has besides its rows."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, partitions.TABLE)
        limits = connection.introspection.get_constraints(cursor, partitions.TABLE)
    found = {f"column {column.name} {column.type_code} {column.null_ok}" for column in columns}
    for limit in limits.values():
        kind = "primary key" if limit["primary_key"] else "foreign key" if limit["foreign_key"] else "index"
        found.add(kind if kind == "primary key" else f"{kind} {','.join(limit['columns'])}")
    return found


def test_a_probe_goes_with_its_results(db: None) -> None:
    """Wherever they are: those of an API that is deleted."""
    day = new_day()
    probe, other = make_probe(make_api(), failures=2), make_probe(make_api("other"))
    run_all(day, probe)
    pruning.prune(day + timedelta(days=30))
    ran(probe, day + timedelta(days=30)), ran(probe, day - timedelta(days=400))
    assert len(set(tables().values())) == 3
    left = ran(other, day + timedelta(days=30))
    probe.api.delete()
    assert tables().keys() == {left.pk}
