"""A new user sets up a first channel, and a person on call handles an incident with one thumb."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from apis.alerting import tasks
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.editing.bulk.models import BulkJob
from apis.inventory.history import history
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from apis.probing.runs import runner
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import ALLOWED, BLOCKED, inbox
from tests.support.axe import accessible
from tests.support.browser import sign_in
from tests.support.mirrored import account, api, outside
from tests.support.sinks import HttpSink

__all__ = ["account", "api", "inbox", "outside"]

pytestmark = pytest.mark.once

WIDTH, HEIGHT = 390, 844
BROKEN: dict[str, Any] = {"AllowOrigins": ["https://other.example.com"], "AllowMethods": ["GET"]}


_PARTS_OUTSIDE = """() => [...document.querySelectorAll(".thumb-bar *")].filter(part => {
  const box = part.getBoundingClientRect();
  return box.width > 1 && (box.left < 0 || box.right > innerWidth);
}).map(part => part.outerHTML)"""
"""The parts of the bar that the screen cuts off."""


class Hand:
    """What a person does, counted: each click and each filled field is one action."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, role: Any, name: str) -> None:
        accessible(self.page)
        self.page.get_by_role(role, name=name, exact=True).click()
        self.actions += 1

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.actions += 1


def test_from_no_channel_to_a_tested_slack_webhook(
    worker: Any, live_server: Any, signed_in_page: Page, inbox: HttpSink
) -> None:
    """In under ten actions from the page that a new user sees first; what arrives is what Slack takes."""
    page, hand = signed_in_page, Hand(signed_in_page)
    page.goto(live_server.url)
    hand.click("link", "Incidents")
    hand.click("link", "Add channel")
    page.get_by_role("link", name="Slack").click()
    hand.actions += 1
    hand.fill("Name", "alerts")
    hand.fill("Webhook URL", f"{inbox.url}/services/T0/B0/X")
    hand.click("button", "Add channel")
    hand.click("button", "Send test")
    expect(page.get_by_text("Sending")).to_be_visible()
    tasks.sweep()
    expect(page.get_by_text("Delivered")).to_be_visible()
    assert hand.actions < 10
    body = json.loads(inbox.received[0].body)
    assert "channel alerts" in body["text"]
    assert inbox.received[0].path == "/services/T0/B0/X"


@pytest.fixture
def phone(browser: Browser, live_server: Any, admin: User) -> Iterator[Page]:
    """A phone that is held in one hand."""
    screen = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(viewport=screen, has_touch=True, is_mobile=True, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server.url, admin)
    yield page
    context.close()


def tap(found: Locator) -> None:
    """Tap what a thumb reaches without scrolling: in the lower half of the screen, and large enough."""
    expect(found).to_be_visible()
    box = found.bounding_box()
    assert box is not None
    assert box["width"] >= 44 and box["height"] >= 44, box
    assert box["y"] >= HEIGHT / 2 and box["y"] + box["height"] <= HEIGHT, box
    assert box["x"] >= 0 and box["x"] + box["width"] <= WIDTH, box
    assert found.page.evaluate(_PARTS_OUTSIDE) == []
    found.tap()


@pytest.fixture
def incident(api: HttpApi, outside: Callable[..., None]) -> Callable[..., Incident]:
    """Makes an incident that a change caused, one of its own or of a bulk job."""

    def make(group: Any = None) -> Incident:
        now = timezone.now()
        probe = Probe.objects.create(api=api, name="items", origin="https://a.example", path="/items")
        outside(**BROKEN)
        made = history.record_live(api, BROKEN, now)
        assert made is not None
        at = now - timedelta(minutes=10)
        kind = Change.Kind.BULK if group else Change.Kind.PANEL
        Change.objects.filter(pk=made.pk).update(at=at, settled_at=at, kind=kind, group=group)
        for passes, ago in ((True, 20), (False, 5), (False, 4)):
            row = Probe.objects.select_related("api").get(pk=probe.pk)
            outcome = Outcome(verdict=ALLOWED if passes else BLOCKED)
            runner.store([row], [outcome], now - timedelta(minutes=ago), "schedule")
        incidents.settle_flips()
        found = Incident.objects.get()
        assert found.suspected_change == made
        return found

    return make


def test_acknowledged_by_two_taps(phone: Page, live_server: Any, incident: Callable[..., Incident]) -> None:
    found = incident()
    phone.goto(live_server.url + found.get_absolute_url())
    accessible(phone)
    tap(phone.locator("summary", has_text="Acknowledge"))
    accessible(phone)
    tap(phone.get_by_role("button", name="Acknowledge"))
    expect(phone.locator("summary", has_text="Acknowledge")).to_have_count(0)
    found.refresh_from_db()
    assert found.acknowledged_by is not None
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_reverted_by_two_taps(phone: Page, live_server: Any, incident: Callable[..., Incident]) -> None:
    """The second one is below the plan."""
    found = incident()
    phone.goto(live_server.url + found.get_absolute_url())
    tap(phone.get_by_role("link", name="Revert change"))
    accessible(phone)
    tap(phone.get_by_role("button", name="Apply change"))
    phone.wait_for_url(re.compile(r"/changes/\d+/$"))
    assert Change.objects.filter(kind="revert", reverts=found.suspected_change).exists()


def test_a_bulk_change_is_reverted_by_two_taps(
    phone: Page, live_server: Any, incident: Callable[..., Incident]
) -> None:
    job = BulkJob.objects.create(
        operation={}, title="Remove an origin", state=BulkJob.State.DONE, created_at=timezone.now()
    )
    found = incident(job.group)
    phone.goto(live_server.url + found.get_absolute_url())
    tap(phone.locator("summary", has_text="Revert bulk change"))
    accessible(phone)
    tap(phone.get_by_role("button", name="Revert all"))
    phone.wait_for_url(re.compile(r"/bulk/"))
    assert BulkJob.objects.exclude(pk=job.pk).exists()
