"""Suggested probes over REST, and many created at once."""

from __future__ import annotations

from typing import Any

import pytest

from apis.access.models import AuditEvent
from apis.demo.emulator.faults import Faults
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.rest.conftest import Program

pytestmark = pytest.mark.once


def test_suggestions_are_created_as_they_come_and_exist_then(reader: Program, writer: Program, api: HttpApi) -> None:
    path = f"apis/{api.pk}/suggested-probes"
    offered = reader.get(path).good()
    items: list[dict[str, Any]] = offered["items"]
    assert {item["expect"] for item in items} == {"allowed", "blocked"}
    assert {item["method"] for item in items} == {"GET", "POST"}
    assert not any(item["exists"] for item in items)
    assert offered["calls_per_minute"] == pytest.approx(len(items) / 5)
    assert offered["rows_per_day"] == len(items) * 288

    answer = writer.post("probes/bulk", {"probes": items}).good()
    assert answer["skipped"] == []
    assert sorted(answer["created"]) == sorted(Probe.objects.values_list("pk", flat=True))
    made = writer.get(f"probes/{answer['created'][0]}").good()
    assert {name: made[name] for name in ("origin", "path", "expect")} == {
        "origin": "https://a.example", "path": "/items", "expect": "allowed",
    }  # fmt: skip
    assert made["name"] == "GET /items from https://a.example"
    assert AuditEvent.objects.filter(action="added probes").count() == 1

    again = reader.get(path).good()
    assert all(item["exists"] for item in again["items"])
    assert (again["calls_per_minute"], again["rows_per_day"]) == (0, 0)
    repeated = writer.post("probes/bulk", {"probes": items}).good()
    assert repeated["created"] == []
    assert [one["index"] for one in repeated["skipped"]] == list(range(len(items)))


def test_what_is_wrong_with_one_keeps_no_other(writer: Program, api: HttpApi) -> None:
    good = {"api": api.pk, "origin": "https://a.example", "path": "/items"}
    bodies = [good, good, good | {"origin": "no origin"}, {"api": 999_999, "origin": "https://a.example"}]
    answer = writer.post("probes/bulk", {"probes": bodies}).good()
    assert len(answer["created"]) == 1
    assert [one["index"] for one in answer["skipped"]] == [1, 2, 3]
    assert all(one["why"] for one in answer["skipped"])


def test_many_probes_take_a_few_queries(writer: Program, api: HttpApi, django_assert_max_num_queries: Any) -> None:
    bodies = [{"api": api.pk, "origin": f"https://a{n}.example", "path": "/items"} for n in range(300)]
    with django_assert_max_num_queries(30):
        assert len(writer.post("probes/bulk", {"probes": bodies}).good()["created"]) == 300


def test_viewers_create_none(reader: Program, api: HttpApi) -> None:
    reader.post("probes/bulk", {"probes": [{"api": api.pk, "origin": "https://a.example"}]}).problem(403)
    assert not Probe.objects.exists()


def test_an_unknown_api_has_none(reader: Program, api: HttpApi) -> None:
    reader.get("apis/999999/suggested-probes").problem(404)
    reader.get(f"apis/{api.pk}/suggested-probes?interval=5").problem(422, "interval")


def test_routes_that_are_not_known_are_read_first(reader: Program, api: HttpApi) -> None:
    HttpApi.objects.filter(pk=api.pk).update(routes=None, details_at=None)
    items = reader.get(f"apis/{api.pk}/suggested-probes").good()["items"]
    assert {item["path"] for item in items} == {"/items"}


def test_routes_that_cannot_be_read_are_an_error(reader: Program, api: HttpApi, faults: Faults) -> None:
    HttpApi.objects.filter(pk=api.pk).update(routes=None, details_at=None)
    faults.add("refuse", operation="GetRoutes", api=api.api_id)
    assert "routes" in reader.get(f"apis/{api.pk}/suggested-probes").problem(502)["detail"]
