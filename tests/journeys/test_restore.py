"""Two edits, then a return to how the API was before them: planned, applied, in AWS and in the history."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import accessible
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "shop-checkout"


def cors_in_aws(up: Up) -> dict[str, Any]:
    """What the real `aws` CLI says of the API."""
    command = [sys.executable, "-m", "awscli", "--endpoint-url", up.demo_endpoint, "--region", "us-east-1"]
    environ = os.environ | {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": ""}
    done = subprocess.run(
        [*command, "apigatewayv2", "get-apis"], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, Any] = next(one for one in json.loads(done.stdout)["Items"] if one["Name"] == API)
    return dict(found["CorsConfiguration"])


def apply(page: Page) -> None:
    """Press the plan's button, and wait for the page that says that it is done."""
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"/changes/\d+/"))
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()


def add_origin(up: Up, page: Page, origin: str) -> None:
    """Let an origin in, through the panel."""
    page.goto(up.url + "/")
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    box = page.get_by_role("textbox", name=re.compile("Allow-Origin")).first
    box.fill(origin)
    box.press("Enter")
    page.get_by_role("button", name="Review the plan").click()
    page.get_by_role("textbox", name="Note").fill(f"let {origin} in")
    apply(page)


def test_an_api_is_restored_to_a_moment(up: Up, page: Page) -> None:
    page.goto(up.url)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(up.password)
    page.get_by_role("button", name="Sign in").click()
    start = cors_in_aws(up)["AllowOrigins"]
    page.get_by_role("link", name=API).click()
    history = page.get_by_role("navigation", name="This API").get_by_role("link", name="History")
    history.click()
    newest = page.locator(".timeline .what a").first.get_attribute("href")

    add_origin(up, page, "https://one.example")
    add_origin(up, page, "https://two.example")
    assert sorted(cors_in_aws(up)["AllowOrigins"]) == sorted([*start, "https://one.example", "https://two.example"])

    # The change that is to be in force again leads to the plan of the way back.
    page.goto(f"{up.url}{newest}")
    page.get_by_role("link", name="Restore to this").click()
    expect(page.get_by_text("https://one.example").first).to_be_visible()
    expect(page.get_by_text("https://two.example").first).to_be_visible()
    accessible(page)
    page.get_by_role("textbox", name="Note").fill("the sale is over")
    apply(page)
    assert sorted(cors_in_aws(up)["AllowOrigins"]) == sorted(start)

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
    page.get_by_text("Restore to an earlier moment…").click()
    page.get_by_label("How it was at").fill("2020-01-31T12:00")
    accessible(page)
    page.get_by_role("button", name="Plan the way back").click()
    expect(page.get_by_text("Nothing is known of this API's configuration before")).to_be_visible()
