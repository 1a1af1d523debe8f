"""Explain without sign-in: only when an admin allows it, and never with anything of the inventory."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from apis.inventory.models import HttpApi
from tests.insight.explaining import CHROME, HOST, PAGE, STRANGER, an_explained_api, asked, cause, verdict

pytestmark = pytest.mark.once

PATHS = ("/explain/", "/explain/causes/", "/explain/causes/cors-off/", "/explain/rules/")


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API whose name no stranger may see."""
    return an_explained_api()


@pytest.fixture
def allowed(db: None, settings: Any) -> None:
    """An admin allows it."""
    settings.CORSDASH_PUBLIC_EXPLAIN = True
    cache.clear()


@pytest.mark.parametrize("path", PATHS)
def test_it_is_off_unless_allowed(client: Client, db: None, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in/")
    assert client.post(path)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", PATHS)
def test_when_allowed_it_opens_without_navigation(client: Client, allowed: None, db: None, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert "/accounts/" not in page.content.decode() and "/changes/" not in page.content.decode()


@pytest.mark.parametrize("given", [{}, {"api": "orders"}, {"api": "1"}, {"answer": "api:orders"}, {"cors": "null"}])
def test_nothing_of_the_inventory_is_used(client: Client, allowed: None, api: HttpApi, given: dict[str, str]) -> None:
    """The same text is answered as about a host that no one knows."""
    for answer in (
        client.post("/explain/", {"pasted": CHROME, **given}, follow=True),
        asked(client, origin=STRANGER, url=f"{HOST}/items", **given),
        asked(client, origin=STRANGER, url="/items", **given),
    ):
        page = answer.content.decode()
        assert answer.context["question"].api is None
        assert "orders" not in page.replace('value="orders"', "") and PAGE not in page.replace("app.example.com", "", 1)
        assert "/configure/" not in page and "/explain/live/" not in page


def test_a_pasted_configuration_is_explained(client: Client, allowed: None, api: HttpApi) -> None:
    answer = client.post("/explain/", {"pasted": CHROME, "cors": f"AllowOrigins={PAGE}"}, follow=True)
    assert (verdict(answer), cause(answer)) == ("error", "origin-not-allowed")


def test_other_pages_stay_closed(client: Client, allowed: None, api: HttpApi) -> None:
    for path in ("/", f"/apis/{api.pk}/explain/", "/apis/choices/?api=o", "/compare/", "/explain/live/x/"):
        assert client.get(path)["Location"].startswith("/sign-in/"), path
    assert client.post("/explain/live/", {"api": api.pk})["Location"].startswith("/sign-in/")


@time_machine.travel("2026-11-20 12:00:00+00:00", tick=False)
def test_an_address_has_a_limit_and_signed_in_people_have_none(
    client: Client, signed_in: Client, allowed: None, api: HttpApi
) -> None:
    """The clock stands still, as a new minute has a new count."""
    stranger = Client()
    statuses = [asked(stranger, url=HOST).status_code for _ in range(31)]
    assert statuses[:30] == [200] * 30 and statuses[30] == 429
    refused = stranger.post("/explain/", {"pasted": CHROME})
    assert refused.status_code == 429 and refused["Retry-After"]
    assert asked(signed_in, url=HOST).status_code == 200
