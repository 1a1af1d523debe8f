"""Someone else changes an API while its form is open: both changes are picked, and both end up in AWS."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import apply, aws, cors_in_aws, sign_in
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "preview-backend"


def test_what_both_changed_is_picked_and_reaches_aws(up: Up, page: Page) -> None:
    """The page says who changed what, offers both, and leads to a plan on what is live."""
    sign_in(page, up)
    page.get_by_role("link", name=API).click()
    api_id = next(one["ApiId"] for one in aws(up, "get-apis", region="eu-west-1")["Items"] if one["Name"] == API)
    page.get_by_role("link", name="Configure").first.click()
    page.get_by_role("textbox", name="Access-Control-Allow-Origin").fill("http://localhost:5173")
    page.get_by_role("textbox", name="Access-Control-Max-Age").fill("600")

    # Meanwhile, with another tool.
    aws(
        up, "update-api", "--api-id", api_id, "--cors-configuration",
        'AllowOrigins="https://preview.example.com","https://theirs.example.com"', region="eu-west-1",
    )  # fmt: skip
    page.get_by_role("button", name="Review plan").click()

    # Live is read for the plan, which gives way to what was found: nothing is written, nothing is lost.
    expect(page.get_by_role("heading", name="The configuration changed since")).to_be_visible()
    expect(page.get_by_text("You added it")).to_be_visible()
    expect(page.get_by_text("Others added it")).to_be_visible()
    box = page.get_by_role("checkbox", name="http://localhost", exact=True)
    expect(box).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="https://theirs.example.com")).to_be_checked()
    expect(page.get_by_role("radio", name="600 seconds")).to_be_checked()
    page.get_by_role("button", name="Plan merged result").click()
    expect(page.get_by_text("Add http://localhost:5173, max-age 0 → 600")).to_be_visible()
    apply(page)
    held = until(lambda: cors_in_aws(up, api_id, region="eu-west-1"), "AWS has a configuration")
    assert sorted(held["AllowOrigins"]) == [
        "http://localhost:5173",
        "https://preview.example.com",
        "https://theirs.example.com",
    ]
    assert held["MaxAge"] == 600
    assert not [line for line in up.lines if "Traceback" in line], up.output
