"""Latency over time: percentiles by phase from roll-ups, a chart to zoom in and the same as a table."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apis.inventory.history import history as changes
from apis.probing.history import latency as latency_of
from apis.probing.history.latency import LABELS, latency
from apis.probing.history.phase_sketches import PHASES
from apis.probing.history.ranges import RANGES
from apis.probing.models import Probe, Rollup
from apis.probing.runs.calls import Outcome
from apis.probing.runs.storage import store
from tests.probing.stored import NOON, make_api, make_probe, outcome, ran_often
from tests.support.axe import accessible


def took(probe: Probe, **phases: float) -> Outcome:
    """Make the outcome of a run that passes, with these phases in milliseconds."""
    found = outcome(probe, ("access-control-allow-origin", probe.origin))
    found.timings = {"request": dict.fromkeys((*PHASES, "total"), 0.0) | phases}
    return found


def ran(probe: Probe, at: datetime, **phases: float) -> None:
    """Store such a run."""
    store([probe], [took(probe, **phases)], at, "schedule")


@pytest.fixture
def watched(db: None) -> Probe:
    """A probe of the last day, with a drift."""
    probe, now = make_probe(make_api()), timezone.now()
    ran_often(
        probe,
        [
            (now - timedelta(minutes=ago), took(probe, connect=3, tls=9, first_byte=30, total=40 + ago / 100))
            for ago in range(1380, 0, -20)
        ],
    )
    changes.record_live(probe.api_id, {"AllowOrigins": ["https://a.example"]}, now)
    changes.record_live(probe.api_id, {"AllowOrigins": ["https://b.example"]}, timezone.now())
    return probe


def test_percentiles_are_those_of_the_runs_of_each_stretch(db: None) -> None:
    probe = make_probe(make_api())
    runs = []
    for number in range(100, 0, -1):
        phases = {"connect": 10.0 * number} if number % 2 else {}
        found = took(probe, total=10.0 * number, first_byte=5.0, **phases)
        runs.append((NOON - timedelta(minutes=30, seconds=number), found))
    ran_often(probe, runs)
    store([probe], [Outcome(error="The request got no response.")], NOON, "schedule")
    points = [point for point in latency(probe, "7d", NOON).points if not point.is_empty]
    [point] = points
    assert point.at == NOON - timedelta(hours=1) and point.seconds == 3600
    assert point.values["total"] == {"p50": pytest.approx(500, 0.03), "p95": pytest.approx(950, 0.03)}
    assert point.values["connect"] == {"p50": pytest.approx(490, 0.03), "p95": pytest.approx(950, 0.03)}
    assert point.values["first_byte"] == {"p50": pytest.approx(5, 0.03), "p95": pytest.approx(5, 0.03)}
    assert point.values["tls"] == {"p50": None, "p95": None}, "no connection made a handshake"


def test_roll_ups_of_earlier_versions_have_no_phases(db: None) -> None:
    probe = make_probe(make_api())
    ran(probe, NOON, tls=9, total=40)
    Rollup.objects.update(phases=None)
    [point] = [point for point in latency(probe, "24h", NOON).points if not point.is_empty]
    assert point.values["total"]["p50"] and point.values["tls"]["p50"] is None
    ran(probe, NOON, tls=9, total=40)
    [point] = [point for point in latency(probe, "24h", NOON).points if not point.is_empty]
    assert point.values["tls"]["p50"] == pytest.approx(9, 0.03)


def test_together_their_roll_ups_are_merged(db: None) -> None:
    orders, carts = make_api(), make_api("carts")
    one, other = make_probe(orders), make_probe(orders, interval=3600)
    third, deleted = make_probe(carts), make_probe(carts)
    times = [(number, NOON - timedelta(minutes=30, seconds=number)) for number in range(50, 0, -1)]
    ran_often(one, [(at, took(one, total=number, tls=2)) for number, at in times])
    ran_often(other, [(at, took(other, total=50.0 + number, tls=4)) for number, at in times])
    ran_often(third, [(at, took(third, total=1000, tls=8)) for _, at in times])
    ran_often(deleted, [(at - timedelta(days=2), took(deleted, total=1000)) for _, at in times])
    Probe.all_objects.filter(pk=deleted.pk).update(deleted_at=NOON - timedelta(hours=36))
    every, count = (orders, orders.account, None, one), (2, 2, 3, 1)
    for scope, tall, tls, probes in zip(every, (95, 95, 1000, 48), (4, 4, 8, 2), count, strict=True):
        found = latency(scope, "24h", NOON)
        [point] = [point for point in found.points if not point.is_empty]
        assert point.seconds == 300, "as often as the probe that runs most often"
        assert point.values["total"]["p95"] == pytest.approx(tall, 0.03)
        assert point.values["tls"]["p95"] == pytest.approx(tls, 0.03)
        assert [row.values for row in found.rows] == [point.values]
        assert (found.probes, found.read) == (probes, probes)
    assert latency(None, "7d", NOON).probes == 4, "it was deleted in this time"


def test_of_very_many_probes_some_are_read(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    api, now = make_api(), timezone.now()
    for number in range(1, 9):
        ran(make_probe(api), now - timedelta(minutes=20), total=10.0 * number)
    monkeypatch.setattr(latency_of, "MOST_ROLLUPS", 8 * 24)
    found = latency(api, "24h", now)
    assert (found.points[0].seconds, found.has_phases, found.read) == (3600, True, 8), "hourly ones are fewer"
    monkeypatch.setattr(latency_of, "MOST_ROLLUPS", 4 * 24)
    found = latency(api, "24h", now)
    assert (found.probes, found.read) == (8, 4)
    [row] = found.rows
    assert row.values["total"] == {"p50": pytest.approx(30, 0.03), "p95": pytest.approx(70, 0.03)}
    assert b"Read from 4 of 8 probes" in signed_in.get(f"/apis/{api.pk}/latency/").content


def test_pages_of_what_has_probes_lead_to_their_latency(signed_in: Client, watched: Probe) -> None:
    api = watched.api
    for page, target in {
        f"/apis/{api.pk}/availability/": f"/apis/{api.pk}/latency/",
        f"/probes/{watched.pk}/availability/": f"/probes/{watched.pk}/latency/",
        f"/accounts/{api.account_id}/": f"/accounts/{api.account_id}/latency/",
        "/probes/": "/probes/latency/",
    }.items():
        assert f'href="{target}"' in signed_in.get(page).content.decode(), page
        assert signed_in.get(target).status_code == 200


def test_events_of_one_point_share_a_mark(signed_in: Client, watched: Probe) -> None:
    [alone] = signed_in.get("/probes/latency/?range=1y").context["chart"]["marks"]
    assert alone["words"].startswith("Drift: ") and alone["words"].count("Drift") == 1
    for number in range(3):
        changes.record_live(watched.api_id, {"AllowOrigins": [f"https://{number}.example"]}, timezone.now())
    marks = signed_in.get("/probes/latency/?range=1y").context["chart"]["marks"]
    assert [(mark["kind"], mark["words"]) for mark in marks] == [("drift", "Drift (4)")]


@pytest.mark.parametrize("span", RANGES)
@pytest.mark.parametrize("scope", ["probes/{0.pk}", "apis/{0.api_id}", "accounts/{0.api.account_id}", "probes"])
def test_each_range_is_a_page_that_needs_no_script(signed_in: Client, watched: Probe, span: str, scope: str) -> None:
    page = signed_in.get(f"/{scope.format(watched)}/latency/?range={span}")
    assert page.status_code == 200
    assert len(page.content) < 150_000
    chart, rows = page.context["chart"], page.context["rows"]
    measured = LABELS if span != "1y" else ["total"]
    assert {line["what"] for line in chart["lines"]} == set(measured)
    assert all(len(line["values"]) == len(chart["at"]) for line in chart["lines"])
    assert [mark["kind"] for mark in chart["marks"]] == ["drift"]
    assert 0 < len(rows) <= 96
    assert len(rows[0][1]) == len(measured)
    assert chart["at"] == sorted(chart["at"])


def test_a_retention_that_is_shorter_than_a_range_leaves_coarser_points(watched: Probe, settings: Any) -> None:
    settings.CORSDASH_KEEP_HOURLY_DAYS = 8
    found = latency(watched, "30d")
    assert {point.seconds for point in found.points} == {86_400} and not found.has_phases


def test_without_a_response_there_is_nothing_to_draw(signed_in: Client, db: None) -> None:
    page = signed_in.get(f"/probes/{make_probe(make_api()).pk}/latency/")
    assert b"data-latency" not in page.content and b"No latency yet" in page.content


def length(chart: Locator) -> float:
    """Return how many seconds the chart shows."""
    low, high = (chart.get_attribute("data-shown") or "").split("-")
    return int(high) - int(low)


@pytest.mark.once
def test_the_chart_zooms_by_pointer_keyboard_and_button(
    transactional_db: None, live_server: Any, signed_in_page: Page, watched: Probe
) -> None:
    page = signed_in_page
    page.goto(f"{live_server.url}/probes/{watched.pk}/")
    assert page.locator("script[src*=uplot]").count() == 0, "only the page that draws it loads it"
    page.get_by_role("link", name="Latency").click()
    chart, plot = page.locator("[data-latency]"), page.locator(".latency-plot")
    expect(plot.locator("canvas")).to_be_visible()
    whole = length(chart)
    assert whole == pytest.approx(86_400, rel=0.01)

    plot.focus()
    page.keyboard.press("+")
    assert length(chart) == pytest.approx(whole / 2, rel=0.01)
    before = chart.get_attribute("data-shown")
    page.keyboard.press("Shift+ArrowRight")
    assert chart.get_attribute("data-shown") != before
    page.keyboard.press("0")
    assert length(chart) == whole
    words = page.locator(".latency-words")
    page.keyboard.press("ArrowRight")
    expect(words).to_contain_text("ms")
    first = words.text_content() or ""
    page.keyboard.press("ArrowRight")
    expect(words).not_to_have_text(first)

    over = plot.locator(".u-over")
    box = over.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=4)
    page.mouse.up()
    shown = re.compile(rf"^(?!{chart.get_attribute('data-whole')}$)")
    expect(chart).to_have_attribute("data-shown", shown)
    assert length(chart) == pytest.approx(whole / 4, rel=0.1)
    page.get_by_role("button", name="Reset zoom").click()
    assert length(chart) == whole

    page.get_by_label("TLS p95").check()
    accessible(page)
    page.get_by_text("Show as table").click()
    expect(page.locator("table")).to_contain_text("TLS")
    page.emulate_media(color_scheme="dark")
    accessible(page)


@pytest.mark.once
def test_it_fits_a_phone(transactional_db: None, live_server: Any, signed_in_page: Page, watched: Probe) -> None:
    page = signed_in_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/probes/{watched.pk}/latency/")
    expect(page.locator(".latency-plot canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
