"""Probes over REST: made, changed, run, read and deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.access.models import AuditEvent
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.rest.probing.probes import Probe as ProbeRead
from apis.rest.probing.probes import ProbeFields
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program
from tests.support.servers import until

ORIGIN = "https://a.example"


@pytest.fixture
def row(db: None) -> HttpApi:
    """An API in the mirror."""
    return an_api(an_account(), "orders", {"AllowOrigins": [ORIGIN]}, endpoint="https://abc.example.com")


def test_a_probe_is_made_with_defaults(writer: Program, row: HttpApi) -> None:
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN}).good(201)
    assert made == {
        "id": made["id"],
        "api": row.pk,
        "name": f"GET / from {ORIGIN}",
        "origin": ORIGIN,
        "method": "GET",
        "base_url": "",
        "path": "/",
        "headers": [],
        "credentials": False,
        "expect": "allowed",
        "same_on_every_host": False,
        "interval": 300,
        "failures": 2,
        "recoveries": 1,
        "retry_interval": 30,
        "enabled": True,
        "readable_headers": [],
        "status": "",
        "min_max_age": None,
        "max_latency": None,
        "certificate_days": None,
        "safe": False,
        "secret_header": "",
        "ends_at": None,
        "state": "new",
        "last_passed_at": None,
        "not_run": None,
        "never_passed": False,
        "cause": None,
    }
    assert writer.get(f"probes/{made['id']}").good() == made
    probe = Probe.objects.get(pk=made["id"])
    assert probe.created_by is not None and probe.created_by.username == "ed"
    assert probe.due_at <= timezone.now().timestamp(), "due at once"


@pytest.mark.once
def test_every_field_that_people_set_is_written_and_read_over_rest() -> None:
    assert ProbeFields.model_fields.keys() == {*probe_edits.FIELDS, "secret"}
    assert set(probe_edits.FIELDS) <= ProbeRead.model_fields.keys()


def test_a_probe_is_made_as_reported(writer: Program, row: HttpApi) -> None:
    body = {
        "api": row.pk,
        "name": "orders page",
        "origin": "http://localhost:3000",
        "method": "POST",
        "path": "/items?x=1",
        "headers": ["content-type", "X-Trace"],
        "credentials": True,
        "expect": "blocked",
        "interval": 60,
        "failures": 5,
        "enabled": False,
    }
    assert body.items() <= writer.post("probes", body).good(201).items()


def test_a_patch_changes_what_it_gives(writer: Program, row: HttpApi) -> None:
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN, "name": "p"}).good(201)
    Probe.objects.update(state="up")
    found = writer.patch(f"probes/{made['id']}", {"interval": 30, "headers": ["x-a"]}).good()
    assert found == made | {"interval": 30, "headers": ["x-a"], "state": "new"}
    assert writer.patch(f"probes/{made['id']}", {}).good() == found
    assert writer.get(f"probes/{made['id']}").good() == found


def test_a_deleted_probe_is_gone(writer: Program, row: HttpApi) -> None:
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN}).good(201)
    Result.objects.create(probe_id=made["id"], at=timezone.now(), passed=True)
    assert writer.delete(f"probes/{made['id']}").good(204) is None
    for path in (f"probes/{made['id']}", f"probes/{made['id']}/results"):
        writer.get(path).problem(404)
    writer.delete(f"probes/{made['id']}").problem(404)
    assert writer.get("probes").good()["items"] == []


WRONG = [
    ({"origin": ""}, "origin"),
    ({"origin": "a.example"}, "origin"),
    ({"origin": "https://A.example"}, "origin"),
    ({"origin": "https://a.example/"}, "origin"),
    ({"origin": 7}, "origin"),
    ({"method": "NOT A METHOD"}, "method"),
    ({"method": "CONNECT"}, "method"),
    ({"path": "/a b"}, "path"),
    ({"path": "/" + "x" * 2000}, "path"),
    ({"base_url": "https://evil.example"}, "base_url"),
    ({"headers": "x-a"}, "headers"),
    ({"headers": ["Host"]}, "headers"),
    ({"headers": [1]}, "headers.0"),
    ({"expect": "maybe"}, "expect"),
    ({"interval": 1}, "interval"),
    ({"interval": 10**20}, "interval"),
    ({"interval": "soon"}, "interval"),
    ({"failures": 0}, "failures"),
    ({"credentials": "perhaps"}, "credentials"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("given", "field"), WRONG)
def test_names_the_field_at_fault(writer: Program, row: HttpApi, given: dict[str, Any], field: str) -> None:
    writer.post("probes", {"api": row.pk, "origin": ORIGIN, **given}).problem(422, field)
    assert not Probe.objects.exists()
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN}).good(201)
    writer.patch(f"probes/{made['id']}", given).problem(422, field)
    assert writer.get(f"probes/{made['id']}").good() == made


@pytest.mark.parametrize("name", ["origin", "interval", "headers", "enabled"])
def test_null_is_no_value(writer: Program, row: HttpApi, name: str) -> None:
    """It would be passed over without a word."""
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN}).good(201)
    writer.patch(f"probes/{made['id']}", {name: None}).problem(422, name)


@pytest.mark.parametrize("number", [4711, 10**30, "x", None])
def test_of_an_api_that_is_not_there(writer: Program, row: HttpApi, number: Any) -> None:
    writer.post("probes", {"api": number, "origin": ORIGIN}).problem(422, "api")


def test_what_is_done_to_a_probe_is_in_the_audit_log(writer: Program, row: HttpApi) -> None:
    made = writer.post("probes", {"api": row.pk, "origin": ORIGIN}).good(201)
    writer.patch(f"probes/{made['id']}", {"interval": 30}).good()
    writer.delete(f"probes/{made['id']}").good(204)
    body = AuditEvent.objects.filter(action__endswith=" a probe").order_by("id").values_list("action", "actor_name")
    assert list(body) == [("added a probe", "ed"), ("changed a probe", "ed"), ("deleted a probe", "ed")]


def test_lists_are_paged(reader: Program, row: HttpApi) -> None:
    probes = [Probe.objects.create(api=row, name=f"p{number}", origin=ORIGIN) for number in range(5)]
    pages = reader.pages("probes?limit=2")
    assert [[one["name"] for one in page] for page in pages] == [["p0", "p1"], ["p2", "p3"], ["p4"]]
    now = timezone.now()
    for number in range(5):
        Result.objects.create(probe=probes[0], at=now + timedelta(seconds=number // 2), passed=True)
    results = [one for page in reader.pages(f"probes/{probes[0].pk}/results?limit=2") for one in page]
    assert len({one["id"] for one in results}) == 5
    assert [one["at"] for one in results] == sorted((one["at"] for one in results), reverse=True)


def test_only_those_of_one_api(reader: Program, row: HttpApi) -> None:
    other = an_api(row.account, "other", None)
    for api in (row, other):
        Probe.objects.create(api=api, name=api.name, origin=ORIGIN)
    assert [[one["name"] for one in page] for page in reader.pages(f"probes?api={other.pk}")] == [["other"]]
    assert reader.pages("probes?api=4711") == [[]]


def test_a_run_brings_a_result(
    worker: Any, writer: Program, api: HttpApi, outside: Callable[..., None], reader: Program
) -> None:
    made = writer.post("probes", {"api": api.pk, "origin": ORIGIN, "path": "/items"}).good(201)
    assert writer.post(f"probes/{made['id']}/run").good(202) == {"probe": made["id"]}
    address = f"probes/{made['id']}/results"
    [result] = until(lambda: reader.get(address).good()["items"], "the run has a result")
    assert result.keys() == {
        "id", "at", "passed", "verdict", "exchange", "timings", "error", "not_run", "maintenance", "cause", "unmet",
    }  # fmt: skip
    assert result["passed"] is True
    assert result["verdict"]["allowed"] is True
    assert result["exchange"]["response"]["status"] == 200
    assert result["error"] is None
    assert all(value >= 0 for value in result["timings"].values() if isinstance(value, int | float))
    assert reader.get(f"probes/{made['id']}").good()["state"] == "up"
