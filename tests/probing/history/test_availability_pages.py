"""Availability on the pages of a probe and an API: ranges, bars with their words, and events on the same axis."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.inventory.history import history as changes
from apis.inventory.models import HttpApi
from apis.probing.history.availability import Bucket, History, load_history
from apis.probing.history.availability_chart import MOST_BARS, draw, percent, shares
from apis.probing.history.events import Event
from apis.probing.history.ranges import RANGES
from apis.probing.models import Probe
from tests.probing.stored import ALLOWED, NOON, make_api, make_probe, outcome, ran, ran_often
from tests.support.axe import accessible

pytestmark = pytest.mark.once

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)


def watched(api: HttpApi) -> Probe:
    """A probe of the last day: it failed for a while right after a change."""
    probe, now = make_probe(api), timezone.now()
    kinds = {True: outcome(probe, *BLOCKED), False: outcome(probe, *ALLOWED)}
    ran_often(probe, ((now - timedelta(minutes=n), kinds[200 < n < 420]) for n in range(1381, 0, -20)))
    changes.record_live(api.pk, {"AllowOrigins": ["https://a.example"]}, now)
    changes.record_live(api.pk, {"AllowOrigins": ["https://b.example"]}, timezone.now())
    return probe


@pytest.mark.parametrize("span", RANGES)
def test_every_range_has_its_page(signed_in: Client, span: str) -> None:
    api = make_api()
    probe = watched(api)
    for path in (f"/probes/{probe.pk}/availability/", f"/apis/{api.pk}/availability/"):
        whole = signed_in.get(f"{path}?range={span}")
        part = signed_in.get(f"{path}?range={span}", headers={"HX-Request": "true"})
        assert (whole.status_code, part.status_code) == (200, 200)
        assert len(whole.context["chart"].bars) <= MOST_BARS
        assert b"<html" in whole.content and b"<html" not in part.content
        assert len(whole.content) < 150_000
        kinds = [event.kind for event, _ in whole.context["events"]]
        assert kinds == ["drift"] and whole.context["events"][0][1].startswith("/changes/")
        assert [mark.kind for mark in whole.context["chart"].marks] == ["drift"]


def test_an_unknown_range_is_the_shortest(signed_in: Client) -> None:
    probe = make_probe(make_api())
    assert signed_in.get(f"/probes/{probe.pk}/availability/?range=9y").context["span"] == "24h"


def test_shares_of_ranges_are_those_of_their_histories(db: None) -> None:
    probe = make_probe(make_api())
    for days, headers in ((0, ALLOWED), (3, BLOCKED), (20, ALLOWED), (60, BLOCKED), (300, ALLOWED)):
        ran(probe, NOON - timedelta(days=days, minutes=10), *headers)
    assert shares(probe, NOON) == {span: percent(load_history(probe, span, NOON).availability) for span in RANGES}


@pytest.mark.parametrize(
    ("share", "words"),
    [(None, "–"), (1.0, "100 %"), (0.0, "0 %"), (0.99999, "99.99 %"), (0.5, "50 %"), (1e-9, "0.01 %")],
)
def test_all_and_none_are_said_of_no_less(share: float | None, words: str) -> None:
    assert percent(share) == words


def test_state_shows_by_height_and_by_class() -> None:
    runs = [(3, 0, 0), (2, 1, 0), (0, 3, 0), (0, 0, 2), (0, 0, 0)]
    buckets = [Bucket(NOON + timedelta(hours=place), 3600, *counts) for place, counts in enumerate(runs)]
    bars = draw(History(buckets, []), "24h").bars
    assert [bar.state for bar in bars] == ["passed", "error", "failed", "none", "none"]
    assert bars[0].height < bars[1].height < bars[2].height and bars[3].height < bars[0].height
    assert bars[3].words != bars[4].words


def test_a_bar_shows_and_names_every_kind_of_event_in_its_time() -> None:
    at = NOON + timedelta(minutes=5)
    happened = [
        Event(at, "incident", 1, "orders-api is down"),
        Event(at, "drift", 2, "Drift: removed https://a.example"),
        Event(at, "flip", 3, "a probe: Passing → Down"),
        Event(at, "drift", 4, "Drift: added https://b.example"),
        Event(at + timedelta(hours=1), "change", 5, "Panel: added https://a.example"),
    ]
    chart = draw(History([Bucket(NOON + timedelta(hours=place), 3600) for place in range(3)], happened), "24h")
    assert chart.kinds == [("change", "Change"), ("drift", "Drift"), ("incident", "Incident")]
    first, second = "Drift (2). Incident: orders-api is down", "Change: Panel: added https://a.example"
    assert [bar.events for bar in chart.bars] == [first, second, ""]
    places = {mark.kind: (mark.x, mark.y) for mark in chart.marks}
    assert places["drift"][0] == places["incident"][0] != places["change"][0]
    assert len({y for _, y in places.values()}) == 3 and all(y + 8 < chart.height for _, y in places.values())


def test_only_the_kinds_of_events_that_are_drawn_have_a_legend(signed_in: Client) -> None:
    api = make_api()
    probe = watched(api)
    quiet = make_probe(make_api("quiet"))
    ran(quiet, timezone.now() - timedelta(hours=1), *ALLOWED)
    for path in (f"/probes/{probe.pk}/availability/", f"/apis/{api.pk}/latency/", "/probes/latency/"):
        legend = signed_in.get(path).content.decode().partition('<ul class="event-kinds')[2].partition("</ul>")[0]
        assert "Drift</li>" in legend and legend.count("<li>") == 1
    for path in (f"/probes/{quiet.pk}/availability/", f"/probes/{quiet.pk}/latency/"):
        assert b"event-kinds" not in signed_in.get(path).content


def test_bars_are_read_with_the_keyboard(transactional_db: None, live_server: Any, signed_in_page: Page) -> None:
    page = signed_in_page
    api = make_api()
    probe = watched(api)
    page.goto(f"{live_server.url}/probes/{probe.pk}/")
    chart = page.locator("[data-bars]")
    chart.focus()
    page.keyboard.press("ArrowLeft")
    words = page.locator(".bar-words")
    expect(words).to_contain_text("passed")
    newest = words.text_content()
    assert newest and "Drift: " in newest
    page.keyboard.press("Home")
    expect(words).not_to_have_text(newest)
    page.keyboard.press("End")
    expect(words).to_have_text(newest)
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    page.reload()  # the address has the range
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    accessible(page)
    page.goto(f"{live_server.url}/apis/{api.pk}/probes/")
    expect(page.locator("[data-bars]")).to_be_visible()
    accessible(page)


def test_the_range_is_in_the_address_of_the_page_around_it(signed_in: Client, db: None) -> None:
    probe = watched(make_api())
    around = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/probes/{probe.pk}/?page=2"}
    part = signed_in.get(f"/probes/{probe.pk}/availability/?range=7d", headers=around).content.decode()
    assert f'hx-push-url="/probes/{probe.pk}/?page=2&amp;range=30d"' in part
    whole = signed_in.get(f"/probes/{probe.pk}/?page=2&range=30d").content.decode()
    assert f'hx-get="/probes/{probe.pk}/availability/?range=30d"' in whole
