"""The wall screen: no one scrolls it, so everything fits, and it says how much more there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.access import tokens
from apis.alerting.models import Incident
from apis.editing.grants.models import Grant
from apis.editing.review.models import Proposal
from apis.inventory.history import history
from apis.inventory.models import Account, SyncRegion, SyncRun
from apis.probing.models import Probe
from apis.probing.runs import connectivity
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once

SCREENS = ((1920, 1080), (1280, 720), (3840, 2160), (1920, 1200))
COUNTS = {"Open incidents": 20, "Failing probes": 60, "Drift to review": 20, "Proposals to review": 20,
          "Temporary access ending soon": 20, "APIs with configuration errors": 20, "Failed syncs": 5}  # fmt: skip


@pytest.fixture
def wall(transactional_db: None, live_server: Any, admin: User) -> str:
    """The address of a wall screen."""
    return f"{live_server.url}/wall/{tokens.create(admin, 'tv', purpose='wall')[1]}/"


def fill(admin: User, apis: int = 20, regions: int = 5) -> None:
    """Make rows of every section, by default COUNTS, with names as long as they come."""
    account = an_account(f"a-production-account-with-a-long-name-{Account.objects.count()}")
    now = timezone.now()
    origin = "https://a-preview-of-a-pull-request.checkout.shop.example.com"
    for number in range(apis):
        api = an_api(account, f"checkout-and-payments-service-{number}", {"AllowOrigins": [origin]})
        history.record_live(api, {"AllowOrigins": ["*"], "AllowCredentials": True}, timezone.now())
        Incident.objects.create(api=api, opened_at=now, summary=f"{origin} → GET /payments/methods/available")
        Proposal.objects.create(api=api, state="waiting", kind="panel", summary=f"Added {origin}", proposer=admin,
                                proposer_name="admin", at=now)  # fmt: skip
        Grant.objects.create(api=api, state="active", origin=origin, lasts=60, granted_by_name="admin", at=now,
                             ends_at=now + timedelta(hours=2))  # fmt: skip
        for method in ("GET", "POST", "PUT"):
            Probe.objects.create(api=api, name=f"{method} /payments/methods from {origin}", origin=origin, state="down",
                                 failing_since=now, last_passed_at=now)  # fmt: skip
    run = SyncRun.objects.create(started_at=now, finished_at=now)
    for number in range(regions):
        SyncRegion.objects.create(run=run, account=account, region=f"ap-southeast-{number}", state="failed",
                                  error="expired", finished_at=now)  # fmt: skip


def assert_nothing_is_cut_off(page: Page) -> None:
    """Fail when the page is higher or wider than the screen, whatever its size."""
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.fonts.ready")
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size[0] <= width and size[1] <= height, (size, width, height)


def test_much_more_than_fits_is_counted_instead_of_cut_off(wall: str, admin: User, page: Page) -> None:
    fill(admin)
    page.goto(wall)
    for title, count in COUNTS.items():
        tile = page.locator("section").filter(has=page.get_by_role("heading", name=title))
        shown = tile.get_by_role("listitem").filter(has=page.locator("strong")).count()
        expect(tile.get_by_role("heading")).to_contain_text(str(count))
        expect(tile.get_by_text(f"{count - shown} more")).to_be_visible()
    assert_nothing_is_cut_off(page)
    accessible(page)
    # With a notice above, which takes its room.
    Account.objects.update(enabled=False)
    page.reload()
    expect(page.get_by_text("All accounts are disabled")).to_be_visible()
    assert_nothing_is_cut_off(page)
    Account.objects.update(enabled=True)
    connectivity.note(False, timezone.now())
    page.reload()
    assert_nothing_is_cut_off(page)


def test_where_there_is_room_the_print_is_larger(wall: str, admin: User, page: Page) -> None:
    def size() -> float:
        return float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"))

    # Three rows above two, in as many sections as there are.
    fill(admin, apis=1, regions=2)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(wall)
    expect(page.locator("section")).to_have_count(len(COUNTS))
    large = size()
    assert_nothing_is_cut_off(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    fill(admin, apis=1, regions=3)
    page.reload()
    assert size() < large


def test_few_sections_show_five_rows_each(wall: str, page: Page) -> None:
    api = an_api(an_account(), "orders", {"AllowOrigins": ["https://app.example.com"]})
    for number in range(8):
        Probe.objects.create(api=api, name=f"probe {number}", state="down", failing_since=timezone.now())
    page.goto(wall)
    expect(page.get_by_role("listitem")).to_have_count(6)
    expect(page.get_by_text("3 more")).to_be_visible()
    assert_nothing_is_cut_off(page)
