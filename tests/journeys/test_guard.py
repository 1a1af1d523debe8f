"""A guarded edit breaks a probe that passed: corsdash takes it back automatically, and says so."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import aws, cors_in_aws, sign_in
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "shop-checkout"
KEPT = ["https://shop.example.com", "https://www.shop.example.com"]


def test_a_guarded_edit_that_breaks_a_probe_takes_itself_back(up: Up, page: Page) -> None:
    """The page of the change mentions it without being loaded again, and AWS holds what it held before."""
    sign_in(page, up)
    api_id = next(one["ApiId"] for one in aws(up, "get-apis")["Items"] if one["Name"] == API)
    before = cors_in_aws(up, api_id)

    # A probe that passes.
    page.get_by_role("link", name=API).click()
    page.get_by_role("navigation", name="This API").get_by_role("link", name="Probes").click()
    page.get_by_role("link", name="Add probe").click()
    page.get_by_label("Origin").fill(KEPT[1])
    page.get_by_label("Path").fill("/health")
    page.get_by_role("button", name="Add and run").click()
    expect(page.get_by_text("Allowed, as expected")).to_be_visible()

    # The edit takes its origin away, with the guard on.
    page.goto(up.url + "/apis/")
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    page.get_by_role("button", name=f"Remove {KEPT[1]}").click()
    page.get_by_role("button", name="Review plan").click()
    page.get_by_role("checkbox", name=re.compile("Revert automatically")).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"/changes/\d+/"))

    expect(page.get_by_role("heading", name="Change reverted automatically")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("newly failing", exact=True).first).to_be_visible()
    until(lambda: cors_in_aws(up, api_id) == before, "The previous configuration is live again")
    page.get_by_role("link", name="View change").click()
    expect(page.get_by_text("passed before this change and failed with it").first).to_be_visible()
    expect(page.get_by_text("Passed", exact=True).first).to_be_visible()
    assert sorted(cors_in_aws(up, api_id)["AllowOrigins"]) == sorted(KEPT)
    assert not [line for line in up.lines if "Traceback" in line], up.output
