"""Twenty origins, pasted as they stand in a mail and in a script: mended, planned, applied, in AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.support.axe import accessible
from tests.support.up import Up

pytestmark = pytest.mark.once

API = "profile-service"
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""
MAIL = "\n".join(f"https://shop-{number}.example.com" for number in range(1, 11))
SCRIPT = "AllowOrigins=" + ",".join(f'"https://team-{number}.example.com"' for number in range(1, 10))
WRONG = "https://late.example.com/"


def origins_in_aws(up: Up) -> list[str]:
    """What the real `aws` CLI says of the API."""
    command = [sys.executable, "-m", "awscli", "--endpoint-url", up.demo_endpoint, "--region", "eu-west-1"]
    environ = os.environ | {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_PAGER": ""}
    done = subprocess.run(
        [*command, "apigatewayv2", "get-apis"], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    found = next(one for one in json.loads(done.stdout)["Items"] if one["Name"] == API)
    return list(found.get("CorsConfiguration", {}).get("AllowOrigins", []))


def test_many_origins_are_pasted(up: Up, page: Page) -> None:
    page.goto(up.url)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(up.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=API).click()
    page.get_by_role("link", name="Configure").first.click()
    box = page.locator("#typed-AllowOrigins")
    box.focus()
    page.evaluate(PASTE, MAIL)
    page.evaluate(PASTE, SCRIPT)
    box.press_sequentially(WRONG)
    page.get_by_label("GET", exact=True).check()
    expect(page.locator("#field-AllowOrigins li.token")).to_have_count(20)

    # What cannot match is said beside the field, and mended by its button.
    finding = page.locator("#findings-AllowOrigins")
    expect(finding).to_contain_text("ends with a slash")
    accessible(page)
    finding.get_by_role("button", name="https://late.example.com").click()
    expect(finding).not_to_contain_text("ends with a slash")

    page.get_by_role("button", name="Review the plan").click()
    expect(page.get_by_text("https://shop-10.example.com").first).to_be_visible()
    page.get_by_role("textbox", name="Note").fill("the shops and the teams")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile(r"/changes/\d+/"))
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()
    expected = [*MAIL.split("\n"), *re.findall(r'"([^"]+)"', SCRIPT), WRONG.rstrip("/")]
    assert sorted(origins_in_aws(up)) == sorted(expected)

    # Once it is live, there is no draft left that would ask to be filled in.
    page.get_by_role("link", name=API).first.click()
    page.get_by_role("link", name="Configure").first.click()
    expect(page.locator("#field-AllowOrigins li.token")).to_have_count(20)
    expect(page.locator("#draft")).to_be_hidden()
