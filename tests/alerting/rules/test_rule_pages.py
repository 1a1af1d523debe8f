"""The pages of rules, dry run and maintenance."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apis.alerting.models import Channel, Incident
from apis.alerting.rules.models import Maintenance, Rule
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.rules.test_rules import fails
from tests.alerting.test_pages import browser

pytestmark = pytest.mark.once

RULE = {"name": "nights", "severity": "info", "to": "all", "delay": "5", "reminder": "0", "quiet_mode": "defer"}


def test_a_rule_is_added_and_changed(webhook: Channel) -> None:
    client = browser("admin")
    assert client.get("/settings/rules/add/").status_code == 200
    given = RULE | {"to": "some", "channels": [str(webhook.pk)], "quiet_from": "22:00", "quiet_until": "07:00"}
    assert client.post("/settings/rules/add/", given | {"quiet_zone": "Europe/Berlin"}).status_code == 302
    rule = Rule.objects.get(name="nights")
    assert (rule.delay, list(rule.channels.all()), rule.all_channels) == (300, [webhook], False)
    page = client.get(f"/settings/rules/{rule.pk}/").content.decode()
    assert 'value="22:00"' in page
    assert client.post(f"/settings/rules/{rule.pk}/", RULE | {"name": "days"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.all_channels, rule.quiet_from) == ("days", True, None)
    assert "days" in browser("view").get("/settings/rules/").content.decode()
    assert client.post(f"/settings/rules/{rule.pk}/delete/").status_code == 302
    assert not Rule.objects.filter(name="days").exists()


@pytest.mark.parametrize("values", [{"name": ""}, {"api": "nowhere"}, {"quiet_from": "22:00"}])
def test_a_rule_that_cannot_work_is_shown_again(db: None, values: dict[str, str]) -> None:
    page = browser("admin").post("/settings/rules/add/", RULE | values)
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()
    assert Rule.objects.count() == 1


def test_quiet_hours_without_a_time_zone_are_in_utc(webhook: Channel) -> None:
    """As those of maintenance windows: the field is optional."""
    given = RULE | {"quiet_from": "22:00", "quiet_until": "07:00", "quiet_zone": ""}
    assert browser("admin").post("/settings/rules/add/", given).status_code == 302
    assert Rule.objects.get(name="nights").quiet_zone == "UTC"


def test_an_api_is_chosen_by_name_or_id(make_api: Callable[..., HttpApi]) -> None:
    """People know the name; only the id tells APIs of the same name apart."""
    client, orders = browser("admin"), make_api("orders", "aaaaaaaaaa")
    for number, said in enumerate(["orders", " Orders ", "aaaaaaaaaa"]):
        assert client.post("/settings/rules/add/", RULE | {"name": f"by {number}", "api": said}).status_code == 302
    window = {"name": "deploy", "repeat": "now", "hours": "1", "api": "orders"}
    assert client.post("/settings/maintenance/add/", window).status_code == 302
    assert Rule.objects.filter(api=orders).count() == 3
    assert Maintenance.objects.get().api == orders
    assert "No such API" not in client.get("/settings/rules/dry-run/?kind=drift&api=orders").content.decode()
    make_api("orders", "bbbbbbbbbb")
    refused = client.post("/settings/rules/add/", RULE | {"name": "either", "api": "orders"}).content.decode()
    assert "Several APIs are called" in refused
    assert client.post("/settings/rules/add/", RULE | {"name": "one", "api": "bbbbbbbbbb"}).status_code == 302
    HttpApi.objects.filter(pk=orders.pk).update(gone_at="2026-11-20T12:00:00Z")
    gone = RULE | {"name": "of one that is gone", "api": "aaaaaaaaaa"}
    assert client.post("/settings/rules/add/", gone).status_code == 302, "its rule can still be edited"


def test_what_a_window_needs_is_not_called_optional(db: None) -> None:
    """The fields of the chosen kind; the time zone alone has a default."""
    page = browser("edit").get("/settings/maintenance/add/").content.decode()
    labels = re.findall(r"<label[^>]*>([^<]+?)\s*<span class=\"optional\">", page)
    assert labels == ["Account", "API", "Tag", "Time zone"]


def test_a_dry_run(webhook: Channel, api: HttpApi) -> None:
    client = browser("view")
    assert "pager" in client.get(f"/settings/rules/dry-run/?kind=drift&api={api.api_id}").content.decode()
    assert "No such API" in client.get("/settings/rules/dry-run/?kind=drift&api=x").content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"repeat": "now", "hours": "4"},
        {"repeat": "once", "starts_at": "2099-01-01 10:00", "ends_at": "2099-01-01 11:00"},
        {"repeat": "weekly", "weekdays": ["0", "6"], "time": "02:00", "minutes": "60", "zone": "Europe/Berlin"},
        {"repeat": "cron", "cron": "0 2 * * 1-5", "minutes": "30"},
    ],
)
def test_a_window_of_each_kind(db: None, values: dict[str, Any]) -> None:
    client = browser("edit")
    assert client.get("/settings/maintenance/add/").status_code == 200
    assert client.post("/settings/maintenance/add/", {"name": "upgrade"} | values).status_code == 302
    assert "upgrade" in client.get("/settings/maintenance/").content.decode()
    window = Maintenance.objects.get()
    assert client.post(f"/settings/maintenance/{window.pk}/delete/").status_code == 302
    assert not Maintenance.objects.exists()


def test_viewers_change_nothing(db: None) -> None:
    client = browser("view")
    for path in ("rules/add/", "rules/1/", "rules/1/delete/", "maintenance/add/", "maintenance/1/delete/"):
        assert client.post(f"/settings/{path}", {}).status_code == 403, path


class TestAnIncident:
    """What people do about it, on its page."""

    @pytest.fixture
    def incident(self, probe: Probe, webhook: Channel) -> Incident:
        return fails(probe, timezone.now() - timedelta(minutes=5))

    def test_says_why_someone_was_or_was_not_notified(self, incident: Incident) -> None:
        Rule.objects.create(name="severe", severity="critical", all_channels=True)
        page = browser("view").get(f"/incidents/{incident.pk}/").content.decode()
        assert "Everything to every channel" in page

    def test_is_snoozed_assigned_and_commented_on(self, incident: Incident) -> None:
        client: Client = browser("edit")
        path = f"/incidents/{incident.pk}/"
        for action, values in (
            ("snooze", {"hours": "4"}),
            ("assign", {"user": "the-edit"}),
            ("comment", {"text": "<b>looking</b>"}),
            ("wake", {}),
        ):
            assert client.post(f"{path}{action}/", values).status_code == 302
        page = client.get(path).content.decode()
        assert "&lt;b&gt;looking&lt;/b&gt;" in page
        incident.refresh_from_db()
        assert (incident.snoozed_until, incident.assignee) != (None, None)
        viewer = browser("view")
        for action in ("snooze", "assign", "comment", "wake"):
            assert viewer.post(f"{path}{action}/", {}).status_code == 403
