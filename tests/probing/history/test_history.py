"""A probe's history: buckets that add up, gaps, fall-backs, and the events on the same axis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import tokens
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.editing.apply.models import Deployment
from apis.inventory.history import history as changes
from apis.inventory.models import Change, HttpApi
from apis.probing.history.availability import load_history
from apis.probing.history.history import counts
from apis.probing.history.ranges import RANGES
from apis.probing.models import Probe, Result
from apis.probing.runs.calls import Outcome
from apis.probing.runs.storage import store
from tests.probing.stored import ALLOWED, NOON, make_api, make_probe, outcome, ran, ran_often

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)
COUNTS = {"24h": 288, "7d": 168, "30d": 120, "90d": 90, "1y": 365}


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API."""
    return make_api()


@pytest.fixture
def probe(api: HttpApi) -> Probe:
    """A probe that has not run."""
    return make_probe(api)


@pytest.mark.parametrize("span", RANGES)
def test_buckets_cover_the_range_without_gaps(probe: Probe, span: str) -> None:
    ran(probe, NOON - timedelta(minutes=10))
    ran(probe, NOON - timedelta(minutes=7), *BLOCKED)
    store([probe], [Outcome.not_run("memory")], NOON - timedelta(minutes=6), "schedule")
    ran(probe, NOON - RANGES[span].length - timedelta(days=1), *BLOCKED)
    found = load_history(probe, span, NOON)
    assert len(found.buckets) == COUNTS[span]
    for earlier, later in zip(found.buckets, found.buckets[1:], strict=False):
        assert later.at - earlier.at == timedelta(seconds=earlier.seconds)
    assert found.buckets[-1].at <= NOON < found.buckets[-1].at + timedelta(seconds=found.buckets[-1].seconds)
    sums = [sum(getattr(bucket, name) for bucket in found.buckets) for name in ("runs", "passed", "failed", "not_run")]
    assert sums == [2, 1, 1, 1]
    assert found.availability == 0.5


def test_percentiles_are_those_of_all_runs_in_a_bucket(probe: Probe) -> None:
    begun = NOON - timedelta(hours=10)
    ran_often(
        probe,
        ((begun + timedelta(minutes=n), outcome(probe, *ALLOWED, total=float(n))) for n in range(1, 101)),
    )
    [bucket] = [one for one in load_history(probe, "90d", NOON).buckets if one.runs]
    assert bucket.runs == 100
    assert bucket.p50 == pytest.approx(50, rel=0.03) and bucket.p95 == pytest.approx(95, rel=0.03)


def test_without_runs_there_is_no_availability(probe: Probe) -> None:
    found = load_history(probe, "24h", NOON)
    assert found.availability is None and {bucket.runs for bucket in found.buckets} == {0}
    assert found.buckets[0].p50 is None and found.events == []


def test_history_outlives_the_results(probe: Probe) -> None:
    ran(probe, NOON - timedelta(days=60))
    Probe.objects.update(last_result=None)
    Result.objects.all().delete()
    assert load_history(probe, "90d", NOON).availability == 1.0


def test_a_probes_page_counts_the_runs_of_the_same_24_hours(probe: Probe) -> None:
    now = timezone.now()
    for minutes, headers in ((0, ALLOWED), (600, BLOCKED), (24 * 60 - 6, ALLOWED), (24 * 60 + 6, ALLOWED)):
        ran(probe, now - timedelta(minutes=minutes), *headers)
    Probe.objects.update(last_result=None)
    Result.objects.all().delete()
    found = counts(probe)
    assert (found["runs"], found["passed"], found["share"]) == (3, 2, "66.7")
    assert sum(bucket.runs for bucket in load_history(probe, "24h").buckets) == 3


def test_shorter_retention_reads_longer_rollups(probe: Probe, settings: Any) -> None:
    ran(probe, NOON - timedelta(minutes=1))
    settings.CORSDASH_KEEP_HOURLY_DAYS = 10
    assert {bucket.seconds for bucket in load_history(probe, "30d", NOON).buckets} == {86_400}
    assert load_history(probe, "30d", NOON).availability == 1.0


def test_apis_accounts_and_all_add_up_their_probes(probe: Probe, api: HttpApi) -> None:
    other = make_probe(api, name="other")
    elsewhere = make_probe(make_api("elsewhere"))
    at = NOON - timedelta(minutes=5)
    ran(probe, at)
    ran(other, at, *BLOCKED)
    ran(elsewhere, at)
    for scope, expected in ((probe, (1, 1)), (api, (2, 1)), (api.account, (2, 1)), (None, (3, 2))):
        found = load_history(scope, "7d", NOON)
        assert (sum(b.runs for b in found.buckets), sum(b.passed for b in found.buckets)) == expected


def test_events_of_every_kind_lie_on_the_axis(probe: Probe, api: HttpApi, client: Client, viewer: User) -> None:
    now = timezone.now()
    changes.record_live(api.pk, {"AllowOrigins": ["https://a.example"]}, now - timedelta(hours=5))
    changes.record_live(api.pk, {"AllowOrigins": ["https://b.example"]}, timezone.now())
    Change.objects.create(
        api=api, kind=Change.Kind.PANEL, status="applied", at=now - timedelta(hours=3), summary="Added an origin"
    )
    Deployment.objects.create(
        api=api, stage="prod", state="done", at=now, finished_at=now - timedelta(hours=2), asked_by_name="ed"
    )
    for minutes, headers in ((60, ALLOWED), (50, BLOCKED), (40, BLOCKED), (30, ALLOWED)):
        ran(probe, now - timedelta(minutes=minutes), *headers)
    incidents.settle_flips()
    kinds = [event.kind for event in load_history(probe, "24h").events]
    assert sorted(kinds) == ["change", "deployment", "drift", *["flip"] * 4, "incident"]
    assert kinds.index("change") < kinds.index("deployment") < kinds.index("flip") < kinds.index("drift")
    assert [event.kind for event in load_history(make_probe(api, name="calm"), "24h").events].count("incident") == 0
    token = tokens.create(viewer, "test")[1]
    answer = client.get(f"/api/v1/probes/{probe.pk}/history?range=7d", headers={"Authorization": f"Bearer {token}"})
    found = answer.json()
    assert found.keys() == {"availability", "buckets", "events"} and found["availability"] == 0.5
    assert len(found["buckets"]) == 168
    counts = {"runs", "passed", "failed", "not_run", "maintenance", "late", "missed"}
    assert found["buckets"][0].keys() == {"at", "seconds", *counts, "p50", "p95"}
    assert found["events"][-1].keys() == {"at", "kind", "id", "summary"}
    [incident] = [event for event in found["events"] if event["kind"] == "incident"]
    assert incident["id"] == Incident.objects.get().pk


def test_a_range_that_is_none_is_refused(probe: Probe, client: Client, viewer: User) -> None:
    token = tokens.create(viewer, "test")[1]

    def status(query: str) -> int:
        path = f"/api/v1/probes/{probe.pk}/history{query}"
        return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert [status(query) for query in ("", "?range=1y", "?range=2d", "?span=7d")] == [200, 200, 422, 422]


def test_a_history_takes_as_many_queries_with_many_runs(
    probe: Probe, api: HttpApi, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for minute in range(30):
        ran(probe, NOON - timedelta(minutes=minute * 20), *(ALLOWED if minute % 4 else BLOCKED))
    for scope in (probe, api, api.account, None):
        with django_assert_max_num_queries(6):
            load_history(scope, "24h", NOON)
