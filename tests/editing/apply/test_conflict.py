"""A conflict: both sides' changes side by side, picked entry by entry, lead to a plan on what is live."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.policy import FIELDS, LIST_FIELDS, CorsPolicy, normal
from apis.editing.plan.merging import merge
from apis.editing.plan.planning import Conflict
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat

SEEN = {"AllowOrigins": ["https://a.example", "https://b.example"], "AllowMethods": ["GET"], "MaxAge": 600}
LIVE = {"AllowOrigins": ["https://a.example", "https://theirs.example"], "AllowMethods": ["GET"], "MaxAge": 60}
MINE = {
    "AllowOrigins": ["https://mine.example", "https://a.example", "https://b.example"],
    "AllowMethods": ["GET"],
    "MaxAge": 600,
    "AllowCredentials": True,
}
BOTH = {
    "AllowOrigins": ["https://a.example", "https://theirs.example", "https://mine.example"],
    "AllowMethods": ["GET"],
    "MaxAge": 60,
    "AllowCredentials": True,
}


def conflict(seen: dict[str, Any] | None, live: dict[str, Any] | None, mine: dict[str, Any] | None) -> Conflict:
    return Conflict(CorsPolicy.from_aws(seen), CorsPolicy.from_aws(live), CorsPolicy.from_aws(mine))


def merged_policy(found: Conflict) -> CorsPolicy:
    """Return what comes of a conflict when nothing else is picked."""
    switch, *fields = merge(found)
    return CorsPolicy.from_aws({one.name: one.value for one in fields}) if switch.value else CorsPolicy.off()


def test_both_sides_additions_and_removals_are_kept() -> None:
    assert merged_policy(conflict(SEEN, LIVE, MINE)) == CorsPolicy.from_aws(BOTH)


def test_a_single_value_that_both_changed_is_ones_own_and_pointed_out() -> None:
    found = conflict(SEEN, {**SEEN, "MaxAge": 60}, {**SEEN, "MaxAge": 7200})
    field = next(one for one in merge(found) if one.name == "MaxAge")
    assert (field.clash, field.value) == (True, 7200)
    assert [(choice.value, choice.whose) for choice in field.choices] == [
        (60, "live now"),
        (7200, "your proposal"),
        (600, "what you saw"),
    ]


def test_header_names_are_one_whatever_their_case() -> None:
    found = conflict({"AllowHeaders": ["x-a"]}, {"AllowHeaders": ["x-a", "x-b"]}, {"AllowHeaders": ["X-A", "X-B"]})
    field = next(one for one in merge(found) if one.name == "AllowHeaders")
    assert [(entry.value, entry.what) for entry in field.entries] == [("x-a", ""), ("x-b", "both added it")]


@pytest.mark.parametrize(
    ("live", "mine", "state", "clash"),
    [(None, SEEN | {"MaxAge": 5}, "set", True), (LIVE, None, "off", True), (None, SEEN, "off", False)],
)
def test_switching_off_stands_against_an_edit(live: Any, mine: Any, state: str, clash: bool) -> None:
    found = conflict(SEEN, live, mine)
    switch = merge(found)[0]
    assert (merged_policy(found).state, switch.clash) == (state, clash)
    assert len(switch.choices) == 2


ENTRIES = st.lists(st.sampled_from(["https://a.example", "https://b.example", "x-c", "X-C", "GET", "*"]), max_size=4)
POLICIES = st.none() | st.fixed_dictionaries(
    dict.fromkeys(LIST_FIELDS, ENTRIES) | {"MaxAge": st.sampled_from([0, 60, 600]), "AllowCredentials": st.booleans()}
)


@given(POLICIES, POLICIES, POLICIES)
def test_who_changed_alone_gets_what_they_wanted(seen: Any, live: Any, mine: Any) -> None:
    policies = conflict(seen, live, mine)
    assert merged_policy(conflict(seen, seen, mine)) == policies.proposed
    assert merged_policy(conflict(seen, live, seen)) == policies.live
    assert merged_policy(conflict(seen, mine, mine)) == policies.proposed


@given(POLICIES, POLICIES, POLICIES)
def test_every_entry_of_every_side_can_be_picked(seen: Any, live: Any, mine: Any) -> None:
    policies = conflict(seen, live, mine)
    for field in merge(policies)[1:]:
        for side in (policies.seen, policies.live, policies.proposed):
            wanted = normal(field.name, side.get(field.name))
            if field.name in LIST_FIELDS:
                assert wanted <= normal(field.name, [entry.value for entry in field.entries])
            elif side.on:
                assert wanted in [choice.value for choice in field.choices]
    assert [field.name for field in merge(policies)[1:]] == list(FIELDS)


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API that someone saw as SEEN."""
    return an_api(an_account(), "shop", SEEN)


@pytest.fixture
def moved(api: HttpApi) -> HttpApi:
    """The same API after someone changed it outside."""
    history.record_live(api, LIVE, timezone.now())
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)


def form(fields: dict[str, Any], version: int, **more: str) -> dict[str, Any]:
    """The panel's form."""
    lists = {name: fields.get(name, []) for name in LIST_FIELDS}
    single = {"MaxAge": fields.get("MaxAge", 0)} | (
        {"AllowCredentials": "on"} if fields.get("AllowCredentials") else {}
    )
    return {**lists, **single, "version": version, **more}


def test_the_panel_leads_to_the_conflict_and_it_to_a_plan_on_what_is_live(
    client: Client, editor: User, moved: HttpApi
) -> None:
    client.force_login(editor)
    answer = client.post(f"/apis/{moved.pk}/plan/", form(MINE, 1, note="FE-7", guard="1"))
    page = flat(answer)
    assert answer.status_code == 409
    assert "Configuration conflict" in page
    assert 'value="https://theirs.example" checked' in page
    assert 'value="https://mine.example" checked' in page
    assert 'name="AllowOrigins" value="https://b.example">' in page
    assert "Others added it" in page and "You added it" in page and "Others removed it" in page
    assert '<input type="hidden" name="note" value="FE-7">' in page
    assert "outside corsdash" in page
    answer = client.post(f"/apis/{moved.pk}/plan/", form(BOTH, moved.version, note="FE-7", cors="on"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Add https://mine.example, credentials on" in page
    assert 'value="FE-7"' in page


def test_off_can_be_picked(client: Client, editor: User, moved: HttpApi) -> None:
    client.force_login(editor)
    page = client.post(f"/apis/{moved.pk}/plan/", {"off": "1", "version": 1}).content.decode()
    assert "both changed" in page
    page = client.post(f"/apis/{moved.pk}/plan/", form(LIVE, moved.version, cors="off")).content.decode()
    assert "Turn CORS off" in page


def test_ones_own_proposal_can_be_planned_as_it_was(client: Client, editor: User, moved: HttpApi) -> None:
    client.force_login(editor)
    sent = form(BOTH, moved.version, proposal=json.dumps(MINE), cors="off")
    page = client.post(f"/apis/{moved.pk}/plan/", sent).content.decode()
    assert "remove https://theirs.example" in page


def test_a_conflict_at_the_last_moment_is_the_same_page(client: Client, editor: User, moved: HttpApi) -> None:
    client.force_login(editor)
    answer = client.post(f"/apis/{moved.pk}/apply/", {"proposal": json.dumps(MINE), "version": 1, "note": "FE-7"})
    assert answer.status_code == 409
    assert "https://theirs.example" in answer.content.decode()
    assert not Change.objects.filter(api=moved, kind="panel").exists()


def test_a_change_that_met_a_conflict_leads_there(client: Client, editor: User, api: HttpApi, moved: HttpApi) -> None:
    change = history.begin(moved, MINE, Author(Change.Kind.PANEL, user=editor, note="FE-7"))
    history.fail(change, "AWS moved on.", Change.Failure.CONFLICT, conflict(SEEN, LIVE, MINE).as_json())
    client.force_login(editor)
    assert f"/changes/{change.pk}/conflict/" in client.get(f"/changes/{change.pk}/").content.decode()
    page = client.get(f"/changes/{change.pk}/conflict/").content.decode()
    assert 'value="https://theirs.example" checked' in page
    assert '<input type="hidden" name="note" value="FE-7">' in page
    assert f'name="version" value="{moved.version}"' in page


FAULTY = {"AllowOrigins": ["https://Shop.Example.com"], "AllowMethods": ["GET"], "MaxAge": 600}


@pytest.fixture
def fixed(editor: User) -> Change:
    """The panel's change of an API that was found with an origin as no browser sends it."""
    api = an_api(an_account(), "flawed", FAULTY)
    fixed = FAULTY | {"AllowOrigins": ["https://shop.example.com"]}
    return history.settle(history.begin(api, fixed, Author(Change.Kind.PANEL, user=editor)), fixed)


def outside(change: Change, **fields: Any) -> None:
    """Someone changes the same API with another tool, and a sync finds it."""
    now = CorsPolicy.from_aws(change.proposed).to_aws() or {}
    history.record_live(change.api_id, now | fields, timezone.now())


def fields_of(page: str) -> dict[str, str]:
    """The hidden inputs of a page."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


def test_a_revert_that_met_a_conflict_is_still_one(client: Client, editor: User, fixed: Change) -> None:
    """As it was: back to what our rules would refuse of anyone else."""
    client.force_login(editor)
    planned = client.get(f"/changes/{fixed.pk}/revert/").content.decode()
    outside(fixed, MaxAge=60)
    sent = {name: unescape(value) for name, value in fields_of(planned).items()}
    answer = client.post(f"/apis/{fixed.api_id}/apply/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Configuration conflict" in page
    _planned_as_it_was(client, page, fixed)


def test_a_revert_that_met_it_in_aws_is_still_one(client: Client, editor: User, fixed: Change) -> None:
    """It was on its way when AWS was found to have moved on."""
    client.force_login(editor)
    author = Author(Change.Kind.REVERT, user=editor, reverts=fixed)
    failed = history.begin(fixed.api_id, FAULTY, author)
    notified = conflict(fixed.proposed, (fixed.proposed or {}) | {"MaxAge": 60}, FAULTY).as_json()
    history.fail(failed, "AWS moved on.", Change.Failure.CONFLICT, notified)
    address = f"/changes/{failed.pk}/conflict/"
    assert client.get(address).headers["Location"] == f"/changes/{fixed.pk}/revert/", "it fits again"
    outside(fixed, MaxAge=60)
    _planned_as_it_was(client, client.get(address).content.decode(), fixed)


def _planned_as_it_was(client: Client, page: str, fixed: Change) -> None:
    """The conflict's way to one's own proposal is the plan of a revert, and it can be applied."""
    mine = re.search(r'name="proposal" value="([^"]*)"', page)
    assert mine is not None
    proposal_in = {name: unescape(value) for name, value in fields_of(page).items()}
    plan = client.post(f"/apis/{fixed.api_id}/plan/", proposal_in | {"proposal": unescape(mine[1])}).content.decode()
    assert "Plan: revert a change" in plan and "Fix the errors above" not in plan
    sent = {name: unescape(value) for name, value in fields_of(plan).items()}
    client.post(f"/apis/{fixed.api_id}/apply/", sent)
    back = Change.objects.filter(api=fixed.api_id).exclude(kind="drift").order_by("-pk")[0]
    assert (back.kind, back.reverts, back.proposed) == ("revert", fixed, FAULTY)


def test_what_is_picked_instead_is_no_revert(client: Client, editor: User, fixed: Change) -> None:
    """Nor may what our rules refuse pass as one."""
    client.force_login(editor)
    picked = form(FAULTY | {"MaxAge": 60}, fixed.api.version, reverts=str(fixed.pk))
    page = client.post(f"/apis/{fixed.api_id}/plan/", picked).content.decode()
    assert "Plan: revert a change" not in page and "Fix the errors above" in page
    sent = {"proposal": json.dumps(FAULTY | {"MaxAge": 60}), "version": 2, "reverts": fixed.pk}
    assert client.post(f"/apis/{fixed.api_id}/apply/", sent).status_code == 422
    assert client.post(f"/apis/{fixed.api_id}/propose/", sent | {"review": "1"}).status_code == 422


def test_what_a_conflict_was_about_may_be_live_by_now(client: Client, editor: User, api: HttpApi) -> None:
    change = history.begin(api, MINE, Author(Change.Kind.PANEL, user=editor))
    history.fail(change, "AWS moved on.", Change.Failure.CONFLICT, conflict(SEEN, LIVE, MINE).as_json())
    history.record_live(api, MINE, timezone.now())
    since = Change.objects.get(api=api, kind="drift")
    client.force_login(editor)
    answer = client.get(f"/changes/{change.pk}/conflict/", follow=True)
    assert answer.redirect_chain == [(since.get_absolute_url(), 302)]
    assert "The requested configuration is live" in answer.content.decode()


def test_a_change_that_met_none_leads_back(client: Client, editor: User, api: HttpApi) -> None:
    client.force_login(editor)
    change = Change.objects.get(api=api)
    assert client.get(f"/changes/{change.pk}/conflict/").headers["Location"] == f"/changes/{change.pk}/"


@pytest.mark.once
def test_the_page_is_accessible(
    signed_in_page: Any, live_server: Any, editor: User, api: HttpApi, moved: HttpApi
) -> None:
    change = history.begin(moved, MINE | {"MaxAge": 7200}, Author(Change.Kind.PANEL, user=editor))
    notified = conflict(SEEN, LIVE, MINE | {"MaxAge": 7200}).as_json()
    history.fail(change, "AWS moved on.", Change.Failure.CONFLICT, notified)
    signed_in_page.goto(f"{live_server.url}/changes/{change.pk}/conflict/")
    accessible(signed_in_page)
