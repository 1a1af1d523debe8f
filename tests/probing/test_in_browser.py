"""Probes in a real browser: made, run and watched; everyone can use the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.editing.review.models import Proposal
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


CUT = """heading => {
  const cut = [];
  const nodes = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) for (const name of nodes.currentNode.data.matchAll(/[^\\s./-]+/g)) {
    const range = document.createRange();
    range.setStart(nodes.currentNode, name.index);
    range.setEnd(nodes.currentNode, name.index + name[0].length);
    if (range.getClientRects().length > 1) cut.push(name[0]);
  }
  return cut;
}"""
"""The parts of names in an element that do not stand on one line."""


@pytest.mark.parametrize("origin", ["https://previews.shop.example", f"https://{'checkout.' * 5}example"])
def test_on_a_phone_headings_break_between_the_parts_of_a_host(
    known: HttpApi, live_server: Any, signed_in_page: Page, origin: str
) -> None:
    known.name = "checkout.production.internal.example.com"
    known.save()
    probe = probe_edits.save(known, {"origin": origin, "path": "/payments/methods/available"})
    run([probe.pk])
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/probes/{probe.pk}/", f"/probes/{probe.pk}/latency/", f"/apis/{known.pk}/", "/origins/one/?origin="):
        page.goto(live_server.url + path + (origin if path.endswith("=") else ""))
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(known.name if path.startswith("/apis") else origin)
        assert heading.evaluate(CUT) == []
        assert page.locator(".crumbs").evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_a_phone_no_name_is_wider_than_a_page(
    known: HttpApi, live_server: Any, signed_in_page: Page, admin: User
) -> None:
    known.name = "checkout" * 16
    known.save()
    proposal = Proposal.objects.create(
        api=known, state="waiting", kind="panel", summary="Added *", proposer=admin, at=timezone.now()
    )
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/apis/{known.pk}/", f"/proposals/{proposal.pk}/"):
        page.goto(live_server.url + path)
        expect(
            page.get_by_role("link", name=known.name).or_(page.get_by_role("heading", name=known.name)).first
        ).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
