"""In PostgreSQL the index of a past day is rebuilt once: it becomes smaller, and no one waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError, connection, transaction

from apis.probing import tasks
from apis.probing.models import Result
from apis.probing.runs import compaction
from tests.probing.runs.test_partitions import name_of, new_day
from tests.probing.stored import make_api, make_probe, ran
from tests.support.servers import until

pytestmark = pytest.mark.django_db(transaction=True)
RESULTS = 10_000


@pytest.fixture
def day() -> datetime:
    """A day with results that came in no order of their probes."""
    day, api = new_day(), make_api()
    probes = [make_probe(api, name=f"probe {number}").pk for number in range(5)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO apis_result (probe_id, at, passed) SELECT p, %s + n * interval '1 second', true"
            " FROM unnest(%s::bigint[]) p, generate_series(1, %s) n ORDER BY md5(p::text || n::text)",
            [day, probes, RESULTS // len(probes)],
        )
    return day


def sizes(day: datetime) -> list[int]:
    """The bytes of a day's indexes by probe and time, of which there is one unless a rebuild was interrupted."""
    return of_indexes(day, "pg_relation_size")


def file_of(day: datetime) -> list[int]:
    """What tells whether the index was built again."""
    return of_indexes(day, "pg_relation_filenode")


def of_indexes(day: datetime, function: str) -> list[int]:
    """What a function of PostgreSQL returns for each of a day's indexes by probe and time."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND indnatts = 2",
            [name_of(day)],
        )
        return [value for (value,) in cursor.fetchall()]


def lock_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


@contextmanager
def old_transaction() -> Iterator[None]:
    """Keep a transaction open that began before: a rebuild waits for its end."""
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM apis_probe")
            yield
            cursor.execute("COMMIT")
    finally:
        other.close()


def waits() -> bool:
    """Return whether a rebuild waits for the transactions before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%%'")
        return cursor.fetchone() is not None


def test_a_past_day_takes_less_and_is_rebuilt_once(day: datetime) -> None:
    [before] = sizes(day)
    timeout = lock_timeout()
    with time_machine.travel(day + timedelta(days=1), tick=True):
        tasks.prune()
    [after], built = sizes(day), file_of(day)
    assert after < 0.8 * before
    assert Result.objects.count() == RESULTS and lock_timeout() == timeout
    assert not compaction.compact(day + timedelta(days=2))
    assert file_of(day) == built


def test_a_day_that_may_still_get_results_is_left(day: datetime) -> None:
    built = file_of(day)
    compaction.compact(day + timedelta(hours=12, minutes=59))
    assert file_of(day) == built


def test_more_than_there_is_time_for_is_left_to_the_next_task(day: datetime) -> None:
    built = file_of(day)
    assert compaction.compact(day + timedelta(days=1), seconds=0)
    assert file_of(day) == built


def test_no_one_waits_for_a_rebuild_that_waits_itself(day: datetime) -> None:
    probe = make_probe(make_api("late"))

    def compact() -> bool:
        try:
            return compaction.compact(day + timedelta(days=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with old_transaction():
            compacted = pool.submit(compact)
            until(waits, "the rebuild waits")
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            late = ran(probe, day)
            assert list(Result.objects.filter(probe=probe)) == [late]
        assert not compacted.result(60)
    assert list(Result.objects.filter(probe=probe)) == [late]
    assert len(sizes(day)) == 1


def test_one_that_is_interrupted_is_begun_again(day: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    built = file_of(day)
    with old_transaction():
        monkeypatch.setattr(compaction, "WAITS_S", 0.1)
        assert not compaction.compact(day + timedelta(days=1))
        assert len(sizes(day)) == 2, "the old one, and what is left of the new one"
    monkeypatch.undo()
    assert not compaction.compact(day + timedelta(days=1))
    assert len(file_of(day)) == 1 and file_of(day) != built


def test_a_long_transaction_is_not_tried_against_again_and_again(
    day: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old_transaction():
        monkeypatch.setattr(compaction, "WAITS_S", 1)
        assert not compaction.compact(day + timedelta(days=2), seconds=0.5)
    monkeypatch.undo()
    assert not compaction.compact(day + timedelta(days=2))
    assert len(sizes(day)) == 1


@pytest.mark.parametrize("mode", ["ACCESS EXCLUSIVE", "SHARE"])
def test_a_day_that_is_dropped_meanwhile_is_passed_over(day: datetime, mode: str) -> None:
    """Whoever lists the partitions waits for the first of these locks, a rebuild for both."""

    def compact() -> bool:
        try:
            return compaction.compact(day + timedelta(days=1))
        finally:
            connection.close()

    def waits_for_the_day() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [name_of(day)])
            return cursor.fetchone() is not None

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {name_of(day)} IN {mode} MODE")
            compacted = pool.submit(compact)
            until(waits_for_the_day, "it waits")
            cursor.execute(f"DROP TABLE {name_of(day)}")
        assert not compacted.result(60)


def test_one_that_the_disk_has_no_room_for_leaves_nothing_on_it(day: datetime) -> None:
    """Without room for its sorted rows: what it began to build would stay, and the disk full."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '64kB'")
        cursor.execute("SET temp_file_limit = 0")
        try:
            with pytest.raises(OperationalError, match="temp_file_limit"):
                compaction.compact(day + timedelta(days=1))
        finally:
            cursor.execute("RESET maintenance_work_mem")
            cursor.execute("RESET temp_file_limit")
    assert len(sizes(day)) == 1
    assert not compaction.compact(day + timedelta(days=1))
