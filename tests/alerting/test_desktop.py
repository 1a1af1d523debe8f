"""Desktop notifications: which incidents a browser shows, and that it shows each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.alerting.incidents import incident_actions, incidents
from apis.alerting.models import Incident
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.support.axe import accessible
from tests.support.servers import until

pytestmark = pytest.mark.once

RECORDED = """
  window.shown = [];
  window.Notification = class extends window.Notification {
    static get permission() { return localStorage.getItem("allowed") ? "granted" : "default"; }
    static async requestPermission() {
      const answer = await super.requestPermission();
      if (answer === "granted") localStorage.setItem("allowed", "yes");
      return answer;
    }
    constructor(title, options) {
      super(title, options);
      window.shown.push({ title, tag: options.tag, notification: this });
    }
  };
"""
"""Note what the page notifies: nothing else lists it. A Chromium without a screen always calls them denied."""
FAST = "const later = window.setTimeout; window.setTimeout = (work, ms) => later(work, Math.min(ms, 200));"


def alerts(client: Client) -> list[tuple[int, bool]]:
    """What the browser is to show, and whether in silence."""
    found = client.get("/incidents/open.json").json()["alerts"]
    return [(one["id"], one["silent"]) for one in found]


@pytest.fixture
def incident(probe: Probe) -> Incident:
    """An open incident."""
    ran(probe, False, False)
    incidents.settle_flips()
    return Incident.objects.get()


class TestWhich:
    """Acknowledged and snoozed incidents are none; rules and maintenance windows silence others."""

    def test_an_open_one(self, incident: Incident, admin_client: Client) -> None:
        (alert,) = admin_client.get("/incidents/open.json").json()["alerts"]
        assert alert["url"] == f"/incidents/{incident.pk}/"
        assert incident.api.name in alert["title"]
        assert not alert["silent"]

    def test_not_an_acknowledged_one(self, incident: Incident, admin_client: Client, admin_user: User) -> None:
        incidents.acknowledge(incident, admin_user)
        assert alerts(admin_client) == []

    def test_a_snoozed_one_after_the_snooze(
        self, incident: Incident, admin_client: Client, admin_user: User, time_machine: Any
    ) -> None:
        incident_actions.snooze(incident, admin_user, timezone.now() + timedelta(hours=1))
        assert alerts(admin_client) == []
        time_machine.move_to(timezone.now() + timedelta(hours=1, minutes=1))
        assert alerts(admin_client) == [(incident.pk, False)]

    def test_in_maintenance(self, incident: Incident, admin_client: Client) -> None:
        window = edits.create_maintenance(None, {"name": "now", "ends_at": timezone.now() + timedelta(hours=1)})
        assert alerts(admin_client) == [(incident.pk, True)]
        edits.delete_maintenance(None, window)
        assert alerts(admin_client) == [(incident.pk, False)]

    def test_in_quiet_hours(self, incident: Incident, admin_client: Client) -> None:
        here = timezone.now()
        times = {"quiet_from": (here - timedelta(hours=1)).time(), "quiet_until": (here + timedelta(hours=1)).time()}
        edits.change_rule(None, Rule.objects.get(), times | {"quiet_zone": "UTC"})
        assert alerts(admin_client) == [(incident.pk, True)]

    def test_within_the_delay_of_its_rule(self, incident: Incident, admin_client: Client) -> None:
        edits.change_rule(None, Rule.objects.get(), {"delay": 3600})
        assert alerts(admin_client) == [(incident.pk, True)]

    def test_without_a_rule(self, incident: Incident, admin_client: Client) -> None:
        edits.change_rule(None, Rule.objects.get(), {"kinds": ["drift"]})
        assert alerts(admin_client) == [(incident.pk, True)]

    def test_signed_in_only(self, incident: Incident, client: Client) -> None:
        assert client.get("/incidents/open.json").status_code == 302


@pytest.fixture
def tab(live_server: Any, signed_in_page: Page) -> Page:
    """A tab of a browser that allows notifications, and asks every moment."""
    signed_in_page.context.grant_permissions(["notifications"], origin=live_server.url)
    signed_in_page.context.add_init_script(RECORDED + FAST)
    signed_in_page.goto(f"{live_server.url}/incidents/")
    return signed_in_page


def switch(page: Page, state: str) -> None:
    page.get_by_role("button", name="Your account").click()
    toggle = page.get_by_role("button", name="Desktop notifications")
    accessible(page)
    toggle.click()
    expect(toggle).to_contain_text(state)
    page.keyboard.press("Escape")


def titles(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.shown.map((one) => one.title)")
    return found


def test_each_new_incident_is_shown_once_in_one_of_several_tabs(
    incident: Incident, tab: Page, live_server: Any, make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe]
) -> None:
    """What was open before is known; a click on the notification opens the incident."""
    other = tab.context.new_page()
    other.goto(f"{live_server.url}/incidents/")
    switch(tab, "on")
    api = make_api("payments", "bcdefghijk")
    ran(make_probe(api=api), False, False)
    incidents.settle_flips()
    until(lambda: titles(tab), "it is shown")
    assert titles(tab) == ["payments: probe down"]
    # The next tab takes over when the first is gone, and knows what was shown.
    tab.evaluate("window.shown[0].notification.dispatchEvent(new Event('click'))")
    newest = Incident.objects.get(api=api)
    expect(tab).to_have_url(f"{live_server.url}/incidents/{newest.pk}/")
    tab.goto(f"{live_server.url}/api/v1/health")
    ran(make_probe(api=make_api("users", "cdefghijkl")), False, False)
    incidents.settle_flips()
    until(lambda: titles(other), "it is shown")
    assert titles(other) == ["users: probe down"]
    switch(other, "off")


def test_silent_ones_are_not_shown_and_many_at_once_are_one(
    tab: Page, make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe]
) -> None:
    """What is in maintenance comes after it, together with what else is new then."""
    switch(tab, "on")
    quiet = [make_api(f"quiet {number}", f"quiet{number:05}") for number in range(4)]
    ends = timezone.now() + timedelta(hours=1)
    windows = [edits.create_maintenance(None, {"name": api.name, "api": api.pk, "ends_at": ends}) for api in quiet]
    for api in [*quiet, make_api("payments", "bcdefghijk")]:
        ran(make_probe(api=api), False, False)
    incidents.settle_flips()
    until(lambda: titles(tab), "one is shown")
    assert titles(tab) == ["payments: probe down"]
    with transaction.atomic():
        for window in windows:
            edits.delete_maintenance(None, window)
    until(lambda: len(titles(tab)) > 1, "the others are shown")
    assert titles(tab)[1:] == ["4 new incidents"]


def test_nothing_is_asked_before_a_click(incident: Incident, live_server: Any, signed_in_page: Page) -> None:
    signed_in_page.add_init_script("window.Notification.requestPermission = () => { window.isAsked = true; };")
    signed_in_page.goto(f"{live_server.url}/incidents/")
    signed_in_page.get_by_role("button", name="Your account").click()
    expect(signed_in_page.get_by_role("button", name="Desktop notifications")).to_be_visible()
    assert signed_in_page.evaluate("window.isAsked") is None
