"""What the overview of a demo suggests: all of it on a wide screen, one line on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.demo.models import DemoHistory
from apis.inventory.models import HttpApi
from tests.support.axe import accessible
from tests.support.mirrored import account, api

__all__ = ["account", "api"]
pytestmark = pytest.mark.once


def test_on_a_phone_it_is_one_line_until_it_is_opened(
    transactional_db: None, api: HttpApi, live_server: Any, signed_in_page: Page
) -> None:
    HttpApi.objects.update(name="shop-checkout")
    DemoHistory.objects.create(state=DemoHistory.State.DONE, started_at=timezone.now())
    page = signed_in_page
    banner = page.locator(".demo-banner")
    step, line = page.get_by_role("heading", name="Break shop-checkout"), banner.locator("summary")
    page.set_viewport_size({"width": 1360, "height": 900})
    page.goto(live_server.url)
    expect(step).to_be_visible()
    expect(line).not_to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(step).not_to_be_visible()
    box, button = banner.bounding_box(), banner.get_by_role("button", name="Dismiss").bounding_box()
    assert box and button and box["height"] < 60
    assert box["y"] < button["y"] and button["y"] + button["height"] < box["y"] + box["height"]
    accessible(page)
    line.press("Enter")
    expect(step).to_be_visible()
    accessible(page)
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).not_to_be_visible()
