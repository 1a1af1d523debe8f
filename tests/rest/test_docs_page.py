"""The interactive reference of the REST API, in a real browser under the Content-Security-Policy."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect


def test_it_needs_a_signed_in_person(client: Client, signed_in: Client) -> None:
    answer = Client().get("/api/v1/docs")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/api/v1/docs")
    assert signed_in.get("/api/v1/docs").status_code == 200


def test_scripts_are_our_own_files_alone(signed_in: Client) -> None:
    policy = signed_in.get("/api/v1/docs")["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy
    assert "data:" not in signed_in.get("/settings/")["Content-Security-Policy"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_lists_the_operations_and_shows_one(signed_in_page: Page, live_server: Any, theme: str) -> None:
    """The fixture `page` fails it on any violation of the policy. Swagger UI itself fails axe, so that is not asked."""
    page = signed_in_page
    page.context.add_cookies([{"name": "corsdash_theme", "value": theme, "url": live_server.url}])
    page.set_default_timeout(60_000)
    page.goto(live_server.url + "/settings/")
    page.get_by_role("link", name="API reference").click()
    document = page.request.get(live_server.url + "/api/v1/openapi.json").json()
    operations = page.locator(".opblock")
    expect(operations).to_have_count(sum(map(len, document["paths"].values())), timeout=60_000)
    plan = page.locator(".opblock", has=page.locator("[data-path='/api/v1/apis/{pk}/plan']"))
    plan.locator(".opblock-summary-control").click()
    expect(plan.get_by_text("AllowOrigins").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')") is (theme == "dark")
