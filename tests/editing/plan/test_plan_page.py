"""The plan's page: what changes, what browsers will do, when it holds, and the same change in other tools' forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from apis.cors.formats import FORMATS
from apis.inventory.history import history
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat

pytestmark = pytest.mark.once

LIVE = {
    "AllowOrigins": ["https://a.example", "https://b.example/"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["*"],
    "MaxAge": 86400,
}
AFTER = {
    "AllowOrigins": ["https://a.example", "http://localhost:3000"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["*"],
    "MaxAge": 86400,
}
OWNED = {"aws:cloudformation:stack-name": "shop-stack"}


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API that CloudFormation owns."""
    return an_api(an_account(), "shop", LIVE, tags=OWNED)


@pytest.fixture
def planned(client: Client, editor: User, api: HttpApi) -> Callable[..., str]:
    """The plan's page for a proposal, if wanted with something else live than LIVE."""
    client.force_login(editor)

    def ask(after: Any = AFTER, live: Any = LIVE) -> str:
        history.record_live(api, live, timezone.now())
        sent = {"proposal": json.dumps(after), "version": HttpApi.objects.get(pk=api.pk).version}
        return flat(client.post(f"/apis/{api.pk}/plan/", sent))

    return ask


def test_it_shows_what_changes_and_what_browsers_will_do(planned: Callable[..., str]) -> None:
    page = planned()
    assert "Add http://localhost:3000, remove https://b.example/, remove method PUT" in page
    assert "New with this change" in page and "Fixed by this change" in page
    assert "http://localhost:3000" in page and "Newly allowed:" in page


def test_it_shows_for_how_long_browsers_hold_the_old_answer(planned: Callable[..., str]) -> None:
    page = planned()
    assert "When it takes effect" in page
    assert "up to 2 hours" in page and "up to 1 day" in page and "up to 10 minutes" in page
    assert "<code>use PUT</code>" in page
    assert "Add the new origins, move the site" in page and "Wait 1 day" in page
    assert "When it takes effect" not in planned({**LIVE, "ExposeHeaders": ["x-a"]})


@pytest.mark.parametrize("live", [{"MaxAge": 0}, {}])
def test_it_shows_what_browsers_do_without_a_max_age(planned: Callable[..., str], live: dict[str, Any]) -> None:
    """0 and none are one: what browsers keep without the header is theirs to say."""
    before = {name: value for name, value in LIVE.items() if name != "MaxAge"} | live
    page = planned(before | {"AllowMethods": ["GET"]}, before)
    assert "No max-age is set (0 counts as none)." in page
    assert "cache preflight responses for 5 seconds" in page and "up to 5 seconds" in page
    assert "max-age of 0" not in page


def test_a_site_that_is_in_already_is_not_to_be_allowed_first(planned: Callable[..., str]) -> None:
    page = planned(LIVE | {"AllowOrigins": ["https://x.example.com"]}, LIVE | {"AllowOrigins": ["*"]})
    assert "may reach the backend without a new preflight" in page
    assert "Add the new origins, move the site" not in page and "Wait 1 day" in page


def test_it_shows_what_script_can_no_longer_read(planned: Callable[..., str]) -> None:
    page = planned(LIVE, LIVE | {"ExposeHeaders": ["x-request-id"]})
    assert "Scripts can no longer read x-request-id." in page
    assert 'class="badge">changes</span>' in page
    assert "Before:" not in page and "Newly" not in page


def test_it_counts_the_headers_that_were_not_tried(planned: Callable[..., str]) -> None:
    live = LIVE | {"AllowHeaders": ["x-cart-id"]}
    page = planned(LIVE | {"AllowHeaders": [f"app-{number:02}" for number in range(12)]}, live)
    assert "GET with x-cart-id" in page
    assert "2 more headers not checked; removed headers come first." in page
    assert "not checked" not in planned(LIVE | {"AllowHeaders": []}, live)


def test_it_says_which_stages_wait_for_a_deployment(planned: Callable[..., str], api: HttpApi) -> None:
    """Neither does the page claim to know what is live there, nor that the guard sees it."""
    Probe.objects.create(api=api, name="the shop", origin="https://a.example", path="/items")
    gone = LIVE | {"AllowOrigins": ["https://new.example"]}
    api.endpoint, api.stages = "https://abc.execute-api.example", [{"name": "$default", "auto_deploy": True}]
    api.save()
    page = planned(gone)
    assert "the shop" in page and "Newly blocked:" in page and "Automatic revert does not cover" not in page
    api.stages = [{"name": "prod", "auto_deploy": False}]
    api.save()
    page = planned(gone)
    assert "Stage prod needs a deployment first. Automatic revert does not cover it." in page
    assert "Last deployed to prod" in page and "after deployment</span>" in page
    assert "Blocked after deployment:" in page and "Allowed after deployment:" in page
    assert "Newly" not in page and ">changes</span>" not in page
    api.stages = [{"name": "prod", "auto_deploy": False}, {"name": "beta", "auto_deploy": False}]
    api.save()
    assert "Stages prod, beta need a deployment first. Automatic revert does not cover them." in planned(gone)


def test_the_first_step_of_the_safe_order_is_planned(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    sent = {"proposal": json.dumps(AFTER), "version": 1, "first": "shorter"}
    assert "Max-age 86400 → 0" in client.post(f"/apis/{api.pk}/plan/", sent).content.decode()


def test_it_offers_the_owners_form_first(planned: Callable[..., str]) -> None:
    page = planned()
    assert "AWS CloudFormation (stack shop-stack) manages this API" in page
    assert "CorsConfiguration:" in page and "http://localhost:3000" in page
    assert "@@ -" in page, "the patch"


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_change_in_every_form(client: Client, editor: User, api: HttpApi, name: str) -> None:
    client.force_login(editor)
    answer = client.post(f"/apis/{api.pk}/plan/export/", {"proposal": json.dumps(AFTER), "format": name})
    page = flat(answer)
    assert answer.status_code == 200
    assert re.search(rf'value="{name}" [^>]*aria-pressed="true"', page)
    assert "localhost:3000" in page


def test_the_panel_leads_to_it_too(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    page = client.get(f"/apis/{api.pk}/configure/").content.decode()
    assert 'name="format" value="cloudformation"' in " ".join(page.split())
    sent = {"AllowOrigins": ["https://new.example"], "MaxAge": "5", "format": "cloudformation"}
    assert "https://new.example" in client.post(f"/apis/{api.pk}/plan/export/", sent).content.decode()


@pytest.mark.parametrize("bad", ["", "{", "[]", '{"Nope": 1}'])
def test_what_is_no_proposal_is_refused(client: Client, editor: User, api: HttpApi, bad: str) -> None:
    client.force_login(editor)
    assert client.post(f"/apis/{api.pk}/plan/export/", {"proposal": bad}).status_code == 400


def test_an_account_that_refuses_says_why_and_gives_the_change(
    client: Client, editor: User, api: HttpApi, planned: Callable[..., str]
) -> None:
    api.account.refuse_owned = True
    api.account.save()
    page = planned()
    assert "refuses direct edits" in page and "CorsConfiguration:" in page
    assert ">Apply</button>" not in page
    answer = client.post(f"/apis/{api.pk}/apply/", {"proposal": json.dumps(AFTER), "version": 1})
    assert answer.status_code == 422
    assert not Change.objects.filter(api=api, kind="panel").exists()


def test_a_revert_is_refused_there_too(client: Client, editor: User, api: HttpApi) -> None:
    history.record_live(api, AFTER, timezone.now())
    history.record_live(api, {**AFTER, "MaxAge": 60}, timezone.now())
    type(api.account).objects.filter(pk=api.account_id).update(refuse_owned=True)
    change = Change.objects.filter(api=api, kind="drift")[0]
    client.force_login(editor)
    page = client.get(f"/changes/{change.pk}/revert/").content.decode()
    assert "refuses direct edits" in page and "CorsConfiguration:" in page
    assert ">Apply</button>" not in page


def test_many_entries_cost_no_more_queries(
    client: Client, editor: User, api: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(editor)
    many = {**AFTER, "AllowOrigins": [f"https://{number}.example" for number in range(100)]}
    with django_assert_max_num_queries(16):
        answer = client.post(f"/apis/{api.pk}/plan/", {"proposal": json.dumps(many), "version": 1})
    assert len(answer.content) < 150_000


def open_plan(page: Page, base: str, api: HttpApi) -> None:
    """Open the panel with AFTER and go on to the plan."""
    page.goto(f"{base}/apis/{api.pk}/configure/?cors={json.dumps(AFTER)}")
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_role("heading", name="Changes")).to_be_visible()


def test_another_form_is_chosen_in_the_page(signed_in_page: Page, live_server: Any, api: HttpApi) -> None:
    open_plan(signed_in_page, live_server.url, api)
    signed_in_page.get_by_role("button", name="Terraform", exact=True).click()
    expect(signed_in_page.get_by_text("cors_configuration {").first).to_be_visible()
    expect(signed_in_page.get_by_role("heading", name="Changes")).to_be_visible()
    expect(signed_in_page.get_by_role("button", name="Terraform", exact=True)).to_have_attribute("aria-pressed", "true")


def test_the_pages_are_accessible(signed_in_page: Page, live_server: Any, api: HttpApi) -> None:
    open_plan(signed_in_page, live_server.url, api)
    accessible(signed_in_page)
    signed_in_page.go_back()
    signed_in_page.get_by_role("button", name="View change as AWS CloudFormation").click()
    expect(signed_in_page.get_by_role("heading", name="As code (Terraform, CLI, …)")).to_be_visible()
    accessible(signed_in_page)
    signed_in_page.goto(f"{live_server.url}/apis/{api.pk}/export/")
    accessible(signed_in_page)
