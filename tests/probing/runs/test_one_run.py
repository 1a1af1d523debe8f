"""A new probe is run once, and one that never passed says so with its cause."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import tokens
from apis.demo.serve import Demo
from apis.insight.paste_answer import answer_call
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits, tasks
from apis.probing.models import Probe, Result
from apis.probing.runs import schedule
from apis.probing.runs.calls import request_of
from apis.probing.runs.cause import cause_of
from apis.probing.runs.runner import run
from tests.demo.clients import control
from tests.support.servers import until


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its routes and addresses read."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


def text_of(page: Any) -> str:
    """What a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.mark.django_db(transaction=True)
def test_adding_a_probe_runs_it_once(signed_in: Client, known: HttpApi, worker: Any) -> None:
    call = {
        "origin": "https://a.example", "method": "GET", "path": "/items", "headers": "", "expect": "allowed",
        "interval": "300", "failures": "2", "name": "", "enabled": "on", "base_url": known.endpoint,
    }  # fmt: skip
    signed_in.post(f"/apis/{known.pk}/probes/add/", call)
    tasks.tick()
    until(lambda: Result.objects.exists(), "it is run")
    assert schedule.claim_due() == [], "the run by hand is the one that was due"
    assert Result.objects.count() == 1


@pytest.mark.parametrize("causes", [("schedule", "person"), ("person", "schedule")])
def test_a_run_by_hand_at_the_same_moment_counts_once(known: HttpApi, causes: tuple[str, str]) -> None:
    probe = probe_edits.save(known, {"origin": "https://evil.example", "path": "/items", "failures": 2})
    for cause in causes:
        run([probe.pk], cause)
    probe.refresh_from_db()
    assert (probe.results.count(), probe.failed_in_a_row, probe.state) == (2, 1, "failing")
    Result.objects.update(at=timezone.now() - timedelta(seconds=11))
    run([probe.pk], "person")
    probe.refresh_from_db()
    assert (probe.failed_in_a_row, probe.state) == (2, "down")


@pytest.mark.parametrize("leftover_first", [True, False])
def test_a_run_that_waited_for_an_interval_is_left_to_the_next(known: HttpApi, leftover_first: bool) -> None:
    """No worker ran for an hour: the message of before and the run that is due now are not two failures."""
    call = {"origin": "https://evil.example", "path": "/items", "failures": 2, "interval": 60}
    probe = probe_edits.save(known, call)
    now = timezone.now()
    Probe.objects.update(due_at=int((now - timedelta(hours=1)).timestamp()))
    [(leftover, _)] = schedule.claim_ahead(now - timedelta(hours=1))
    if leftover_first:
        tasks.run([probe.pk], "schedule", leftover)
    [(start, _)] = schedule.claim_ahead(now)
    if not leftover_first:
        tasks.run([probe.pk], "schedule", leftover)
    assert not Result.objects.exists()
    tasks.run([probe.pk], "schedule", start)
    probe.refresh_from_db()
    assert (probe.results.count(), probe.failed_in_a_row) == (1, 1)


def test_a_run_that_is_repeated_within_its_interval_is_made(known: HttpApi) -> None:
    """A worker was killed before it stored anything: the message comes again, and nothing else is due."""
    probe = probe_edits.save(known, {"origin": "https://evil.example", "path": "/items", "interval": 86_400})
    Probe.objects.update(due_at=0)
    [(start, ids)] = schedule.claim_ahead(timezone.now() - timedelta(seconds=3))
    tasks.run(ids, "schedule", start)
    assert probe.results.count() == 1


def test_without_a_broker_the_tick_gives_back_what_it_claimed(known: HttpApi, settings: Any) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    tasks.tick()
    assert schedule.claim_due() == [probe.pk]


def test_without_a_broker_the_run_stays_due(known: HttpApi, settings: Any) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    assert not tasks.run_now(probe)
    assert schedule.claim_due() == [probe.pk]


def test_a_probe_that_never_passed_says_so_with_the_cause_of_explain(
    signed_in: Client, known: HttpApi, viewer: User
) -> None:
    probe = probe_edits.save(known, {"origin": "https://evil.example", "path": "/items"})
    result = run([probe.pk])[0]
    probe = Probe.objects.get()
    assert probe.never_passed
    explained = answer_call(request_of(probe).as_json(), api=known).diagnosis.cause
    assert explained
    for path in ("/probes/", f"/apis/{known.pk}/probes/", f"/probes/{probe.pk}/"):
        page = text_of(signed_in.get(path))
        assert "Never passed" in page and explained.title in page, path
    named = {"code": explained.code, "title": explained.title}
    rest = Client(headers={"Authorization": f"Bearer {tokens.create(viewer, 'test')[1]}"})
    for path in (f"probes/{probe.pk}", "probes", f"probes/{probe.pk}/results"):
        answer = rest.get(f"/api/v1/{path}").json()
        [row] = answer.get("items", [answer])
        assert row["cause"] == named, path
    assert rest.get("/api/v1/probes").json()["items"][0]["never_passed"] is True
    for path in (f"/probes/{probe.pk}/", f"/results/{result.pk}/"):
        cause = signed_in.get(path).context["cause"]
        assert (cause.code, cause.field) == (explained.code, explained.field)
        assert cause.why in text_of(signed_in.get(path))


def test_a_path_that_no_route_serves_is_the_cause(signed_in: Client, known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/nowhere"})
    run([probe.pk])
    cause = signed_in.get(f"/probes/{probe.pk}/").context["cause"]
    assert (cause.code, cause.field) == ("no-route", None)


def test_a_changed_call_has_never_passed_and_one_switched_on_again_has(known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    run([probe.pk])
    probe.refresh_from_db()
    assert probe.last_passed_at is not None
    probe_edits.save(known, {"enabled": False}, probe=probe)
    probe_edits.save(known, {"enabled": True}, probe=probe)
    assert probe.state == "new" and probe.last_passed_at is not None
    probe_edits.save(known, {"path": "/other"}, probe=probe)
    assert probe.last_passed_at is None


def test_a_failure_that_came_before_its_change_was_known_is_explained_by_the_change(known: HttpApi, demo: Demo) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    control(demo).update_api(ApiId=known.api_id, CorsConfiguration={"AllowOrigins": ["https://b.example"]})
    result = run([probe.pk])[0]
    first = cause_of(Result.objects.get(pk=result.pk))
    assert first and first.code in ("stage-not-deployed", "something-else-answered")
    sync.refresh(known)
    then = cause_of(Result.objects.get(pk=result.pk))
    assert then and (then.code, then.field) == ("origin-not-allowed", "AllowOrigins")
