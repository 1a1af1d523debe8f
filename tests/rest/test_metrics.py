"""Prometheus reads the metrics, and the dashboard and alert rules use only metrics that exist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apis.access import tokens
from apis.alerting.models import Incident
from apis.demo.serve import Demo
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.outbound import from_settings
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.probing.runs import schedule
from apis.probing.runs.calls import make_calls
from apis.probing.runs.runner import run
from apis.probing.runs.storage import store
from apis.probing.sets import bulk_actions
from tests.inventory.mirror import an_account
from tests.support.mirrored import account, api

__all__ = ["account", "api"]
STATIC = Path(__file__).resolve().parents[2] / "static" / "insight"


@pytest.fixture
def scrape(admin: User, client: Client) -> Any:
    """Read the metrics as Prometheus does: samples by name and labels."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'prometheus')[1]}"}

    def read() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        response = client.get("/metrics", headers=headers)
        assert response.status_code == 200
        families = text_string_to_metric_families(response.content.decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    return read


def test_it_needs_a_token_or_a_known_network(client: Client, admin: User, settings: Any) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer cd_wrong"}).status_code == 401
    wall = tokens.create(admin, "tv", purpose="wall")[1]
    assert client.get("/metrics", headers={"Authorization": f"Bearer {wall}"}).status_code == 401
    settings.CORSDASH_METRICS_NETWORKS = ["10.1.0.0/16"]
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.post("/metrics", REMOTE_ADDR="10.1.2.3").status_code in (403, 405)


def test_probes_and_incidents(api: HttpApi, scrape: Any, admin: User) -> None:
    good = probe_edits.save(api, {"name": 'a "good" one', "origin": "https://app.example.com", "path": "/items"}, admin)
    bad = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items", "failures": 1}, admin)
    new = probe_edits.save(api, {"origin": "https://new.example", "path": "/items"}, admin)
    wrong = probe_edits.save(api, {"origin": "https://wrong.example", "path": "/items", "failures": 1}, admin)
    run([good.pk, bad.pk, wrong.pk])
    Probe.objects.exclude(pk=wrong.pk).update(last_passed_at=timezone.now() - timedelta(days=1))
    Incident.objects.create(api=api, opened_at=timezone.now())
    found = scrape()
    up = {dict(labels)["probe"]: value for (name, labels), value in found.items() if name == "corsdash_probe_up"}
    assert up == {str(good.pk): 1, str(bad.pk): 0}
    assert str(new.pk) not in up
    durations = [name for name, _ in found if name == "corsdash_probe_last_duration_seconds"]
    assert len(durations) == 3
    # The expectation of one that never passed may be wrong: it is no alarm.
    assert found["corsdash_probes", frozenset({("state", "down")})] == 1
    assert found["corsdash_probes", frozenset({("state", "never_passed")})] == 1
    assert found["corsdash_probes", frozenset({("state", "new")})] == 1
    assert found["corsdash_open_incidents", frozenset({("acknowledged", "false")})] == 1


def test_the_last_run_shows_however_long_ago_it_was(api: HttpApi, scrape: Any, admin: User) -> None:
    probes = [probe_edits.save(api, {"origin": f"https://{name}.example"}, admin) for name in ("new", "old", "never")]
    run([probe.pk for probe in probes[:2]])
    old = Result.objects.get(probe=probes[1])
    Result.objects.filter(pk=old.pk).update(at=old.at - timedelta(days=3))
    found = scrape()
    for name in ("corsdash_probe_last_run_timestamp_seconds", "corsdash_probe_last_duration_seconds"):
        assert [(name, frozenset({("probe", str(probe.pk))})) in found for probe in probes] == [True, True, False]
    last = found["corsdash_probe_last_run_timestamp_seconds", frozenset({("probe", str(probes[1].pk))})]
    assert last == pytest.approx((old.at - timedelta(days=3)).timestamp())


def test_a_late_schedule_shows(api: HttpApi, scrape: Any, admin: User) -> None:
    probe_edits.save(api, {"origin": "https://app.example.com", "path": "/items"}, admin)
    Probe.objects.update(due_at=int(timezone.now().timestamp()) - 90)
    assert 90 <= scrape()["corsdash_scheduler_lag_seconds", frozenset()] < 150


def test_runs_are_counted_by_outcome_and_duration(api: HttpApi, scrape: Any, admin: User) -> None:
    good = probe_edits.save(api, {"origin": "https://a.example", "path": "/items"}, admin)
    bad = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items"}, admin)
    before = scrape()
    run([good.pk, bad.pk])
    run([good.pk])
    after = scrape()

    def grown(name: str, **labels: str) -> float:
        key = f"corsdash_{name}", frozenset(labels.items())
        return after[key] - before[key]

    assert [grown("probe_runs_total", outcome=one) for one in ("passed", "failed", "not_run")] == [2, 1, 0]
    assert grown("probe_duration_seconds_count") == grown("probe_duration_seconds_bucket", le="+Inf") == 3
    took = sum(result.latency or 0 for result in Result.objects.all()) / 1000
    assert grown("probe_duration_seconds_sum") == pytest.approx(took)
    growing = [grown("probe_duration_seconds_bucket", le=bound) for bound in ("0.005", "0.01", "0.1", "1.0", "10.0")]
    assert growing == sorted(growing)


def test_late_and_missed_runs_are_counted_and_shown(api: HttpApi, scrape: Any, admin: User, signed_in: Client) -> None:
    """Late is what starts seconds after its place in the schedule; missed are the places without a run."""
    probe = probe_edits.save(api, {"origin": "https://a.example", "path": "/items", "interval": 60}, admin)
    assert schedule.claim_due() == [probe.pk]
    probe.refresh_from_db()
    place = datetime.fromtimestamp(probe.due_at - 600, UTC)
    Probe.objects.update(scheduled_since=place - timedelta(seconds=90))
    [outcome] = make_calls([probe], from_settings())

    def at(seconds: int, cause: str = "schedule") -> tuple[float, float]:
        store([probe], [outcome], place + timedelta(seconds=seconds), cause)
        found = scrape()
        names = ("corsdash_probe_late_runs_total", "corsdash_probe_missed_runs_total")
        late, missed = (found[name, frozenset()] for name in names)
        return late, missed

    late, missed = at(-59)  # a place, which is the first since the schedule began
    assert at(2) == (late, missed)
    assert at(32) == (late, missed)  # a retry
    assert at(60 + 20) == (late + 1, missed)
    assert at(5 * 60 + 1) == (late + 1, missed + 3)
    assert at(9 * 60 + 30, "person") == (late + 1, missed + 3)

    page = " ".join(signed_in.get(f"/probes/{probe.pk}/availability/").content.decode().split())
    assert "3 scheduled runs missed, 1 started late" in page
    assert page.count("3 missed") == 1 and page.count("1 late") >= 1, "the bars say in which stretch"
    token = {"Authorization": f"Bearer {tokens.create(admin, 'history')[1]}"}
    buckets = signed_in.get(f"/api/v1/probes/{probe.pk}/history", headers=token).json()["buckets"]
    assert (sum(one["late"] for one in buckets), sum(one["missed"] for one in buckets)) == (1, 3)

    # Another interval, or a pause, begins a new schedule.
    bulk_actions.set_interval(Probe.objects.all(), admin, 10)
    run([probe.pk])
    assert scrape()["corsdash_probe_missed_runs_total", frozenset()] == missed + 3


def test_calls_to_aws_and_throttles_are_counted(api: HttpApi, scrape: Any, demo: Demo) -> None:
    calls = "corsdash_aws_calls_total", frozenset({("service", "apigatewayv2")})
    throttles = "corsdash_aws_throttles_total", frozenset({("service", "apigatewayv2")})
    before = scrape()
    sync.reread_api(api)
    assert scrape()[calls] == before[calls] + 1
    demo.faults.add("throttle", operation="GetApi", times=1)
    sync.reread_api(api)  # tried again
    after = scrape()
    assert (after[calls] - before[calls], after[throttles] - before[throttles]) == (3, 1)


def test_waiting_tasks_show(scrape: Any, broker: Any) -> None:
    key = "corsdash_queue_tasks", frozenset({("queue", "background")})
    before = scrape()[key]
    broker.lpush("background", "a message")  # Tests run their tasks at once, past the broker.
    assert scrape()[key] == before + 1
    broker.delete("background")


def test_an_old_sync_shows(scrape: Any) -> None:
    row = sync.start(account=an_account()).regions.get()
    row.state, row.finished_at = "done", timezone.now() - timedelta(hours=2)
    row.save()
    key = "corsdash_sync_age_seconds", frozenset({("account", "production"), ("region", "us-east-1")})
    assert 7200 <= scrape()[key] < 7300


@pytest.mark.once
def test_the_dashboard_and_the_alert_rules_ask_for_existing_metrics(
    api: HttpApi, scrape: Any, admin: User, signed_in: Client
) -> None:
    probe = probe_edits.save(api, {"origin": "https://app.example.com", "path": "/items"}, admin)
    run([probe.pk])
    Probe.objects.update(last_passed_at=timezone.now() - timedelta(days=1))
    row = sync.start(account=api.account).regions.first()
    assert row is not None
    row.state, row.finished_at = "done", timezone.now()
    row.save()
    known = {name for name, _ in scrape()} | {"up", "corsdash_scheduler_last_tick_timestamp_seconds"}
    dashboard = json.loads((STATIC / "grafana-dashboard.json").read_text())
    rules = yaml.safe_load((STATIC / "prometheus-alerts.yml").read_text())["groups"][0]["rules"]
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for rule in rules]
    assert len(asked) > 10
    for text in asked:
        names = set(_names(promql_parser.parse(text)))
        assert names and names <= known, text
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    settings_page = signed_in.get("/settings/").content.decode()
    assert "grafana-dashboard" in settings_page and "prometheus-alerts" in settings_page


def _names(expression: Any) -> Iterator[str]:
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression.name or ""
    for part in ("lhs", "rhs", "expr", "vector_selector", "args"):
        inner = getattr(expression, part, None)
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, promql_parser.Expr):
                yield from _names(one)


def test_live_and_ready(client: Client) -> None:
    assert client.get("/api/v1/health/live").json() == {"status": "ok"}
    ready = client.get("/api/v1/health/ready")
    parts = ready.json()
    assert ready.status_code == (200 if "unreachable" not in (parts["database"], parts["broker"]) else 503)
