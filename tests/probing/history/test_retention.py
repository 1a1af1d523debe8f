"""Retention: how long results and roll-ups are kept, and the size that this comes to."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from apis.inventory.models import HttpApi
from apis.probing.history.retention import estimate_retention
from apis.probing.models import Probe

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(settings: Any) -> None:
    settings.CORSDASH_KEEP_RESULTS_DAYS = 10
    settings.CORSDASH_KEEP_5_MINUTES_DAYS = 2
    settings.CORSDASH_KEEP_HOURLY_DAYS = 30
    settings.CORSDASH_KEEP_DAILY_DAYS = 400


def probe(api: HttpApi, interval: int, **more: Any) -> Probe:
    return Probe.objects.create(api=api, name="p", origin="https://a.example", interval=interval, **more)


def rows() -> dict[str, int]:
    return {kind.setting.removeprefix("CORSDASH_KEEP_"): kind.rows for kind in estimate_retention().kinds}


def test_each_run_is_a_result_and_each_stretch_with_runs_a_rollup(api: HttpApi, kept: None) -> None:
    probe(api, 60)
    assert rows() == {"RESULTS_DAYS": 14_400, "5_MINUTES_DAYS": 576, "HOURLY_DAYS": 720, "DAILY_DAYS": 400}
    probe(api, 7200)
    assert rows() == {"RESULTS_DAYS": 14_520, "5_MINUTES_DAYS": 600, "HOURLY_DAYS": 1080, "DAILY_DAYS": 800}


def test_probes_that_do_not_run_take_nothing(api: HttpApi) -> None:
    probe(api, 60, enabled=False)
    found = estimate_retention()
    assert (found.probes, found.runs_a_minute, found.size) == (0, 0, 0)


def test_longer_retention_takes_more(api: HttpApi, kept: None, settings: Any) -> None:
    probe(api, 30)
    before = estimate_retention()
    settings.CORSDASH_KEEP_RESULTS_DAYS = 20
    after = estimate_retention()
    assert after.runs_a_minute == before.runs_a_minute == 2
    assert after.kinds[0].size == 2 * before.kinds[0].size
    assert after.kinds[1:] == before.kinds[1:]
    assert after.size > before.size


def test_the_page_shows_periods_settings_and_sizes(api: HttpApi, kept: None, admin_client: Client) -> None:
    for _ in range(1000):
        probe(api, 60)
    page = admin_client.get("/settings/retention/").content.decode()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    text = " ".join(re.sub(r"<[^>]+>", " ", table).split())
    assert "10 days CORSDASH_KEEP_RESULTS_DAYS 14,400,000" in text
    assert re.search(r"Results .* [0-9.]+\sGB", text)
    assert estimate_retention().database_size > 100_000
