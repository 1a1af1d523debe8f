"""Many rows updated or inserted by one statement hold what `save` would have stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction

from apis.inventory.models import Account, HttpApi
from apis.jobs.bulk_rows import insert_objects, update_rows
from apis.probing.models import Probe, Result

NAMES = ("name", "headers", "credentials", "interval", "failures", "state", "last_passed_at", "last_result", "due_at")

AT = datetime(2026, 11, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def probes(db: None) -> list[Probe]:
    account = Account.objects.create(name="a", regions=["eu-west-1"])
    api = HttpApi.objects.create(
        account=account, region="eu-west-1", api_id="a1", name="shop", endpoint="https://a.example"
    )
    return [Probe.objects.create(api=api, name=str(number), origin="https://a.example") for number in range(5)]


def test_every_kind_of_value_is_stored_as_save_stores_it(probes: list[Probe]) -> None:
    result = Result.objects.create(probe=probes[0], at=AT, passed=True)
    values: list[dict[str, Any]] = [
        {"name": 'it\'s "quoted" % {} \\ ,', "headers": ["a", {"b": None}], "credentials": True, "interval": 10},
        {"failures": 7, "state": "flapping", "last_passed_at": AT, "last_result": result, "due_at": 2**40},
        {"headers": [], "last_passed_at": AT + timedelta(days=1)},
        {"headers": "a text", "name": "ünïcode 例"},
        {},
    ]
    for probe, changed in zip(probes, values, strict=True):
        for name, value in changed.items():
            setattr(probe, name, value)
    update_rows(Probe, probes[:4], NAMES)
    for probe in probes:
        stored = Probe.objects.get(pk=probe.pk)
        assert [getattr(stored, name) for name in NAMES] == [getattr(probe, name) for name in NAMES]


def test_no_rows_are_no_query(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        update_rows(Probe, [], NAMES)
        insert_objects(Result, [])


def test_one_statement_updates_all(probes: list[Probe], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        update_rows(Probe, probes, NAMES)
    with django_assert_num_queries(1):
        insert_objects(Result, [Result(probe=probe, at=AT) for probe in probes])


def test_inserted_rows_have_their_keys_and_every_kind_of_value(probes: list[Probe]) -> None:
    values: list[dict[str, Any]] = [
        {"passed": True, "own_error": 'it\'s "quoted" % {} \\ ,', "unmet": [["status", "200", None]]},
        {
            "passed": False,
            "own_timings": {"preflight": {"total": 1.5}},
            "packed_timings": b"\x00\xff",
            "cause": "person",
        },
        {"not_run": "memory", "own_error": "ünïcode 例", "own_verdict": "a text"},
        {},
    ]
    rows = [Result(probe=probe, at=AT, **given) for probe, given in zip(probes, values, strict=False)]
    insert_objects(Result, rows)
    names = [field.attname for field in Result._meta.concrete_fields]
    for row in rows:
        stored = Result.objects.get(probe=row.probe_id)
        assert [getattr(stored, name) for name in names] == [getattr(row, name) for name in names]
        row.cause = "changed"
        row.save()
        assert Result.objects.get(probe=row.probe_id).cause == "changed"


def test_what_json_cannot_hold_is_refused_as_save_refuses_it(probes: list[Probe]) -> None:
    row = Result(probe=probes[0], at=AT, unmet=[["status", AT, None]])
    for write in (row.save, lambda: insert_objects(Result, [row])):
        with pytest.raises(TypeError), transaction.atomic():
            write()
    assert not Result.objects.exists()


def test_a_value_that_is_too_long_is_refused_where_save_refuses_it(probes: list[Probe]) -> None:
    probes[0].state = "longer than eight"
    if connection.vendor == "postgresql":
        with pytest.raises(DataError), transaction.atomic():
            update_rows(Probe, probes, NAMES)
        with pytest.raises(DataError), transaction.atomic():
            insert_objects(Result, [Result(probe=probes[0], at=AT, not_run="longer than twenty letters")])
        assert Probe.objects.filter(state="new").count() == 5
    else:
        update_rows(Probe, probes, NAMES)
        assert Probe.objects.get(pk=probes[0].pk).state == "longer than eight"
