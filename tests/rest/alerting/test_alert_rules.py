"""Rules, dry run and maintenance windows over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.alerting import channels
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Incident
from apis.alerting.rules.models import Maintenance, Rule
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.rest.conftest import Program

QUIET = {"begin": "22:00", "end": "07:00", "time_zone": "Europe/Berlin", "mode": "drop"}


@pytest.fixture
def pager(db: None) -> Channel:
    """A channel."""
    return channels.create(None, "webhook", "pager", url="https://hooks.example.com/x")


def test_a_rule_is_made_changed_and_deleted(ruler: Program, pager: Channel) -> None:
    body = {"name": "nights", "kinds": ["drift"], "channels": [pager.pk], "delay": 60, "quiet": QUIET, "tag": "a=b"}
    made = ruler.post("rules", body).good(201)
    assert {name: made[name] for name in body} == body
    path = f"rules/{made['id']}"
    assert ruler.get(path).good() == made
    changed = ruler.patch(path, {"quiet": None, "channels": None}).good()
    assert (changed["quiet"], changed["channels"], changed["kinds"]) == (None, None, ["drift"])
    assert [one["name"] for page in ruler.pages("rules") for one in page] == ["Everything to every channel", "nights"]
    ruler.delete(path).good(204)
    ruler.get(path).problem(404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kinds": ["weather"]}, "kinds"),
        ({"account": 4711}, "account"),
        ({"quiet": QUIET | {"end": "22:00"}}, "quiet_until"),
    ],
)
def test_a_rule_names_the_field_at_fault(ruler: Program, body: dict[str, Any], field: str) -> None:
    ruler.post("rules", {"name": "x"} | body).problem(422, field)


def test_the_default_rule_can_be_disabled_but_not_deleted(ruler: Program) -> None:
    rule = Rule.objects.get(is_default=True)
    ruler.delete(f"rules/{rule.pk}").problem(422, "rule")
    assert ruler.patch(f"rules/{rule.pk}", {"enabled": False}).good()["enabled"] is False


def test_a_dry_run_says_who_and_why_and_sends_nothing(reader: Program, pager: Channel, api: HttpApi) -> None:
    Rule.objects.create(name="severe", severity="critical", all_channels=True)
    found = reader.post("rules/dry-run", {"kind": "probe_down", "api": api.pk}).good()
    assert found["notified"] == [pager.pk]
    by_rule = {step["name"]: step for step in found["steps"]}
    assert by_rule["severe"]["outcome"] == "no_match"
    assert by_rule["severe"]["reason"]
    assert not pager.deliveries.exists()
    reader.post("rules/dry-run", {"kind": "weather"}).problem(422, "kind")
    reader.post("rules/dry-run", {"kind": "drift", "api": 4711}).problem(404)


def test_a_window_begins_now_and_ends(writer: Program, pager: Channel) -> None:
    ends = (timezone.now() + timedelta(hours=1)).isoformat()
    made = writer.post("maintenance", {"name": "upgrade", "ends_at": ends}).good(201)
    assert made["active"] is True
    found = writer.post("rules/dry-run", {"kind": "probe_down"}).good()
    assert [step["outcome"] for step in found["steps"]] == ["deferred"]
    [[listed]] = writer.pages("maintenance")
    assert listed == made
    writer.delete(f"maintenance/{made['id']}").good(204)
    assert not Maintenance.objects.exists()
    writer.delete(f"maintenance/{made['id']}").problem(404)


@pytest.fixture
def incident(api: HttpApi, pager: Channel) -> Incident:
    """An open incident."""
    probe = Probe.objects.create(api=api, name="items", origin="https://a.example", failures=2)
    ran(probe, True, False, False)
    incidents.settle_flips()
    return Incident.objects.get()


def test_why_someone_was_or_was_not_notified(reader: Program, incident: Incident, pager: Channel) -> None:
    [[row]] = reader.pages(f"incidents/{incident.pk}/notifications")
    assert (row["outcome"], row["channel"], row["delivery_state"]) == ("notified", pager.pk, "waiting")
    assert row["rule_name"] == "Everything to every channel"


def test_an_incident_is_snoozed_assigned_and_commented_on(writer: Program, incident: Incident, editor: Any) -> None:
    path = f"incidents/{incident.pk}"
    until = (timezone.now() + timedelta(hours=2)).isoformat()
    assert writer.post(f"{path}/snooze", {"until": until}).good()["snoozed_until"]
    assert writer.post(f"{path}/snooze", {"until": None}).good()["snoozed_until"] is None
    writer.post(f"{path}/snooze", {"until": None}).problem(409)
    writer.post(f"{path}/snooze", {"until": "2001-01-01T00:00:00Z"}).problem(422, "until")
    assert writer.post(f"{path}/assign", {"user": editor.username}).good()["assignee"] == editor.username
    writer.post(f"{path}/assign", {"user": "nobody"}).problem(422, "user")
    writer.post(f"{path}/comment", {"text": "looking"}).good()
    assert [note.kind for note in incident.notes.all()] == ["snoozed", "woken", "assigned", "comment"]
