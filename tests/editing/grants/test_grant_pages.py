"""Grants in the browser: asking for one, seeing what is open, extending and ending it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import DjangoAssertNumQueries

from apis.access.models import AuditEvent
from apis.cors.policy import CorsPolicy
from apis.editing.bulk.models import BulkJob
from apis.editing.grants import lifecycle
from apis.editing.grants.models import Grant
from apis.editing.review.models import Proposal
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat, words

pytestmark = pytest.mark.once

START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}
PREVIEW = "https://pr-123.preview.example.com"
WEEK = 7 * 86400


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API with CORS on."""
    return an_api(an_account(), "shop", START)


def given(api: HttpApi, user: User, origin: str = PREVIEW) -> Grant:
    """A grant that AWS took."""
    fresh = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
    change = lifecycle.give(fresh, origin, WEEK, user, Change.Kind.PANEL, "FE-412")
    history.settle(change, CorsPolicy.from_aws(change.proposed).to_aws())
    lifecycle.follow()
    return Grant.objects.get(change=change)


def test_it_is_planned_then_given(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    form = {"origin": f"{PREVIEW}/deep/page?x=1", "count": "7", "unit": "days", "note": "FE-412"}
    page = flat(client.post(f"/apis/{api.pk}/grants/add/", form))
    assert f"{PREVIEW} is allowed for 7 days" in page
    assert f"GET from <code>{PREVIEW}</code> will be allowed" in page
    assert not Grant.objects.exists()
    answer = client.post(f"/apis/{api.pk}/grants/add/", form | {"go": "1"})
    grant = Grant.objects.get()
    assert answer.headers["Location"] == f"/changes/{grant.change_id}/"
    assert (grant.origin, grant.lasts, grant.note) == (PREVIEW, WEEK, "FE-412")
    assert AuditEvent.objects.get().action == "added a grant"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"origin": PREVIEW, "count": "soon"}, "count"),
        ({"origin": PREVIEW, "count": "9" * 5000}, "count"),
        ({"origin": PREVIEW, "count": "999"}, "count"),
        ({"origin": PREVIEW, "count": "7", "unit": "years"}, "unit"),
        ({"origin": PREVIEW, "count": "7", "note": "x" * 401}, "note"),
        ({"origin": "*", "count": "7"}, "origin"),
        ({"origin": "", "count": "7"}, "origin"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    signed_in: Client, api: HttpApi, form: dict[str, str], field: str
) -> None:
    sent = {"note": "my note", "go": "1"} | form
    answer = signed_in.post(f"/apis/{api.pk}/grants/add/", sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    page = answer.content.decode()
    assert f'id="{field}_errors"' in page
    for typed in filter(None, (sent["origin"], sent["count"], sent["note"])):
        assert f'value="{typed}"' in page


def test_a_viewer_asks_for_it(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    form = {"origin": PREVIEW, "count": "12", "unit": "hours", "go": "1"}
    answer = client.post(f"/apis/{api.pk}/grants/add/", form)
    made = Proposal.objects.get()
    assert answer.headers["Location"] == made.get_absolute_url()
    assert "12 hours" in words(client.get(made.get_absolute_url()))


def test_the_api_and_the_list_show_of_it_and_it_is_moved_from_there(
    signed_in: Client, admin: User, api: HttpApi
) -> None:
    grant = given(api, admin)
    for address in (api.get_absolute_url(), "/grants/"):
        page = signed_in.get(address).content.decode()
        assert PREVIEW in page
        assert "“FE-412”" in page
        assert f'datetime="{grant.ends_at:%Y-%m-%dT%H:%M}' in page
    ends_at = grant.ends_at
    assert ends_at is not None
    signed_in.post(f"/grants/{grant.pk}/extend/", {"count": "9", "unit": "days"})
    grant.refresh_from_db()
    assert grant.ends_at is not None and grant.ends_at > ends_at
    answer = signed_in.post(f"/grants/{grant.pk}/keep/", {"next": "grants"}, follow=True)
    assert "is kept permanently" in answer.content.decode()
    assert signed_in.get("/grants/").content.decode().count('data-label="Ends"') == 0
    assert signed_in.get("/grants/?state=all").content.decode().count('data-label="Ends"') == 1


def test_why_it_could_not_be_ended_is_shown(signed_in: Client, admin: User, api: HttpApi) -> None:
    grant = given(api, admin)
    Grant.objects.filter(pk=grant.pk).update(
        ends_at=timezone.now() - timedelta(minutes=1), error="AWS cannot be reached.", tries=3
    )
    page = words(signed_in.get(api.get_absolute_url()))
    assert "Not removed" in page
    assert "AWS cannot be reached." in page


def test_what_is_allowed_temporarily_is_not_copied_permanently(signed_in: Client, admin: User, api: HttpApi) -> None:
    given(api, admin)
    other = an_api(api.account, "other", {"AllowOrigins": ["https://b.example"]})
    page = signed_in.post(
        f"/apis/{other.pk}/configure/", {"preset": "api", "preset_api": api.api_id, "version": "1"}
    ).content.decode()
    assert 'value="https://a.example"' in page and f'value="{PREVIEW}"' not in page
    assert f"Filled in, except temporary access: {PREVIEW}." in page


def test_one_that_was_removed_early_can_only_be_ended(signed_in: Client, admin: User, api: HttpApi) -> None:
    grant = given(api, admin)
    fresh = HttpApi.objects.get(pk=api.pk)
    history.settle(history.begin(fresh, START, Author("panel", user=admin)), START)
    for notified in ("", f"Removed early by {admin.username}"):
        for address in (api.get_absolute_url(), "/grants/"):
            page = signed_in.get(address).content.decode()
            assert "Removed early" in page and notified in page
            assert f"End temporary access for {PREVIEW}" in page and "Extend or end" not in page
        lifecycle.follow()
    assert "Ending temporary access for" in signed_in.post(f"/grants/{grant.pk}/end/", follow=True).content.decode()


def test_a_viewer_moves_nothing(client: Client, viewer: User, admin: User, api: HttpApi) -> None:
    grant = given(api, admin)
    client.force_login(viewer)
    assert "Extend or end" not in client.get(api.get_absolute_url()).content.decode()
    for verb in ("end", "extend", "keep"):
        answer = client.post(f"/grants/{grant.pk}/{verb}/", {"count": "9", "unit": "days"}, follow=True)
        assert "requires the Editor role" in answer.content.decode()
    before = grant.ends_at
    grant.refresh_from_db()
    assert (grant.state, grant.ends_at) == ("active", before)
    assert client.post(f"/grants/{grant.pk}/dance/").status_code == 404


def test_a_bulk_edit_lets_in_temporarily(signed_in: Client, api: HttpApi) -> None:
    form = {"api": api.pk, "verb": "add", "field": "AllowOrigins", "entries": PREVIEW, "count": "2", "unit": "days"}
    agreed = re.search(r'name="agreed" value="([^"]+)"', signed_in.post("/bulk/", form).content.decode())
    assert agreed
    signed_in.post("/bulk/", form | {"agreed": agreed[1], "go": "1"})
    assert BulkJob.objects.get().operation["lasts"] == 2 * 86400
    answer = signed_in.post("/bulk/", form | {"count": "x"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["count"]


def test_a_long_list_costs_a_constant_number_of_queries(
    signed_in: Client, admin: User, api: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        given(api, admin, f"https://pr-{number}.example.com")
    for address in ("/grants/", api.get_absolute_url()):
        with django_assert_max_num_queries(19):
            answer = signed_in.get(address)
        assert len(answer.content) < 150_000


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(signed_in_page: Any, live_server: Any, admin: User, api: HttpApi) -> None:
    page = signed_in_page
    given(api, admin, "https://pr-1.example.com")
    page.goto(f"{live_server.url}/apis/{api.pk}/grants/add/")
    page.get_by_label("Origin").fill(PREVIEW)
    page.get_by_role("button", name="Review plan").click()
    page.get_by_role("heading", name="Plan", exact=True).wait_for()
    accessible(page)
    for address in ("/grants/", api.get_absolute_url()):
        page.goto(live_server.url + address)
        page.get_by_text("Extend or end").first.click()
        page.mouse.move(0, 0)
        accessible(page)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["grants", "api"])
def test_what_is_on_its_way_is_followed(
    signed_in_page: Any, live_server: Any, admin: User, api: HttpApi, where: str
) -> None:
    page = signed_in_page
    grant = given(api, admin)
    Grant.objects.filter(pk=grant.pk).update(state="ending")
    page.goto(live_server.url + ("/grants/?state=all" if where == "grants" else api.get_absolute_url()))
    expect(page.get_by_text("Ending")).to_be_visible()
    Grant.objects.filter(pk=grant.pk).update(state="ended", result="It was removed.")
    expect(page.get_by_text("Ending")).to_have_count(0)
    if where == "grants":
        expect(page.get_by_text("It was removed.")).to_be_visible()
    expect(page.locator("tr[hx-trigger]")).to_have_count(0)
