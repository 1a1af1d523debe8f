"""What this machine lacks is "not run": no failure, no flip, no verdict, but visible with its reason."""

from __future__ import annotations

import html
import re
import resource
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from apis.editing.apply import verification as verify
from apis.inventory.models import Change, HttpApi
from apis.outbound import resolver as resolve
from apis.probing import probe_edits, tasks
from apis.probing.history import beats, history
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs import runner
from apis.probing.runs.calls import Outcome
from apis.probing.runs.runner import run, store


@pytest.fixture
def probe(api: HttpApi) -> Probe:
    """A probe that is down after one failure and has just passed."""
    made = probe_edits.save(api, {"origin": "https://a.example", "path": "/items", "failures": 1})
    run([made.pk])
    made.refresh_from_db()
    assert made.state == "up"
    return made


@pytest.fixture
def no_descriptors() -> Iterator[Callable[[], None]]:
    """Leaves this process without any descriptor for a new socket, until the test is over."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    def close() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))

    yield close
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def text_of(page: Any) -> str:
    """What a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.mark.django_db(transaction=True)
def test_without_descriptors_nothing_failed(probe: Probe, no_descriptors: Callable[[], None]) -> None:
    HttpApi.objects.update(endpoint="http://fresh.localhost:1")  # no kept connection leads there
    no_descriptors()
    found = run([probe.pk])[0]
    assert (found.passed, found.not_run, found.allowed) == (None, "descriptors", None)
    assert found.error
    probe.refresh_from_db()
    assert (probe.state, probe.failed_in_a_row, probe.passed_in_a_row) == ("up", 0, 1)
    assert probe.last_result == found and beats.read(probe.beats)[0].passed is None
    assert Flip.objects.count() == 1, "the one from new to up"


def test_dns_of_this_machine_that_is_dead_is_not_run(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    HttpApi.objects.update(endpoint="https://api.test")

    def dead(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(resolve.SHARED, "_lookup", dead)
    assert run([probe.pk])[0].not_run == "resolver"
    assert Probe.objects.get().state == "up"


def test_a_batch_that_takes_too_long_leaves_the_rest_out(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apis.probing.runs.calls.BATCH_S", 0)
    assert run([probe.pk])[0].not_run == "deadline"
    assert Probe.objects.get().state == "up"


def test_an_error_of_our_own_is_not_run_and_ends_no_other_probe(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    other = probe_edits.save(probe.api, {"origin": "https://a.example", "path": "/items?other"})
    # Values that no form lets through.
    Probe.objects.filter(pk=probe.pk).update(headers=[7], failures=1)
    broken, good = run([probe.pk, other.pk])
    assert (broken.passed, broken.not_run) == (None, "internal")
    assert good.passed
    assert "could not be run" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_for_a_moment_loses_nothing(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    away = iter([OperationalError("gone"), OperationalError("gone")])

    def flaky(*given: Any) -> list[Result]:
        if error := next(away, None):
            raise error
        return store(*given)

    monkeypatch.setattr(runner, "store", flaky)
    assert run([probe.pk])[0].passed


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_noted_when_it_is_back(
    probe: Probe, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: Any) -> list[Result]:
        raise OperationalError("gone")

    with monkeypatch.context() as away:
        away.setattr(runner, "store", gone)
        away.setattr(runner, "PATIENCE_S", 0)
        with pytest.raises(runner.NotStored) as lost:
            run([probe.pk])
    tasks.note_not_run([probe.pk], lost.value.at.isoformat(), "schedule")
    found = Result.objects.get(not_run="database")
    assert (found.passed, found.at) == (None, lost.value.at)
    assert Probe.objects.get().state == "up"


def test_it_is_visible_on_the_pages_and_left_out_of_availability(signed_in: Client, probe: Probe) -> None:
    lacking = store([probe], [Outcome.not_run("network")], timezone.now(), "schedule")[0]
    assert history.counts(Probe.objects.get()) == {
        "runs": 1, "passed": 1, "not_run": 1, "share": "100", "maintenance": 0,
    }  # fmt: skip
    for path in ("/probes/", f"/apis/{probe.api_id}/probes/", f"/probes/{probe.pk}/"):
        page = text_of(signed_in.get(path))
        assert "Passing" in page and "not run (network)" in page, path
    for path in (f"/probes/{probe.pk}/", f"/results/{lacking.pk}/"):
        page = text_of(signed_in.get(path))
        filters = "All Failed Passed Not run State changes"
        assert lacking.error in page and "Failed" not in page.replace(filters, ""), path


def test_a_change_is_not_verified_by_it_but_again_later(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    change = Change.objects.create(
        api=probe.api, kind=Change.Kind.PANEL, status=Change.Status.APPLIED, at=now, settled_at=now, guard=True,
        before=probe.api.current, after=probe.api.current,
    )  # fmt: skip
    monkeypatch.setattr("apis.probing.runs.calls.BATCH_S", 0)
    assert verify.verify(change) is None
    change.refresh_from_db()
    assert change.verification.done_at is None and change.verification.try_at is not None
    assert not any(check.regressed for check in verify.checks(change))
    monkeypatch.undo()
    verify.verify(change)
    change.verification.refresh_from_db()
    assert change.verification.done_at is not None


def test_a_first_run_that_was_not_made_leaves_the_probe_new(api: HttpApi) -> None:
    made = probe_edits.save(api, {"origin": "https://a.example", "path": "/items"})
    at = timezone.now() - timedelta(minutes=1)
    store([made], [Outcome.not_run("ports")], at, "schedule")
    made.refresh_from_db()
    assert (made.state, made.never_passed, made.state_since) == ("new", False, None)
    assert run([made.pk])[0].passed
