"""The sync's page and the top bar: started by editors, followed until it is done."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun
from apis.inventory.reading import sync
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once


def finish(run: SyncRun, error: str = "") -> None:
    """Settle every region of a run, as its workers do."""
    for region in run.regions.all():
        region.state, region.error = ("failed", error) if error else ("done", "")
        region.found, region.finished_at = 0 if error else 12, timezone.now()
        region.save()
    SyncRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())


def test_a_sync_of_one_region_is_handed_to_the_workers(signed_in: Client, broker: Any) -> None:
    account = an_account(regions=["eu-west-1", "us-east-1"])
    broker.delete("requested")
    answer = signed_in.post("/sync/", {"account": account.pk, "region": "eu-west-1"})
    run = SyncRun.objects.get()
    assert answer["Location"] == f"/sync/{run.pk}/"
    assert [one.region for one in run.regions.all()] == ["eu-west-1"]
    assert run.asked_by is not None
    assert broker.llen("requested") == 1


def test_a_region_that_no_account_has_is_refused_with_words(signed_in: Client) -> None:
    answer = signed_in.post("/sync/", {"region": "mars-north-1"}, follow=True)
    assert "Sync not started" in answer.content.decode()
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize("account", ["0", "x", "²", "9" * 30])
def test_an_account_that_is_not_there_starts_nothing(signed_in: Client, account: str) -> None:
    an_account()
    assert signed_in.post("/sync/", {"account": account}).status_code == 404
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_next_leads_nowhere_else(signed_in: Client, back: str) -> None:
    an_account()
    assert signed_in.post("/sync/", {"next": back})["Location"].startswith("/sync/")


def test_a_sync_is_not_started_by_a_link(signed_in: Client) -> None:
    assert signed_in.get("/sync/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_run_is_followed_until_it_is_done_and_then_left_alone(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    an_account()
    run = sync.start()
    page.goto(f"{live_server.url}/sync/{run.pk}/")
    page.get_by_text("Reading from AWS").wait_for()
    accessible(page)
    finish(run, "AWS could not be reached.")
    page.get_by_role("heading", name="Failed", exact=True).wait_for()
    page.get_by_text("AWS could not be reached.").wait_for()
    page.get_by_text("Sync failed in 1 region").wait_for()
    assert page.locator("#sync-run").get_attribute("hx-trigger") is None


@pytest.mark.django_db(transaction=True)
def test_an_empty_list_fills_automatically(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    account = an_account()
    run = sync.start()
    page.goto(live_server.url + "/apis/")
    page.get_by_text("Looking for APIs").wait_for()
    an_api(account, "found-by-the-sync", None)
    finish(run)
    page.get_by_role("link", name="found-by-the-sync").wait_for()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/apis/", "/apis/{}/", "/accounts/"])
def test_when_a_sync_ends_the_page_shows_what_it_found(signed_in_page: Any, live_server: Any, path: str) -> None:
    page = signed_in_page
    account = an_account()
    api = an_api(account, "before-the-sync", None)
    run = sync.start()
    page.goto(live_server.url + path.format(api.pk))
    page.get_by_text("Syncing", exact=True).wait_for()
    HttpApi.objects.update(name="after-the-sync")
    Account.objects.update(name="after-the-sync")
    finish(run)
    page.locator("#main").get_by_text("after-the-sync").first.wait_for()


@pytest.mark.django_db(transaction=True)
def test_what_someone_has_ticked_stays_when_a_sync_ends(signed_in_page: Any, live_server: Any) -> None:
    """And is shown as it is by then once nothing is ticked any more."""
    page = signed_in_page
    api = an_api(an_account(), "before-the-sync", None)
    run = sync.start()
    page.goto(live_server.url + "/apis/")
    tick = page.get_by_label("Select before-the-sync")
    tick.check()
    HttpApi.objects.update(name="after-the-sync")
    finish(run)
    page.get_by_text("Synced", exact=False).first.wait_for()
    assert tick.is_checked()
    assert page.get_by_role("link", name=api.name).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_replaced_keeps_the_focus(signed_in_page: Any, live_server: Any) -> None:
    """A link without an id, in a page that asks again each second."""
    page = signed_in_page
    account = an_account()
    run = sync.start()
    address = f"{live_server.url}/sync/{run.pk}/"
    page.goto(address)
    link = page.locator("#sync-run").get_by_role("link", name=account.name).first
    link.focus()
    element = link.element_handle()
    for _ in range(2):
        with page.expect_response(address):
            pass
    page.wait_for_function("old => !old.isConnected", arg=element)
    expect(link).to_be_focused()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_ended_leads_to_sign_in_not_into_a_fragment(
    signed_in_page: Any, live_server: Any, admin: User
) -> None:
    page = signed_in_page
    an_account()
    run = sync.start()
    page.goto(f"{live_server.url}/sync/{run.pk}/")
    page.context.clear_cookies()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert page.locator("#sync-run").count() == 0


def test_status_of_the_top_bar(signed_in: Client) -> None:
    assert "Not synced yet" in signed_in.get("/sync/status/").content.decode()
    an_account()
    run = sync.start()
    assert "Syncing" in signed_in.get("/sync/status/").content.decode()
    finish(run)
    assert "Synced" in signed_in.get("/sync/status/").content.decode()
    assert SyncRegion.objects.get().found == 12
