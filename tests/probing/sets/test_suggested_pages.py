"""The pages of suggested probes: ticked, created, marked, kept in step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.cors.policy import CorsPolicy
from apis.inventory.history import drift
from apis.inventory.history.history import Author, begin, record_live, settle
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import on_demand, sync
from apis.probing.models import Probe, ProbeSet
from apis.probing.sets import bulk_edits, in_step, suggestions
from apis.probing.sets.suggestions import Group
from tests.support.axe import accessible

pytestmark = pytest.mark.once

ADDED = "https://added.example"
CORS = {"AllowOrigins": ["https://a.example", ADDED], "AllowMethods": ["GET"], "MaxAge": 600}
START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its routes and addresses known."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


def keys(page: str) -> dict[str, bool]:
    """The ticks of a page by their value, and whether they are set."""
    boxes = re.findall(r'<input type="checkbox" name="probe" value="(\w+)"\s+data-group="\w+"( checked)?', page)
    return {key: bool(checked) for key, checked in boxes}


def test_no_reason_gives_a_host_a_capital(signed_in: Client, known: HttpApi) -> None:
    """Reasons start with a capital; host names do not."""
    page = signed_in.get(f"/apis/{known.pk}/probes/suggested/").content.decode()
    assert "HTTP origin of a.example" in page
    assert "A.example" not in page


def test_what_is_ticked_is_created_and_then_marked(signed_in: Client, known: HttpApi) -> None:
    path = f"/apis/{known.pk}/probes/suggested/"
    page = signed_in.get(path)
    offered = keys(page.content.decode())
    total = len(suggestions.suggestions_for([known]))
    assert len(offered) == total
    assert page.context["count_at_first"] == sum(offered.values())
    chosen = list(offered)[:2]
    answer = signed_in.post(path, {"probe": [*chosen, "unknown"], "interval": "60"})
    assert answer.headers["Location"] == f"/apis/{known.pk}/probes/"
    assert set(Probe.objects.values_list("interval", flat=True)) == {60}
    assert Probe.objects.count() == 2
    after = signed_in.get(path)
    assert len(keys(after.content.decode())) == total - 2
    assert sum(group["existing_count"] for group in after.context["groups"]) == 2


def test_nothing_ticked_creates_nothing(signed_in: Client, known: HttpApi) -> None:
    path = f"/apis/{known.pk}/probes/suggested/"
    assert signed_in.post(path, {"interval": "60"}).headers["Location"] == path
    assert not Probe.objects.exists()


def test_a_long_list_shows_a_part_and_adds_the_rest_together(signed_in: Client, known: HttpApi) -> None:
    many = {**START, "AllowOrigins": [f"https://a{n}.example" for n in range(100)]}
    record_live(known, many, timezone.now())
    page = signed_in.get(f"/apis/{known.pk}/probes/suggested/")
    assert len(page.content) < 150_000
    rest = {group["key"]: group["rest"] for group in page.context["groups"]}
    assert rest[Group.ALLOWED] == 40
    signed_in.post(f"/apis/{known.pk}/probes/suggested/", {"rest": "allowed", "interval": "300"})
    assert Probe.objects.count() == 40


def test_the_probes_of_a_search_result_are_created_by_group(signed_in: Client, known: HttpApi) -> None:
    page = signed_in.get("/probes/suggested/", {"search": known.api_id})
    [line] = page.context["lines"]
    form = {"search": known.api_id, "tick": known.pk, "group": "allowed", "interval": "300"}
    assert signed_in.post("/probes/suggested/", form).status_code == 302
    assert Probe.objects.count() == 1
    assert {cell["key"]: cell["new"] for cell in line["cells"]}[Group.ALLOWED] == 1
    assert signed_in.get("/probes/suggested/", {"search": "no such API"}).context["lines"] == []


def test_nothing_can_be_added_while_the_routes_are_read(
    transactional_db: None, api: HttpApi, live_server: Any, signed_in_page: Page
) -> None:
    HttpApi.objects.filter(pk=api.pk).update(routes=None, details_at=None)
    on_demand.forget_requests()
    page = signed_in_page
    page.goto(f"{live_server.url}/probes/suggested/?search={api.api_id}")
    add = page.get_by_role("button", name="Add selected probes")
    expect(add).to_be_disabled()
    expect(add).to_have_accessible_description("Wait until the routes are read from AWS.")
    accessible(page)
    sync.refresh(api)
    # The page follows without being loaded again.
    expect(add).to_be_enabled()
    expect(page.get_by_text("Wait until")).not_to_be_visible()
    add.click()
    expect(page.get_by_text("Added")).to_be_visible()


def test_viewers_see_no_such_page(client: Client, viewer: User, known: HttpApi) -> None:
    client.force_login(viewer)
    for path in ("/probes/suggested/", f"/apis/{known.pk}/probes/suggested/"):
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
    assert client.post(f"/apis/{known.pk}/probes/unfollow/").status_code == 403


@pytest.fixture
def followed(signed_in: Client, known: HttpApi) -> HttpApi:
    """The API with its listed origin watched, in step."""
    form = {"tick": known.pk, "group": "allowed", "interval": "300", "follow": "on", "api": known.pk}
    signed_in.post("/probes/suggested/", form)
    assert ProbeSet.objects.get().api == known
    return known


def change(api: HttpApi, cors: dict[str, Any]) -> None:
    """An edit of corsdash's own, applied."""
    settle(begin(api, cors, Author(Change.Kind.PANEL)), cors)


def expected() -> dict[str, str]:
    """What is expected of each origin that is watched."""
    return dict(Probe.objects.values_list("origin", "expect"))


def test_an_added_origin_gets_its_probe_and_a_removed_one_must_stay_blocked_for_a_week(followed: HttpApi) -> None:
    change(followed, CORS)
    in_step.sweep()
    assert expected() == {"https://a.example": "allowed", ADDED: "allowed"}
    change(followed, START)
    in_step.sweep()
    assert expected() == {"https://a.example": "allowed", ADDED: "blocked"}
    removed = Probe.objects.get(origin=ADDED)
    assert removed.ends_at is not None
    assert removed.state == "new"
    change(followed, CORS)
    in_step.sweep()
    assert expected()[ADDED] == "allowed"
    assert Probe.objects.get(origin=ADDED).ends_at is None
    change(followed, START)
    in_step.sweep()
    Probe.objects.filter(origin=ADDED).update(ends_at=timezone.now())
    in_step.sweep()
    assert expected() == {"https://a.example": "allowed"}


def test_drift_changes_no_probe_until_it_is_accepted(followed: HttpApi, admin: User) -> None:
    outside = record_live(followed, CORS, timezone.now())
    assert outside is not None
    in_step.sweep()
    assert expected() == {"https://a.example": "allowed"}
    drift.accept(outside, admin)
    in_step.sweep()
    assert expected()[ADDED] == "allowed"


def test_a_wildcard_turns_no_probe_around(followed: HttpApi) -> None:
    bulk_edits.create([(followed, {"origin": "https://unrelated.example", "expect": "blocked"})], None)
    Probe.objects.update(probe_set=ProbeSet.objects.get())
    change(followed, {"AllowOrigins": ["*"], "AllowMethods": ["GET"]})
    in_step.sweep()
    assert expected()["https://unrelated.example"] == "blocked", "it fails now, as it should"


def test_who_stops_following_keeps_the_probes(signed_in: Client, followed: HttpApi) -> None:
    signed_in.post(f"/apis/{followed.pk}/probes/unfollow/")
    change(followed, CORS)
    in_step.sweep()
    assert expected() == {"https://a.example": "allowed"}


def test_a_change_brings_its_probe_before_it_is_verified(
    followed: HttpApi, worker: Any, signed_in: Client, live: Callable[[], CorsPolicy]
) -> None:
    from apis.editing.apply import applying, verification

    pending = applying.begin(followed, CorsPolicy.from_aws(CORS), followed.version, Author(Change.Kind.PANEL))
    verification.verify(applying.carry_out(pending))
    assert live().allow_origins == ("https://a.example", ADDED)
    probe = Probe.objects.get(origin=ADDED)
    assert probe.results.filter(cause=f"change:{pending.pk}", passed=True).exists()


def test_the_cost_follows_what_is_ticked(
    transactional_db: None, known: HttpApi, live_server: Any, signed_in_page: Page
) -> None:
    page = signed_in_page
    for path in ("/probes/suggested/", f"/apis/{known.pk}/probes/suggested/"):
        page.goto(live_server.url + path)
        accessible(page)
    count = page.locator("[data-cost=count]")
    first = int(count.inner_text())
    page.locator("input[name=probe]:checked").first.uncheck()
    expect(count).to_have_text(str(first - 1))
    page.get_by_label("Interval").select_option("60")
    expect(page.locator("[data-cost=calls]")).to_have_text(str(first - 1))
    expect(page.locator("[data-cost=rows]")).to_have_text(f"{(first - 1) * 1440:,}")
    page.get_by_role("button", name="Clear").last.click()
    page.get_by_role("button", name="Add selected probes").click()
    expect(page.get_by_text("Added")).to_be_visible()


def test_on_a_phone_no_label_lies_over_the_next(
    transactional_db: None, known: HttpApi, live_server: Any, signed_in_page: Page
) -> None:
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + "/probes/suggested/")
    expect(page.locator("td[data-label='Must stay blocked']").first).to_be_visible()
    too_high = "cells => cells.filter(cell => cell.scrollHeight > cell.clientHeight).map(cell => cell.dataset.label)"
    assert page.locator("td[data-label]").evaluate_all(too_high) == []
