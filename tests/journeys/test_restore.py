"""Two edits, then a return to how the API was before them: planned, applied, in AWS and in the history."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import api_called, apply, sign_in
from tests.support.axe import accessible
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "shop-checkout"


def add_origin(up: Up, page: Page, origin: str) -> None:
    """Let an origin in, through the panel."""
    page.goto(up.url + "/apis/")
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    box = page.get_by_role("textbox", name=re.compile("Allow-Origin")).first
    box.fill(origin)
    box.press("Enter")
    page.get_by_role("button", name="Review plan").click()
    page.get_by_role("textbox", name="Note").fill(f"let {origin} in")
    apply(page)


def test_an_api_is_restored_to_a_moment(up: Up, page: Page) -> None:
    sign_in(page, up)
    start = api_called(up, API)["CorsConfiguration"]["AllowOrigins"]
    page.get_by_role("link", name=API).click()
    history = page.get_by_role("navigation", name="This API").get_by_role("link", name="History")
    history.click()
    newest = page.locator(".timeline .what a").first.get_attribute("href")

    add_origin(up, page, "https://one.example")
    add_origin(up, page, "https://two.example")
    assert sorted(api_called(up, API)["CorsConfiguration"]["AllowOrigins"]) == sorted(
        [*start, "https://one.example", "https://two.example"]
    )

    # The change that is to be in force again leads to the plan of the way back.
    page.goto(f"{up.url}{newest}")
    page.get_by_role("link", name="Restore this").click()
    expect(page.get_by_text("https://one.example").first).to_be_visible()
    expect(page.get_by_text("https://two.example").first).to_be_visible()
    accessible(page)
    page.get_by_role("textbox", name="Note").fill("the sale is over")
    apply(page)
    assert sorted(api_called(up, API)["CorsConfiguration"]["AllowOrigins"]) == sorted(start)

    # It is the newest row of the history, and is found there.
    page.goto(f"{up.url}/changes/?origin=https://two.example")
    accessible(page)
    rows = page.locator("#changes tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("the sale is over")
    expect(rows.first).to_contain_text("Revert")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "the sale is over" in download.value.path().read_text()
    # By the clock: a time before anything was known is refused, in words.
    page.get_by_role("link", name=API).first.click()
    history.click()
    page.get_by_text("Restore to a point in time…").click()
    page.get_by_label("Point in time").fill("2020-01-31T12:00")
    accessible(page)
    page.get_by_role("button", name="Plan restore").click()
    expect(page.get_by_text("The configuration is unknown before")).to_be_visible()
