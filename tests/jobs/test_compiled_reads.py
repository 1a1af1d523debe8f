"""Compiled reads find what Django's own queries find, and build their SQL once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import DateTimeField, QuerySet

from apis.inventory.models import Account, HttpApi
from apis.jobs.bulk_reads import Given, among
from apis.jobs.compiled_reads import CompiledObjects, CompiledRows
from apis.probing.models import Probe, Result, Rollup

AT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
SINCE = Given("since", DateTimeField())
NAMES = ("at", "passed", "unmet", "not_run", "cause", "packed_timings")


@pytest.fixture
def results(db: None) -> list[Result]:
    account = Account.objects.create(name="a", regions=["eu-west-1"])
    api = HttpApi.objects.create(account=account, region="eu-west-1", api_id="a1", tags={"team": "web"})
    probe = Probe.objects.create(api=api, name="p", origin="https://a.example", headers=["x-a"])
    return [
        Result.objects.create(
            probe=probe, at=AT + timedelta(hours=hour), passed=bool(hour % 2), unmet=["status"] if hour == 2 else None
        )
        for hour in range(4)
    ]


def some() -> QuerySet[Result]:
    return Result.objects.filter(among("pk", Given("ids")), at__gte=SINCE).order_by("-at")


def test_rows_are_those_of_the_query(results: list[Result]) -> None:
    compiled = CompiledRows(some, NAMES)
    keys = [result.pk for result in results]
    for ids, since in ((keys, AT), (keys[1:], AT + timedelta(hours=2)), (keys[:1], AT + timedelta(hours=1))):
        wanted = Result.objects.filter(pk__in=ids, at__gte=since).order_by("-at").values_list(*NAMES)
        assert [tuple(row) for row in compiled.read(ids=ids, since=since)] == list(wanted)


def test_objects_have_what_was_asked_for_and_what_it_refers_to(
    results: list[Result], django_assert_num_queries: Any
) -> None:
    compiled = CompiledObjects(Result, some, ("at", "unmet", "probe__headers", "stored__digest"))
    with django_assert_num_queries(1):
        read = list(compiled.read(ids={results[2].pk}, since=AT))
        assert [(one.pk, one.at, one.unmet, one.probe.headers, one.stored) for one in read] == [
            (results[2].pk, results[2].at, ["status"], ["x-a"], None)
        ]
    assert read[0].probe.origin == "https://a.example"


def test_no_ids_are_no_query(results: list[Result], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert list(CompiledRows(some, NAMES).read(ids=[], since=AT)) == []
        assert list(CompiledObjects(Result, some, NAMES).read(ids=set(), since=AT)) == []


def test_a_row_whose_key_has_several_columns(results: list[Result]) -> None:
    probe = results[0].probe
    Rollup.objects.bulk_create(Rollup(probe=probe, seconds=300, at=at, passed=1, failed=at) for at in (0, 300))
    compiled = CompiledRows(
        lambda: Rollup.objects.filter(among("probe", Given("ids"))).order_by("at"), ["at", "failed"]
    )
    assert [tuple(row) for row in compiled.read(ids=[probe.pk])] == [(0, 0), (300, 300)]


def test_the_query_is_built_once(results: list[Result]) -> None:
    built: list[int] = []

    def build() -> QuerySet[Result]:
        built.append(1)
        return some()

    compiled = CompiledObjects(Result, build, NAMES)
    for result in results:
        assert [one.pk for one in compiled.read(ids=[result.pk], since=AT)] == [result.pk]
    assert built == [1]


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_alone() -> None:
    """Also when the query was built already: a lock outside a transaction would end at once."""
    locked = CompiledRows(lambda: Probe.objects.select_for_update().filter(among("pk", Given("ids"))), ["pk"])
    for _ in range(2):
        with transaction.atomic():
            assert list(locked.read(ids=[1])) == []
        with pytest.raises(transaction.TransactionManagementError, match="outside"):
            locked.read(ids=[1])
