"""The pages of alerts in a real browser: they move automatically, and everyone can use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.alerting import channels, tasks
from apis.alerting.incidents import incident_actions, incidents
from apis.alerting.models import Channel, Incident
from apis.inventory.models import Change
from apis.probing.models import Probe
from tests.alerting.conftest import NOON, ran
from tests.support.axe import accessible
from tests.support.sinks import Give, HttpSink

pytestmark = pytest.mark.once


@pytest.fixture
def notified(worker: Any, live_server: Any, signed_in_page: Page) -> Callable[[str], Page]:
    """Opens a page of the dashboard, with a worker that sends what the sweep hands out."""

    def go(path: str) -> Page:
        signed_in_page.goto(live_server.url + path)
        return signed_in_page

    return go


def test_a_test_message_says_automatically_what_came_of_it(
    notified: Callable[[str], Page], webhook: Channel, inbox: HttpSink
) -> None:
    page = notified("/settings/channels/")
    accessible(page)
    page.get_by_role("button", name="Send test to pager").click()
    expect(page.get_by_text("Sending")).to_be_visible()
    tasks.sweep()
    expect(page.get_by_text("Delivered")).to_be_visible()
    assert len(inbox.received) == 1
    inbox.answer_in_turn(Give(500, body=b"a secret of the receiver"))
    page.get_by_role("button", name="Send test to pager").click()
    expect(page.get_by_text("Sending")).to_be_visible()
    tasks.sweep()
    expect(page.get_by_text("The receiver answered HTTP 500.")).to_be_visible()
    assert "a secret of the receiver" not in page.content()


def test_the_result_of_a_test_stays_in_its_cell(
    notified: Callable[[str], Page], webhook: Channel, inbox: HttpSink
) -> None:
    """The list shows the state of the new message, not the channel's table of messages within a cell."""
    page = notified("/settings/channels/")
    page.get_by_role("button", name="Send test to pager").click()
    expect(page.locator(f"#last-{webhook.pk}").get_by_text("Sending")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_text("just now")).to_be_visible()
    accessible(page)


def test_a_long_reason_of_a_failed_attempt_wraps(
    notified: Callable[[str], Page], webhook: Channel, admin_user: User
) -> None:
    delivery = channels.test(webhook, admin_user)
    reason = "127.0.0.1 is not a public address: calls go there only when an admin allows its network. "
    delivery.attempts.create(at=timezone.now(), error=reason * 3, took_ms=38)
    page = notified(f"/settings/deliveries/{delivery.pk}/")
    expect(page.get_by_role("cell", name="38 ms")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_incident_is_acknowledged_and_closes_before_ones_eyes(
    notified: Callable[[str], Page], probe: Probe, webhook: Channel, changed: Callable[..., Change]
) -> None:
    changed(NOON)
    last = ran(probe, True, False, False, at=NOON)
    tasks.sweep()
    page = notified("/incidents/")
    accessible(page)
    page.get_by_role("link", name="orders").click()
    accessible(page)
    page.locator("summary", has_text="Acknowledge").click()
    page.get_by_label("Note").fill("looking at it")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("“looking at it”")).to_be_visible()
    ran(probe, True, at=last)
    incidents.settle_flips()
    expect(page.get_by_role("heading", name="Resolved")).to_be_visible(timeout=20_000)
    expect(page.locator(".page-title")).to_contain_text("Closed")
    assert Incident.objects.get().state == "closed"


def test_actions_follow_what_another_person_did(
    notified: Callable[[str], Page], probe: Probe, changed: Callable[..., Change], editor: User
) -> None:
    changed(NOON)
    ran(probe, True, False, False, at=NOON)
    incidents.settle_flips()
    incident = Incident.objects.get()
    page = notified(incident.get_absolute_url())
    offer = page.locator("summary", has_text="Acknowledge")
    expect(offer).to_be_visible()
    incident_actions.acknowledge(incident, editor)
    expect(offer).to_have_count(0, timeout=20_000)
    expect(page.locator("#incident-actions")).to_have_count(1)
    accessible(page)


def test_only_the_fields_of_the_chosen_kind_are_shown(notified: Callable[[str], Page]) -> None:
    page = notified("/settings/maintenance/add/")
    expect(page.get_by_label("Duration")).to_be_visible()
    page.get_by_label("Weekly").check()
    accessible(page)
    expect(page.get_by_label("Duration")).to_be_hidden()
    expect(page.get_by_label("Begins at")).to_be_visible()
    page.get_by_label("Name").fill("upgrade")
    page.get_by_label("Monday").check()
    page.get_by_label("Begins at").fill("02:00")
    page.get_by_label("Lasts, in minutes").fill("60")
    page.get_by_role("button", name="Add window").click()
    expect(page.get_by_role("row", name="upgrade")).to_be_visible()


def test_fields_of_status_pages_and_rules(notified: Callable[[str], Page], webhook: Channel) -> None:
    page = notified("/settings/status-pages/add/")
    expect(page.get_by_label("API names or ids")).to_be_hidden()
    page.get_by_label("Only these APIs").check()
    expect(page.get_by_label("API names or ids")).to_be_visible()
    page = notified("/settings/rules/add/")
    expect(page.get_by_label("pager")).to_be_hidden()
    page.get_by_label("Only these").check()
    expect(page.get_by_label("pager")).to_be_visible()


def test_the_navigation_counts_along_with_the_overview(notified: Callable[[str], Page], probe: Probe) -> None:
    page = notified("/")
    page.clock.install()
    page.reload()
    incidents_link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Incidents")
    expect(incidents_link).to_have_text("Incidents")
    incidents_link.focus()
    ran(probe, True, False, False)
    tasks.sweep()
    page.clock.fast_forward(16_000)
    expect(page.get_by_role("heading", name="Open incidents")).to_be_visible()
    expect(incidents_link).to_have_text("Incidents 1 open", use_inner_text=False)
    expect(incidents_link).to_be_focused()
