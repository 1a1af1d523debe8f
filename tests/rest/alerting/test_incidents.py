"""Incidents over REST: found by state, with their probes and the change before them, and acknowledged once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apis.access.models import AuditEvent
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program


@pytest.fixture
def row(db: None) -> HttpApi:
    """An API that was changed a minute ago."""
    api = an_api(an_account(), "orders", None)
    at = timezone.now() - timedelta(minutes=9)
    Change.objects.create(api=api, kind="panel", status="applied", at=at, settled_at=at, summary="removed an origin")
    return api


@pytest.fixture
def down(row: HttpApi) -> Probe:
    """Its probe passed before the change and is down since."""
    probe = Probe.objects.create(api=row, name="p", origin="https://a.example", failures=2)
    ran(probe, True, at=timezone.now() - timedelta(minutes=10))
    ran(probe, False, False, at=timezone.now() - timedelta(minutes=8))
    incidents.settle_flips()
    return probe


def test_an_open_incident(reader: Program, row: HttpApi, down: Probe) -> None:
    [[found]] = reader.pages("incidents?state=open")
    assert reader.get(f"incidents/{found['id']}").good() == found
    change = row.changes.get(kind="panel")
    assert {
        "api": row.pk,
        "state": "open",
        "closed_at": None,
        "acknowledged_at": None,
        "probes": [down.pk],
        "suspected_change": change.pk,
    }.items() <= found.items()
    assert found["opened_at"].endswith("Z")
    assert found["summary"]
    assert reader.pages("incidents?state=closed") == [[]]


def test_a_closed_incident(reader: Program, down: Probe) -> None:
    ran(down, True, True, True)
    incidents.settle_flips()
    [[found]] = reader.pages("incidents?state=closed")
    assert found["state"] == "closed"
    assert found["closed_at"] >= found["opened_at"]
    assert reader.pages("incidents?state=open") == [[]]


def test_lists_are_paged_newest_first(reader: Program, row: HttpApi) -> None:
    now = timezone.now()
    for number in range(5):
        at = now + timedelta(seconds=number // 2)
        Incident.objects.create(api=row, state="closed", opened_at=at, closed_at=at, summary=str(number))
    pages = reader.pages("incidents?limit=2")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one["summary"] for page in pages for one in page] == ["4", "3", "2", "1", "0"]


def test_a_state_that_is_none(reader: Program) -> None:
    reader.get("incidents?state=burning").problem(422, "state")


def test_an_incident_is_acknowledged_once(writer: Program, ruler: Program, down: Probe) -> None:
    [[found]] = writer.pages("incidents")
    taken = writer.post(f"incidents/{found['id']}/acknowledge", {"note": "on it"}).good()
    assert taken["acknowledged_at"]
    assert AuditEvent.objects.filter(action="acknowledged an incident").count() == 1
    assert Incident.objects.get().acknowledged_note == "on it"
    assert "ed" in ruler.post(f"incidents/{found['id']}/acknowledge", {"note": "me too"}).problem(409)["detail"]
    assert Incident.objects.get().acknowledged_note == "on it"


def test_what_is_wrong_with_a_note(writer: Program, down: Probe) -> None:
    [[found]] = writer.pages("incidents")
    writer.post(f"incidents/{found['id']}/acknowledge", {"note": None}).problem(422, "note")
    writer.post(f"incidents/{found['id']}/acknowledge", {"note": "x" * 501}).problem(422, "note")
    writer.post("incidents/4711/acknowledge", {"note": ""}).problem(404)


def test_the_report_of_a_closed_incident(reader: Program, down: Probe) -> None:
    pk = Incident.objects.get().pk
    reader.get(f"incidents/{pk}/report").problem(409)
    ran(down, True)
    incidents.settle_flips()
    found = reader.get(f"incidents/{pk}/report").good()
    assert found["id"] == pk
    assert found["markdown"].startswith(f"# Incident {pk}: ")
    reader.get("incidents/99999/report").problem(404)
