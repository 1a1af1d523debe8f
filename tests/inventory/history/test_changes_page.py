"""The history's pages: all changes, those of one API, one change with what it did."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once

FIRST = {"AllowOrigins": ["https://a.example"], "MaxAge": 600}
SECOND = {"AllowOrigins": ["https://a.example", "https://b.example"], "MaxAge": 600}


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API with CORS on."""
    return an_api(an_account(), "shop", FIRST)


def panel(api: HttpApi, user: User, cors: dict[str, Any] | None = SECOND, note: str = "") -> Change:
    """A pending change from the Configure panel."""
    return history.begin(api, cors, Author(Change.Kind.PANEL, user=user, note=note))


def test_a_change_shows_who_when_how_why_and_what(signed_in: Client, admin: User, api: HttpApi) -> None:
    change = history.settle(panel(api, admin, note="FE-412: allow b"), SECOND)
    page = signed_in.get(change.get_absolute_url()).content.decode()
    for notified in ("ada", "Configure panel", "FE-412: allow b", "Applied", f'datetime="{change.at:%Y-%m-%dT%H:%M}'):
        assert notified in page
    assert re.search(r'<li class="added">.*https://b\.example', page)
    assert "1 unchanged" in page
    assert f'href="/changes/{change.pk}/revert/"' in page


def test_a_viewer_and_a_read_only_account_get_no_revert(
    client: Client, viewer: User, admin: User, api: HttpApi
) -> None:
    change = history.settle(panel(api, admin), SECOND)
    client.force_login(viewer)
    assert "/revert/" not in client.get(change.get_absolute_url()).content.decode()
    client.force_login(admin)
    api.account.read_only = True
    api.account.save()
    assert "/revert/" not in client.get(change.get_absolute_url()).content.decode()


def test_a_failure_says_what_happened_and_what_to_do(signed_in: Client, admin: User, api: HttpApi) -> None:
    change = history.fail(panel(api, admin), "AWS refused the change: Invalid format for origin nonsense")
    page = signed_in.get(change.get_absolute_url()).content.decode()
    assert "Change not applied" in page
    assert "Invalid format for origin nonsense" in page
    assert f'href="/apis/{api.pk}/configure/"' in page


def test_a_conflict_shows_what_was_changed_meanwhile(signed_in: Client, admin: User, api: HttpApi) -> None:
    conflict = {"seen": FIRST, "live": {"AllowOrigins": ["https://evil.example"]}, "proposed": SECOND}
    moved = "AWS moved on since this was planned."
    change = history.fail(panel(api, admin), moved, Change.Failure.CONFLICT, conflict)
    page = signed_in.get(change.get_absolute_url()).content.decode()
    assert "Changed by someone else meanwhile" in page
    assert re.search(r'<li class="added">.*https://evil\.example', page)


def test_drift_is_marked_and_found_by_its_kind(signed_in: Client, admin: User, api: HttpApi) -> None:
    history.settle(panel(api, admin), SECOND)
    drift = history.record_live(api, None, timezone.now())
    assert drift is not None
    page = signed_in.get("/changes/?kind=drift").content.decode()
    assert page.count('data-label="Source"') == 1
    assert "CORS turned off" in page
    assert "Drift: changed outside corsdash" in signed_in.get(drift.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("?status=applied", 2),
        ("?status=failed", 0),
        ("?account=0", 0),
        ("?account=" + "9" * 30, 0),
        ("?kind=x&page=9", 0),
    ],
)
def test_filters(signed_in: Client, admin: User, api: HttpApi, query: str, count: int) -> None:
    history.settle(panel(api, admin), SECOND)
    assert signed_in.get(f"/changes/{query}").content.decode().count('data-label="Source"') == count


@pytest.mark.django_db(transaction=True)
def test_drift_is_reverted_where_it_is_reviewed(signed_in_page: Page, live_server: Any, api: HttpApi) -> None:
    """One button while it waits for a review, next to the others and by keyboard; afterwards as for any change."""
    page, change = signed_in_page, history.record_live(api, SECOND, timezone.now())
    assert change is not None
    page.goto(live_server.url + change.get_absolute_url())
    revert = page.get_by_role("link", name="Revert")
    expect(revert).to_have_count(1)
    accessible(page)
    page.get_by_label("Note").focus()
    for control in (page.get_by_role("button", name="Accept"), revert, page.get_by_label("Ignore for")):
        page.keyboard.press("Tab")
        expect(control).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/changes/{change.pk}/revert/")
    page.go_back()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted by ada")).to_be_visible()
    expect(revert).to_have_count(1)


def test_drift_in_a_read_only_account_can_only_be_accepted(signed_in: Client, api: HttpApi) -> None:
    change = history.record_live(api, SECOND, timezone.now())
    assert change is not None
    api.account.read_only = True
    api.account.save()
    for url in (change.get_absolute_url(), api.get_absolute_url()):
        page = signed_in.get(url).content.decode()
        assert f"/changes/{change.pk}/accept/" in page
        assert f"/changes/{change.pk}/revert/" not in page
        assert "Revert or accept" not in page and "Revert, accept" not in page


def test_one_walks_from_change_to_change(signed_in: Client, admin: User, api: HttpApi) -> None:
    discovered = api.changes.get()
    change = history.settle(panel(api, admin), SECOND)
    newest = history.record_live(api, FIRST, timezone.now())
    assert newest is not None
    page = signed_in.get(change.get_absolute_url()).content.decode()
    assert re.search(rf'href="{discovered.get_absolute_url()}" title="Previous change"', page)
    assert re.search(rf'href="{newest.get_absolute_url()}" title="Next change"', page)


def test_notes_are_escaped(signed_in: Client, admin: User, api: HttpApi) -> None:
    change = history.settle(panel(api, admin, note="<script>alert(1)</script>"), SECOND)
    for url in (change.get_absolute_url(), "/changes/", f"/apis/{api.pk}/changes/"):
        assert "<script>alert" not in signed_in.get(url).content.decode()


def test_a_long_history_costs_a_constant_number_of_queries(
    signed_in: Client, api: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(120):
        history.record_live(api, {"AllowOrigins": [f"https://{number}.example"]}, timezone.now())
    for url in ("/changes/", f"/apis/{api.pk}/changes/?page=2"):
        with django_assert_max_num_queries(14):
            answer = signed_in.get(url)
        assert len(answer.content) < 150_000


@pytest.mark.django_db(transaction=True)
def test_a_pending_change_is_followed_until_it_is_settled(
    signed_in_page: Any, live_server: Any, admin: User, api: HttpApi
) -> None:
    page = signed_in_page
    change = panel(api, admin)
    page.goto(live_server.url + change.get_absolute_url())
    page.get_by_role("heading", name="Applying").wait_for()
    assert page.get_by_role("link", name="Revert").count() == 0
    history.settle(change, SECOND)
    page.get_by_role("heading", name="Changes").wait_for()
    assert page.locator("[hx-get][hx-trigger^='every']#change").count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(signed_in_page: Any, live_server: Any, admin: User, api: HttpApi) -> None:
    page = signed_in_page
    failed = history.fail(panel(api, admin), "AWS refused the change.")
    settled = history.settle(panel(api, admin, note="why"), SECOND)
    for url in ("/changes/", settled.get_absolute_url(), failed.get_absolute_url()):
        page.goto(live_server.url + url)
        accessible(page)
