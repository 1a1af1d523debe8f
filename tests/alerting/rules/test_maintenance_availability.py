"""Availability leaves out the runs within maintenance windows, also when the window is long over or deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import tokens
from apis.inventory.models import HttpApi
from apis.probing.history import rollups
from apis.probing.models import Probe, Result, Rollup
from tests.alerting.conftest import ran

MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """One moment for the whole test."""
    return timezone.now()


@pytest.fixture
def rest(admin_user: User) -> Callable[..., Any]:
    """Calls the REST API."""
    headers = {"Authorization": f"Bearer {tokens.create(admin_user, 'test')[1]}"}

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        text = json.dumps(body) if body else ""
        answer = Client().generic(method, f"/api/v1/{path}", text, "application/json", headers=headers)
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    return call


def add_window(rest: Callable[..., Any], now: datetime, **fields: Any) -> int:
    """Maintenance from three minutes ago on."""
    times = {"starts_at": (now - 3 * MINUTE).isoformat(), "ends_at": (now + 10 * MINUTE).isoformat()}
    found: int = rest("POST", "maintenance", {"name": "upgrade"} | times | fields)["id"]
    return found


def counted(rest: Callable[..., Any], probe: Probe) -> tuple[float | None, int, int]:
    """The availability over REST, and the runs that count in it and that do not."""
    found = rest("GET", f"probes/{probe.pk}/history?range=24h")
    sums = [sum(bucket[name] for bucket in found["buckets"]) for name in ("runs", "maintenance")]
    return found["availability"], *sums


def test_runs_within_it_do_not_count(
    probe: Probe, now: datetime, rest: Callable[..., Any], admin_client: Client
) -> None:
    ran(probe, True, at=now - 5 * MINUTE)
    window = add_window(rest, now)
    ran(probe, False, False, at=now - 2 * MINUTE)
    assert counted(rest, probe) == (1.0, 1, 2)
    rest("DELETE", f"maintenance/{window}")
    assert counted(rest, probe) == (1.0, 1, 2), "it was in maintenance then"
    results = rest("GET", f"probes/{probe.pk}/results")["items"]
    assert [(one["passed"], one["maintenance"]) for one in results] == [(False, True), (False, True), (True, False)]
    page = admin_client.get(f"/probes/{probe.pk}/")
    counts = page.context["counts"]
    assert (counts["runs"], counts["passed"], counts["maintenance"]) == (1, 1, 2)
    assert "2 in maintenance, not counted" in page.content.decode()
    for path in (f"/probes/{probe.pk}/availability/", f"/apis/{probe.api_id}/availability/"):
        page = admin_client.get(path)
        assert dict(page.context["shares"])["24 hours"] == "100 %"
        assert page.context["maintenance"] == 2
    ran(probe, False, at=now)
    assert counted(rest, probe) == (0.5, 2, 2), "the window is gone, so this one counts"


def test_a_status_page_leaves_them_out(
    probe: Probe, now: datetime, rest: Callable[..., Any], admin_client: Client
) -> None:
    page = rest("POST", "status-pages", {"name": "Shop", "apis": [probe.api_id]})
    ran(probe, True, at=now - 5 * MINUTE)
    add_window(rest, now)
    ran(probe, False, at=now - MINUTE)
    report = admin_client.get(f"/status-pages/{page['id']}/").context["report"]
    assert report.apis[0].availability == "100 %"


@pytest.mark.parametrize("scope", ["api", "tag", "account"])
def test_only_the_apis_that_it_covers(
    make_probe: Callable[..., Probe],
    api: HttpApi,
    make_api: Callable[..., HttpApi],
    now: datetime,
    rest: Callable[..., Any],
    scope: str,
) -> None:
    other = make_api("billing", "bbbbbbbbbb")
    HttpApi.objects.filter(pk=api.pk).update(tags={"team": "shop"})
    other.account = type(other.account).objects.create(name="staging", regions=["eu-central-1"])
    other.save()
    covered, not_covered = make_probe(), make_probe("other", api=other)
    fields: dict[str, Any] = {
        "api": {"api": api.pk},
        "tag": {"tag": "team=shop"},
        "account": {"account": api.account_id},
    }
    add_window(rest, now, **fields[scope])
    for probe in (covered, not_covered):
        ran(probe, True, at=now - MINUTE)
    assert counted(rest, covered) == (None, 0, 1)
    assert counted(rest, not_covered) == (1.0, 1, 0)


def test_each_roll_up_is_what_its_results_say(probe: Probe, now: datetime, rest: Callable[..., Any]) -> None:
    ran(probe, True, at=now - 5 * MINUTE)
    add_window(rest, now)
    ran(probe, True, False, at=now - MINUTE)
    kept = Result.objects.filter(probe=probe, maintenance=None).count()
    for seconds in rollups.SPANS:
        rows = Rollup.objects.filter(probe=probe, seconds=seconds)
        assert sum(row.passed + row.failed for row in rows) == kept
        assert sum(row.maintenance or 0 for row in rows) == 3 - kept
