"""Proposals in the browser: proposing from the plan, deciding on their page, and what needs approval."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apis.access.models import AuditEvent
from apis.access.roles import Role
from apis.cors.policy import CorsPolicy
from apis.editing.apply.models import ReviewRule
from apis.editing.review import proposals
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.inventory.history import history
from apis.inventory.models import HttpApi
from apis.ui import local_time
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat
from tests.support.people import person

pytestmark = pytest.mark.once

START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}
AFTER = {**START, "AllowOrigins": ["https://a.example", "https://b.example"]}


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API whose account needs approval."""
    return an_api(an_account(needs_approval=True), "shop", START)


@pytest.fixture
def colleague(db: None) -> User:
    """Another editor."""
    return person("cleo", Role.EDIT)


def a_proposal(api: HttpApi, user: User, **options: Any) -> Proposal:
    return proposals.propose(api, CorsPolicy.from_aws(AFTER), api.version, user, ProposalOptions(**options))


@pytest.fixture
def form(api: HttpApi) -> dict[str, Any]:
    """What the plan's page sends."""
    return {"proposal": json.dumps(AFTER), "version": api.version, "note": "FE-1"}


def plan_page(client: Client, api: HttpApi) -> str:
    answer = client.post(f"/apis/{api.pk}/plan/", {"proposal": json.dumps(AFTER), "version": api.version})
    return flat(answer)


def test_the_plan_says_propose_where_approval_is_needed(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    page = plan_page(client, api)
    assert "Changes in account production need approval." in page
    assert ">Request approval</button>" in page
    assert ">Apply change</button>" not in page
    api.account.needs_approval = False
    api.account.save()
    page = plan_page(client, api)
    assert ">Apply change</button>" in page
    assert "Schedule</button>" in page


def test_a_viewer_may_propose_where_an_editor_would_apply(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    page = plan_page(client, api)
    assert ">Request approval</button>" in page
    assert ">Apply change</button>" not in page


def test_applying_anyway_is_refused_with_what_to_do(signed_in: Client, api: HttpApi, form: dict[str, Any]) -> None:
    answer = signed_in.post(f"/apis/{api.pk}/apply/", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Request approval from another person instead." in page
    assert 'value="FE-1"' in page
    assert not api.changes.exclude(kind="discovered").exists()


def test_a_proposal_shows_who_why_what_and_how_it_went(
    client: Client, editor: User, colleague: User, api: HttpApi, form: dict[str, Any]
) -> None:
    client.force_login(editor)
    address = client.post(f"/apis/{api.pk}/propose/", form).headers["Location"]
    mine = client.get(address).content.decode()
    for words in ("Waiting for approval", "FE-1", "https://b.example", "You cannot approve your own", "Withdraw"):
        assert words in mine
    assert "Approve</button>" not in mine
    client.post(address + "comment/", {"text": "please <b>look</b>"})
    client.force_login(colleague)
    theirs = client.get(address).content.decode()
    assert "please &lt;b&gt;look&lt;/b&gt;" in theirs
    assert "Approve</button>" in theirs
    assert client.post(address + "decline/", {"text": "too wide", "revision": 1}).status_code == 302
    assert "declined this" in client.get(address).content.decode()
    assert list(AuditEvent.objects.order_by("id").values_list("actor_name", "action")) == [
        ("ed", "proposed a change"),
        ("cleo", "declined a proposal"),
    ]


def test_what_cannot_be_done_is_said_and_nothing_typed_is_lost(client: Client, editor: User, api: HttpApi) -> None:
    made = a_proposal(api, editor)
    client.force_login(editor)
    answer = client.post(made.get_absolute_url() + "approve/", {"text": "my words", "revision": 1})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "You cannot approve your own proposal" in page
    assert "my words</textarea>" in page
    made.refresh_from_db()
    assert made.state == "waiting"


def test_a_conflict_is_shown_and_planned_again(client: Client, editor: User, colleague: User, api: HttpApi) -> None:
    made = a_proposal(api, editor)
    history.record_live(api, {**START, "AllowOrigins": ["https://theirs.example"]}, timezone.now())
    proposals.suspend_conflicts()
    client.force_login(colleague)
    page = client.get(made.get_absolute_url()).content.decode()
    for words in ("Suspended: conflict", "The API changed since this was planned", "https://theirs.example"):
        assert words in page
    client.post(made.get_absolute_url() + "replan/")
    made.refresh_from_db()
    assert list(made.policy.allow_origins) == ["https://theirs.example", "https://b.example"]
    assert "Waiting for approval" in client.get(made.get_absolute_url()).content.decode()


def test_times_are_the_viewers_own(client: Client, editor: User, api: HttpApi, form: dict[str, Any]) -> None:
    client.force_login(editor)
    day = (timezone.now() + timedelta(days=30)).date()
    form |= {"when": f"{day}T18:00", "zone": "Asia/Tokyo"}
    client.post(f"/apis/{api.pk}/propose/", form)
    made = Proposal.objects.get()
    assert made.due_at is not None
    assert made.due_at.isoformat() == f"{day}T09:00:00+00:00"


def test_a_scheduled_one_is_moved_or_applied_now(client: Client, editor: User, api: HttpApi) -> None:
    api.account.needs_approval = False
    api.account.save()
    made = a_proposal(api, editor, due_at=timezone.now() + timedelta(days=1))
    client.force_login(editor)
    answer = client.post(made.get_absolute_url() + "schedule/", {"when": ""})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["when"]
    day = (timezone.now() + timedelta(days=3)).date()
    client.post(made.get_absolute_url() + "schedule/", {"when": f"{day}T10:00", "zone": "UTC"})
    made.refresh_from_db()
    assert made.try_at is not None
    assert made.try_at.date() == day
    client.post(made.get_absolute_url() + "schedule/", {"now": "1"})
    made.refresh_from_db()
    assert proposals.is_due(made)
    page = client.get(made.get_absolute_url())
    assert "This page updates automatically." in page.content.decode()
    assert b'hx-trigger="every 500ms"' in client.get(made.get_absolute_url(), headers={"HX-Request": "true"}).content


@pytest.mark.parametrize("text", ["tomorrow", "2027-13-01T00:00", "0001-01-01T00:00"])
def test_what_is_no_time_is_said_on_the_plan(
    client: Client, editor: User, api: HttpApi, form: dict[str, Any], text: str
) -> None:
    client.force_login(editor)
    answer = client.post(f"/apis/{api.pk}/propose/", form | {"when": text, "zone": "Asia/Tokyo"})
    assert answer.status_code == 422
    assert f'value="{text}"' in answer.content.decode()
    assert not Proposal.objects.exists()


def test_a_zone_that_is_none_means_utc() -> None:
    at = local_time.read("2027-01-31T18:00", "../../etc/passwd")
    assert at is not None and at.isoformat() == "2027-01-31T18:00:00+00:00"


def test_admins_say_what_needs_approval(signed_in: Client, api: HttpApi) -> None:
    account = api.account
    signed_in.post(f"/settings/approval/accounts/{account.pk}/", {"on": "0"})
    signed_in.post("/settings/approval/", {"key": "environment", "value": "production"})
    signed_in.post("/settings/approval/", {"key": "environment", "value": "production"})
    signed_in.post(f"/apis/{api.pk}/approval/", {"on": "1"})
    account.refresh_from_db()
    api.refresh_from_db()
    assert (account.needs_approval, api.needs_approval) == (False, True)
    page = signed_in.get("/settings/approval/").content.decode()
    assert "environment=production" in page
    assert "shop" in page
    assert "Changes to this API need approval." in signed_in.get(api.get_absolute_url()).content.decode()
    signed_in.post(f"/settings/approval/rules/{ReviewRule.objects.get().pk}/delete/")
    assert not ReviewRule.objects.exists()
    assert AuditEvent.objects.count() == 4
    assert signed_in.post("/settings/approval/", {"key": " ", "value": "x"}).status_code == 422


def test_only_admins_do(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    assert client.get("/settings/approval/").status_code == 403
    for address in (f"/apis/{api.pk}/approval/", f"/settings/approval/accounts/{api.account_id}/"):
        assert client.post(address, {"on": "0"}).status_code == 403
    api.account.refresh_from_db()
    assert api.account.needs_approval


def test_an_api_shows_what_waits_for_it(signed_in: Client, editor: User, api: HttpApi) -> None:
    made = a_proposal(api, editor)
    assert f'href="{made.get_absolute_url()}"' in signed_in.get(api.get_absolute_url()).content.decode()


def test_the_navigation_counts_what_waits_for_oneself(
    client: Client, editor: User, colleague: User, viewer: User, api: HttpApi
) -> None:
    a_proposal(api, editor)
    counted = '1<span class="visually-hidden"> waiting for you'
    for user, times in ((editor, 0), (viewer, 0), (colleague, 2)):
        client.force_login(user)
        assert flat(client.get("/proposals/")).count(counted) == times


def test_a_long_list_costs_a_constant_number_of_queries(
    signed_in: Client, editor: User, api: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = [a_proposal(api, editor) for _ in range(60)]
    for _ in range(60):
        proposals.comment(made[0], editor, "x" * 300)
    with django_assert_max_num_queries(11):
        answer = signed_in.get("/proposals/")
    assert len(answer.content) < 150_000
    with django_assert_max_num_queries(14):
        answer = signed_in.get(made[0].get_absolute_url())
    assert len(answer.content) < 150_000


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(signed_in_page: Any, live_server: Any, editor: User, api: HttpApi) -> None:
    page = signed_in_page
    ReviewRule.objects.create(key="environment", value="production")
    made = a_proposal(api, editor, note="why")
    proposals.comment(made, editor, "a comment")
    held = a_proposal(api, editor)
    history.record_live(api, {**START, "MaxAge": 5}, timezone.now())
    proposals.suspend_conflicts()
    proposals.replan(Proposal.objects.select_related("api__account").get(pk=made.pk), editor)
    addresses = (made.get_absolute_url(), held.get_absolute_url(), "/proposals/", "/settings/approval/")
    for address in (*addresses, api.get_absolute_url()):
        page.goto(live_server.url + address)
        accessible(page)


@pytest.mark.django_db(transaction=True)
def test_the_browser_shows_its_zone(signed_in_page: Any, live_server: Any, editor: User, api: HttpApi) -> None:
    made = a_proposal(api, editor)
    signed_in_page.goto(live_server.url + made.get_absolute_url())
    zone = signed_in_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert signed_in_page.locator("input[name=zone]").input_value() == zone
