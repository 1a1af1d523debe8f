"""Twenty origins, pasted as they are in a mail and in a script: fixed, planned, applied, in AWS."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import api_called, apply, paste, sign_in
from tests.support.axe import accessible
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "profile-service"
MAIL = "\n".join(f"https://shop-{number}.example.com" for number in range(1, 11))
SCRIPT = "AllowOrigins=" + ",".join(f'"https://team-{number}.example.com"' for number in range(1, 10))
WRONG = "https://late.example.com/"


def test_many_origins_are_pasted(up: Up, page: Page) -> None:
    sign_in(page, up)
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    page.wait_for_url("**/configure/")  # with its scripts, which read what is pasted
    box = page.locator("#typed-AllowOrigins")
    box.focus()
    paste(page, MAIL)
    paste(page, SCRIPT)
    box.press_sequentially(WRONG)
    page.get_by_label("GET", exact=True).check()
    expect(page.locator("#field-AllowOrigins li.token")).to_have_count(20)

    # What cannot match is said besides the field, and fixed by its button.
    finding = page.locator("#findings-AllowOrigins")
    expect(finding).to_contain_text("Trailing slash")
    accessible(page)
    finding.get_by_role("button", name="https://late.example.com").click()
    expect(finding).not_to_contain_text("Trailing slash")

    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_text("https://shop-10.example.com").first).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("the shops and the teams")
    apply(page)
    expected = [*MAIL.split("\n"), *re.findall(r'"([^"]+)"', SCRIPT), WRONG.rstrip("/")]
    assert sorted(api_called(up, API, "eu-west-1")["CorsConfiguration"]["AllowOrigins"]) == sorted(expected)

    # Once it is live, there is no draft left that would ask to be filled in.
    page.get_by_role("link", name=API).first.click()
    page.get_by_role("link", name="Configure").first.click()
    expect(page.locator("#field-AllowOrigins li.token")).to_have_count(20)
    expect(page.locator("#draft")).to_be_hidden()
