"""From an empty dashboard to fifteen watched origins in at most five actions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import sign_in
from tests.support.up import Up

pytestmark = pytest.mark.once


def test_fifteen_origins_are_watched_after_four_actions(up: Up, page: Page) -> None:
    sign_in(page, up)
    before = len(up_probes(page, up))
    actions = 0

    def act(what: str, role: str = "button") -> None:
        nonlocal actions
        actions += 1
        page.get_by_role(role, name=what).click()  # type: ignore[arg-type]

    page.goto(up.url + "/apis/")
    act("Suggest probes…")
    # The routes are read from AWS while the page is open; its numbers follow.
    expect(page.get_by_text("Reading routes from AWS")).not_to_be_visible(timeout=60_000)
    at_first = int(page.locator("[data-cost=count]").inner_text().replace(",", ""))
    actions += 1
    page.get_by_label("Include predicted failures").check()
    count = int(page.locator("[data-cost=count]").inner_text().replace(",", ""))
    assert count > at_first > 0
    rows = int(page.locator("[data-cost=rows]").inner_text().replace(",", ""))
    assert rows == count * 288
    act("Add selected probes")
    expect(page.get_by_text(re.compile(rf"Added {count} probes"))).to_be_visible()
    assert actions <= 5
    made = up_probes(page, up)
    assert len(made) - before == count
    assert len({(one["api"], one["origin"]) for one in made if one["expect"] == "allowed"}) >= 15
    assert not [line for line in up.lines if "Traceback" in line], up.output


def up_probes(page: Page, up: Up) -> list[dict[str, object]]:
    """Every probe, over REST."""
    token = up.manage("token", "admin").strip().splitlines()[-1].split()[-1]
    found: list[dict[str, object]] = []
    address: str | None = f"{up.url}/api/v1/probes?limit=200"
    while address:
        answer = page.request.get(address, headers={"Authorization": f"Bearer {token}"}).json()
        found += answer["items"]
        address = answer["next"]
    return found
