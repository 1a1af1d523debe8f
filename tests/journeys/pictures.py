"""Take the README's pictures again, of a demo that has just started.

uv run --group test python -m tests.journeys.pictures
"""

from __future__ import annotations

import os
import re
from typing import Literal

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.journeys.steps import sign_in
from tests.support import chromium
from tests.support.environment import enter
from tests.support.up import ROOT, Up

FOLDER = ROOT / "docs"
SIZE: ViewportSize = {"width": 1280, "height": 860}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LEAVES, COMES = "https://www.shop.example.com", "https://m.shop.example.com"


def main() -> None:
    """Take each picture in both colour schemes."""
    enter()
    up = Up("--demo")
    try:
        up.line("^the demo's past day is ready$")
        found = chromium.find()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=found.path, args=list(found.arguments), env={**os.environ, **found.environ}
            )
            for scheme in SCHEMES:
                context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
                page = context.new_page()
                sign_in(page, up)
                expect(page.get_by_role("heading", name="APIs", exact=True)).to_be_visible()
                for name, open_page in (("overview", _overview), ("plan", _plan), ("probe", _probe)):
                    open_page(page, up)
                    page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
                context.close()
            browser.close()
    finally:
        up.stop()


def _overview(page: Page, up: Up) -> None:
    page.goto(up.url)
    expect(page.get_by_role("heading", name=re.compile("Open incidents"))).to_be_visible()


def _plan(page: Page, up: Up) -> None:
    """One origin goes, another one comes: calls are blocked, and others allowed."""
    page.goto(f"{up.url}/apis/?search=shop-checkout")
    page.get_by_role("link", name="shop-checkout").first.click()
    page.get_by_role("link", name="Configure").first.click()
    page.get_by_role("button", name=f"Remove {LEAVES}").click()
    page.locator("#typed-AllowOrigins").fill(COMES)
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_text("Compared with AWS just now")).to_be_visible()


def _probe(page: Page, up: Up) -> None:
    """A probe whose origin a drift removed for a while."""
    page.goto(f"{up.url}/probes/?search={LEAVES}")
    page.get_by_role("link", name=f"GET /cart from {LEAVES}").first.click()
    availability = page.get_by_role("heading", name="Availability")
    expect(availability).to_be_visible()
    availability.evaluate("node => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 270)")


if __name__ == "__main__":
    main()
