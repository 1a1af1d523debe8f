"""Rows read by many ids, as light objects, are those that Django's own way gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apis.inventory.models import Account, HttpApi
from apis.jobs.bulk_reads import among, new_object, read_objects, relate
from apis.probing.models import Probe, Result, StoredExchange

AT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def probes(db: None) -> list[Probe]:
    account = Account.objects.create(name="a", regions=["eu-west-1"])
    apis = [
        HttpApi.objects.create(account=account, region="eu-west-1", api_id=f"a{number}", tags={"team": "web"})
        for number in range(3)
    ]
    return [
        Probe.objects.create(api=api, name=f"{api.api_id} {number}", origin="https://a.example", headers=["x-a"])
        for api in apis
        for number in range(2)
    ]


def test_ids_select_what_in_selects(probes: list[Probe]) -> None:
    keys, apis = [probe.pk for probe in probes[1:4]], {probes[0].api_id, probes[5].api_id}
    for condition, name, ids in (
        (among("pk", keys), "pk__in", keys),
        (among("api", apis), "api__in", apis),
        (among("api__pk", apis), "api__pk__in", apis),
        (among("api", apis) | among("pk", keys[:1]), "pk__in", [probes[place].pk for place in (0, 1, 4, 5)]),
        (among("pk", []) | among("pk", keys), "pk__in", keys),
    ):
        wanted = set(Probe.objects.filter(**{name: ids}))
        assert set(Probe.objects.filter(condition)) == wanted
        assert set(Probe.objects.exclude(condition)) == set(probes) - wanted


def test_a_missing_reference_is_among_none(probes: list[Probe]) -> None:
    assert list(Probe.objects.filter(among("last_result", [1, 2]))) == []
    assert set(Probe.objects.exclude(among("last_result", [1, 2]))) == set(probes)


def test_no_ids_are_no_query(probes: list[Probe], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert list(Probe.objects.filter(among("api", []))) == []
        assert list(read_objects(Probe.objects.filter(among("pk", [])), ["name"])) == []


def test_objects_have_what_was_asked_for_and_read_the_rest(probes: list[Probe], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        read = list(read_objects(Probe.objects.order_by("pk"), ["api", "name", "headers"]))
        assert [(one.pk, one.api_id, one.name, one.headers) for one in read] == [
            (one.pk, one.api_id, one.name, one.headers) for one in probes
        ]
    with django_assert_num_queries(1):
        assert read[0].origin == "https://a.example"
    with django_assert_num_queries(1):
        assert read[0].api == probes[0].api
    read[1].name = "changed"
    read[1].save()
    assert Probe.objects.get(pk=probes[1].pk).name == "changed"
    assert Probe.objects.count() == len(probes)


def test_fields_of_a_related_row_come_with_it(probes: list[Probe], django_assert_num_queries: Any) -> None:
    stored = StoredExchange.objects.create(
        probe=probes[0], digest=b"d", verdict={"reason": "No."}, error="e", used_on=AT.date()
    )
    Result.objects.create(probe=probes[0], at=AT, passed=False, stored=stored)
    Result.objects.create(probe=probes[1], at=AT, passed=True, own_verdict={"reason": "Yes."}, own_error="none")
    rows = Result.objects.order_by("pk")
    with django_assert_num_queries(1):
        names = ["passed", "stored__error", "stored__verdict", "own_error", "own_verdict"]
        first, second = read_objects(rows, names)
        assert (first.error, first.verdict, first.passed) == ("e", {"reason": "No."}, False)
        assert (second.error, second.verdict, second.stored) == ("none", {"reason": "Yes."}, None)
    assert first.stored == stored
    assert first.stored.digest == b"d"


def test_new_objects_have_their_defaults_each_its_own(probes: list[Probe], django_assert_num_queries: Any) -> None:
    api = probes[0].api
    one, other = (new_object(Probe, api=api, name=name, origin="https://b.example") for name in ("one", "other"))
    usual = Probe(api=api, name="one", origin="https://b.example")
    names = [field.attname for field in Probe._meta.concrete_fields if field.name != "created_at"]
    assert [getattr(one, name) for name in names] == [getattr(usual, name) for name in names]
    one.headers.append("x-b")
    assert other.headers == []
    with django_assert_num_queries(0):
        assert one.api is api
    one.save()
    assert Probe.objects.get(name="one").headers == ["x-b"]


def test_rows_get_the_objects_that_they_refer_to(probes: list[Probe], django_assert_num_queries: Any) -> None:
    read = list(read_objects(Probe.objects.all(), ["api"]))
    apis = HttpApi.objects.in_bulk()
    with django_assert_num_queries(0):
        relate(read, "api", apis)
        assert all(one.api is apis[one.api_id] for one in read)
