"""Someone changes an API with the aws CLI; the dashboard says who, one drift is accepted and another reverted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import api_called, apply, aws, sign_in
from tests.support.axe import accessible
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "shop-checkout"


def synced(up: Up, page: Page, text: str) -> None:
    """Sync the API's region, until its page says `text`."""
    with page.expect_navigation():
        page.get_by_role("button", name="Sync", exact=True).click()
    until(lambda: page.reload() and page.get_by_text(text).count(), f"the page says {text}")


def test_drift_is_named_accepted_and_reverted(up: Up, page: Page) -> None:
    api_id = api_called(up, API)["ApiId"]
    sign_in(page, up)
    page.get_by_role("link", name=API).click()

    # What is reviewed is locked.
    page.get_by_text("Lock this configuration…").click()
    page.get_by_label("Note").last.fill("reviewed")
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_text("Locked to version")).to_have_count(2)

    # Alice changes it with the CLI.
    aws(up, "update-api", "--api-id", api_id, "--cors-configuration", "MaxAge=1234", user="alice")
    synced(up, page, "user/alice")
    expect(page.get_by_role("heading", name="Baseline violation")).to_be_visible()
    accessible(page)

    # It is accepted, with a reason, and the lock moves along.
    page.get_by_label("Note").first.fill("agreed with Alice")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("“agreed with Alice”")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name=API).first.click()
    page.get_by_role("button", name="Lock current configuration").click()
    expect(page.get_by_role("heading", name="Baseline violation")).to_have_count(0)

    # Bob's is reverted.
    aws(up, "update-api", "--api-id", api_id, "--cors-configuration", "MaxAge=4321", user="bob")
    synced(up, page, "user/bob")
    page.get_by_role("link", name="Revert", exact=True).click()
    apply(page)
    assert aws(up, "get-api", "--api-id", api_id, user="bob")["CorsConfiguration"]["MaxAge"] == 1234
    page.get_by_role("link", name=API).first.click()
    expect(page.get_by_role("heading", name="Changed outside corsdash")).to_have_count(0)
    expect(page.get_by_role("heading", name="Baseline violation")).to_have_count(0)
