"""Somebody breaks an API; a person sees it on the overview, opens it and reverts it, all with the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import api_called, aws, cors_in_aws
from tests.support.axe import accessible
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once

API, REGION, ORIGIN = "store-locator", "ap-southeast-2", "https://keyboard.example.com"
MOST_PRESSES = 80
_FOCUSED = """() => {
  const focused = document.activeElement;
  return (focused?.getAttribute("aria-label") || focused?.textContent || "").trim().replace(/\\s+/g, " ");
}"""


def set_origins(up: Up, api_id: str, origins: list[str]) -> None:
    """Change the API with the CLI."""
    value = f"AllowOrigins={','.join(origins)}"
    aws(up, "update-api", "--api-id", api_id, "--cors-configuration", value, region=REGION)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    seen: list[str] = []
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED))
        if re.search(name, seen[-1]):
            return
    pytest.fail(f"Tab never comes to {name!r}, only to {seen}")


def follow(page: Page, name: str) -> None:
    """Open the link, or press the button, that is called so."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_break_is_seen_opened_and_reverted_without_the_pointer(up: Up, page: Page) -> None:
    api_id = api_called(up, API, REGION)["ApiId"]
    before = cors_in_aws(up, api_id, REGION)
    watched = [*before["AllowOrigins"], ORIGIN]
    set_origins(up, api_id, watched)
    up.manage("sync")
    token = up.manage("token", "admin").strip().splitlines()[-1].split()[-1]
    headers = {"Authorization": f"Bearer {token}"}
    rest = f"{up.url}/api/v1"
    found = page.request.get(f"{rest}/apis?search={API}", headers=headers).json()["items"]
    [api] = [one for one in found if one["api_id"] == api_id]
    body = {"api": api["id"], "origin": ORIGIN, "path": "/stores", "failures": 1, "interval": 10}
    made = page.request.post(f"{rest}/probes", headers=headers, data=body).json()

    def state() -> str:
        return str(page.request.get(f"{rest}/probes/{made['id']}", headers=headers).json()["state"])

    until(lambda: state() == "up", "the probe passes")

    page.goto(up.url)
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(up.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()

    # The break comes while the page is open, and shows without a reload.
    set_origins(up, api_id, before["AllowOrigins"])
    up.manage("sync")
    section = page.locator("section", has=page.get_by_role("heading", name="Open incidents"))
    incident = section.get_by_role("link", name=API)
    expect(incident.first).to_be_visible(timeout=60_000)

    # Open, revert, apply.
    tab_to(page, API)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/incidents/\d+/"))
    follow(page, "^Revert change$")
    accessible(page)
    follow(page, "^Apply")
    page.wait_for_url(re.compile(r"/changes/\d+/"))
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()
    assert ORIGIN in cors_in_aws(up, api_id, REGION)["AllowOrigins"]
    until(lambda: state() == "up", "the probe passes again")
    page.request.delete(f"{rest}/probes/{made['id']}", headers=headers)
    assert not [line for line in up.lines if "Traceback" in line], up.output
