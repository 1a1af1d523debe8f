"""Probes in a real browser: made, run and watched; everyone can use the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.runs.runner import run
from tests.support.axe import accessible

pytestmark = pytest.mark.once


@pytest.fixture
def known(transactional_db: None, api: HttpApi) -> HttpApi:
    """The API with its addresses known."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


def test_a_probe_is_added_run_and_run_again_before_ones_eyes(
    known: HttpApi, worker: Any, live_server: Any, signed_in_page: Page, outside: Callable[..., None]
) -> None:
    page = signed_in_page
    page.goto(f"{live_server.url}/apis/{known.pk}/probes/")
    page.get_by_role("link", name="Add probe").first.click()
    accessible(page)
    page.get_by_label("Path").fill("/items")
    page.get_by_label("Name").fill("shop window")
    page.get_by_role("button", name="Add and run").click()
    expect(page.get_by_text("Allowed, as expected")).to_be_visible()
    expect(page.locator(".page-title")).to_contain_text("Passing")
    expect(page.get_by_text("1 of 1 passed (100 %)")).to_be_visible()
    outside(AllowOrigins=["https://other.example"])
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("Blocked; expected allowed")).to_be_visible()
    expect(page.get_by_text("Running now")).not_to_be_visible()
    expect(page.locator(".page-title")).to_contain_text("Failing")
    expect(page.get_by_text("1 of 2 passed (50 %)")).to_be_visible()
    page.get_by_role("link", name="Explain this result").click()
    expect(page.get_by_label("Origin").first).to_have_value("https://a.example")


def test_the_pages_are_accessible(known: HttpApi, live_server: Any, signed_in_page: Page) -> None:
    good = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    bad = probe_edits.save(
        known, {"origin": "https://evil.example", "path": "/items", "headers": ["x-one"], "failures": 1}
    )
    results = run([good.pk, bad.pk])
    page = signed_in_page
    for path in ("/probes/", f"/apis/{known.pk}/probes/", f"/probes/{bad.pk}/", f"/results/{results[0].pk}/"):
        page.goto(live_server.url + path)
        accessible(page)
