"""Incidents open, grow and close with the flips of an API's probes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery, Incident
from apis.inventory.models import Change, HttpApi
from apis.probing import probe_edits as probe_edit
from apis.probing.models import Flip, Probe
from apis.probing.runs.calls import Outcome
from apis.probing.runs.storage import store
from tests.alerting.conftest import ALLOWED, BLOCKED, NOON, ran


def shown() -> list[str]:
    """The events that were announced, in order."""
    return list(Delivery.objects.order_by("pk").values_list("event", flat=True))


def test_one_failure_is_not_down_yet(probe: Probe, webhook: Channel) -> None:
    ran(probe, True, False)
    assert incidents.settle_flips() == 2
    assert not Incident.objects.exists()
    assert shown() == []


def test_down_opens_an_incident_with_what_a_browser_said(probe: Probe, webhook: Channel) -> None:
    last = ran(probe, True, False, False, at=NOON)
    incidents.settle_flips()
    incident = Incident.objects.get()
    assert incident.state == "open"
    assert incident.opened_at == last
    assert incident.summary == "https://app.example.com → GET /items"
    member = incident.members.get()
    assert member.reason == "The preflight's answer allows no origin."
    assert member.down_at == NOON + timedelta(seconds=30), "down since the first failing call"
    assert shown() == ["incident.opened"]


def test_settling_again_does_nothing(probe: Probe, webhook: Channel) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    assert incidents.settle_flips() == 0
    assert shown() == ["incident.opened"]


def test_recovery_closes_it_and_says_for_how_long_it_was_down(probe: Probe, webhook: Channel) -> None:
    ran(probe, False, False, at=NOON)
    incidents.settle_flips()
    ran(probe, True, at=NOON + timedelta(minutes=12))
    incidents.settle_flips()
    incident = Incident.objects.get()
    assert (incident.state, incident.closed_at) == ("closed", NOON + timedelta(minutes=12))
    closed = Delivery.objects.get(event="incident.closed")
    assert closed.data["incident"]["down_seconds"] == 12 * 60
    assert closed.data["incident"]["recovered"] is True


def test_probes_of_one_api_share_an_incident(
    probe: Probe, make_probe: Callable[..., Probe], webhook: Channel, mail: Channel
) -> None:
    other = make_probe("orders")
    ran(probe, False, False)
    incidents.settle_flips()
    ran(other, False, False)
    incidents.settle_flips()
    incident = Incident.objects.get()
    assert {member.probe for member in incident.members.all()} == {probe, other}
    assert incident.summary == "https://app.example.com → GET /items and 1 more probe"
    assert shown() == ["incident.opened"] * 2, "one message per channel, none for the probe that joined"
    ran(probe, True)
    incidents.settle_flips()
    incident.refresh_from_db()
    assert incident.state == "open", "the other probe is still down"
    ran(other, True)
    incidents.settle_flips()
    incident.refresh_from_db()
    assert incident.state == "closed"


def test_probes_of_two_apis_do_not(
    probe: Probe, make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe]
) -> None:
    other = make_probe("users", api=make_api("users", "zyxwvutsrq"))
    ran(probe, False, False)
    ran(other, False, False)
    incidents.settle_flips()
    assert {incident.api.name for incident in Incident.objects.all()} == {"orders", "users"}


def test_a_whole_story_settled_late_is_reported_in_order(probe: Probe, webhook: Channel) -> None:
    ran(probe, True, False, False, True, False, False, at=NOON)
    incidents.settle_flips()
    assert shown() == ["incident.opened", "incident.closed", "incident.opened"]
    assert [incident.state for incident in Incident.objects.order_by("pk")] == ["closed", "open"]


def test_two_probes_settled_late_close_with_the_last_one(probe: Probe, make_probe: Callable[..., Probe]) -> None:
    other = make_probe("orders")
    for one, passed, minute in ((probe, 0, 0), (other, 0, 1), (other, 1, 5), (probe, 1, 9)):
        ran(one, *([True] if passed else [False, False]), at=NOON + timedelta(minutes=minute))
    incidents.settle_flips()
    incident = Incident.objects.get()
    assert incident.closed_at == NOON + timedelta(minutes=9)
    assert all(member.up_at for member in incident.members.all())


def test_flapping_is_reported_once(probe: Probe, webhook: Channel) -> None:
    at = timezone.now() - timedelta(minutes=50)
    for _ in range(7):
        ran(probe, False, False, True, at=at, every=10)
        incidents.settle_flips()
        at += timedelta(minutes=2)
    assert probe.state == Probe.State.FLAPPING
    assert shown().count("incident.opened") == 4, "three times down, then flapping, then silence"
    assert Incident.objects.filter(state="open").count() == 1
    ran(probe, *[True] * 6, at=at)
    incidents.settle_flips()
    assert not Incident.objects.filter(state="open").exists()


@pytest.mark.parametrize("end", ["deleted", "switched off", "API gone"])
def test_what_no_one_watches_does_not_stay_open(probe: Probe, webhook: Channel, end: str) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    if end == "deleted":
        probe.delete()
    elif end == "switched off":
        probe_edit.save(probe.api, {"enabled": False}, probe=probe)
    else:
        HttpApi.objects.update(gone_at=timezone.now())
    incidents.settle_flips()
    assert Incident.objects.get().state == "closed"
    closed = Delivery.objects.get(event="incident.closed")
    assert closed.data["incident"]["recovered"] is False


def test_an_api_that_comes_back_with_a_failing_probe_is_reported_of_again(probe: Probe, webhook: Channel) -> None:
    """Its incident was closed when no one could watch; the probe was down before and is down again."""
    ran(probe, False, False, at=timezone.now() - timedelta(minutes=5))
    incidents.settle_flips()
    HttpApi.objects.update(gone_at=timezone.now())
    incidents.settle_flips()
    assert Incident.objects.get().state == "closed"
    HttpApi.objects.update(gone_at=None)
    incidents.settle_flips()
    assert Incident.objects.count() == 1, "nothing is known yet"
    ran(probe, False, at=timezone.now() + timedelta(seconds=1))
    for _ in range(3):
        incidents.settle_flips()
    assert [one.state for one in Incident.objects.order_by("pk")] == ["closed", "open"]
    assert Delivery.objects.filter(event="incident.opened").count() == 2


def test_a_probe_switched_on_again_starts_again(probe: Probe, webhook: Channel) -> None:
    ran(probe, False, False, at=timezone.now() - timedelta(minutes=5))
    incidents.settle_flips()
    probe_edit.save(probe.api, {"enabled": False}, probe=Probe.objects.get())
    incidents.settle_flips()
    probe_edit.save(probe.api, {"enabled": True}, probe=Probe.objects.get())
    assert Probe.objects.get().state == "new"
    ran(Probe.objects.get(), False, False, at=timezone.now())
    incidents.settle_flips()
    assert Incident.objects.filter(state="open").count() == 1


def test_a_probe_switched_off_does_not_hold_up_the_others(probe: Probe, make_probe: Callable[..., Probe]) -> None:
    other = make_probe("orders")
    ran(probe, False, False)
    ran(other, False, False)
    incidents.settle_flips()
    probe_edit.save(probe.api, {"enabled": False}, probe=probe)
    ran(other, True)
    incidents.settle_flips()
    assert Incident.objects.get().state == "closed"


def test_an_edited_probe_keeps_the_incident_until_it_passes(probe: Probe) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    probe_edit.save(probe.api, {"path": "/other"}, probe=probe)
    incidents.settle_flips()
    assert Incident.objects.get().state == "open"
    ran(probe, True)
    incidents.settle_flips()
    assert Incident.objects.get().state == "closed"


def test_a_deleted_api_takes_its_flips_along(probe: Probe) -> None:
    ran(probe, False, False)
    probe.api.delete()
    assert incidents.settle_flips() == 0
    assert not Flip.objects.exists()


def test_without_a_channel_the_incident_is_kept_all_the_same(probe: Probe) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    assert Incident.objects.count() == 1


def test_a_channel_that_is_off_is_not_announced(probe: Probe, webhook: Channel) -> None:
    webhook.enabled = False
    webhook.save()
    ran(probe, False, False)
    incidents.settle_flips()
    assert shown() == []


def test_a_call_that_should_be_blocked_and_is_not(make_probe: Callable[..., Probe]) -> None:
    probe = make_probe("admin", expect=Probe.Expect.BLOCKED)
    ran(probe, False, True, True)
    incidents.settle_flips()
    assert "expects it to be blocked" in Incident.objects.get().members.get().reason


def test_what_a_probe_was_before_its_call_changed_does_not_count(probe: Probe) -> None:
    """Its failing began with the new call, whatever became of the old one."""
    ran(probe, True, False, at=NOON)
    probe_edit.save(probe.api, {"path": "/elsewhere"}, probe=probe)
    ran(probe, True, False, False, at=NOON + timedelta(minutes=20), every=60)
    incidents.settle_flips()
    assert Incident.objects.get().members.get().down_at == NOON + timedelta(minutes=21)


def test_a_probe_that_has_never_passed_opens_no_incident(
    probe: Probe, changed: Callable[..., Change], webhook: Channel
) -> None:
    """Its call or its expectation may be wrong; an incident would blame the last change for it."""
    changed(NOON - timedelta(minutes=1))
    for minute in range(3):
        store([probe], [Outcome(verdict=BLOCKED)], NOON + timedelta(minutes=minute), "schedule")
    incidents.settle_flips()
    probe.refresh_from_db()
    assert (probe.state, probe.never_passed) == ("down", True)
    assert not Incident.objects.exists() and shown() == []
    assert incidents.settle_flips() == 0
    ran(probe, True, False, False, at=NOON + timedelta(minutes=10))
    incidents.settle_flips()
    assert Incident.objects.get().members.get().probe == probe


def test_what_this_machine_could_not_run_opens_closes_and_changes_nothing(probe: Probe, webhook: Channel) -> None:
    last = ran(probe, True, False, False, at=NOON)
    incidents.settle_flips()
    for minute in range(1, 9):
        store([probe], [Outcome.not_run("network")], last + timedelta(minutes=minute), "schedule")
    assert incidents.settle_flips() == 0
    assert Incident.objects.get().state == "open" and shown() == ["incident.opened"]


def _queries_when_apis_go_and_come_back(probes: list[Probe]) -> list[int]:
    """Open incidents, close them because their APIs are gone, and open them again: the queries of each step."""
    counts = []
    for minute, passed, gone in ((10, False, None), (12, None, NOON), (20, False, None), (22, True, None)):
        at = NOON + timedelta(minutes=minute)
        if passed is not None:
            verdict = ALLOWED if passed else BLOCKED
            for again in range(2):
                store(probes, [Outcome(verdict=verdict)] * len(probes), at + timedelta(seconds=again), "schedule")
        HttpApi.objects.filter(probes__in=probes).update(gone_at=gone)
        with CaptureQueriesContext(connection) as asked:
            incidents.settle_flips(at + timedelta(seconds=30))
            incidents.settle_flips(at + timedelta(seconds=31))
        counts.append(len(asked))
    return counts


@pytest.mark.once
def test_a_hundred_apis_take_as_many_queries_as_two(
    make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe], webhook: Channel
) -> None:
    """And new probes that pass take hardly any."""
    counts = []
    for size in (2, 100):
        apis = [make_api(f"api {size}-{number}", f"api{size:03}{number:04}") for number in range(size)]
        made = [make_probe(f"probe {size}-{number}", api=api) for number, api in enumerate(apis)]
        for passed, at in ((True, NOON), (False, NOON + timedelta(minutes=1)), (False, NOON + timedelta(minutes=2))):
            verdict = ALLOWED if passed else BLOCKED
            store(made, [Outcome(verdict=verdict)] * size, at, "schedule")
        with CaptureQueriesContext(connection) as opened:
            incidents.settle_flips()
        store(made, [Outcome(verdict=ALLOWED)] * size, NOON + timedelta(minutes=3), "schedule")
        with CaptureQueriesContext(connection) as closed:
            incidents.settle_flips()
        counts.append([len(opened), len(closed), *_queries_when_apis_go_and_come_back(made)])
    assert counts[0] == counts[1]
    assert Incident.objects.filter(state="closed").count() == 3 * 102
    assert Delivery.objects.count() == 6 * 102
    new = [make_probe(f"new {number}") for number in range(50)]
    store(new, [Outcome(verdict=ALLOWED)] * 50, NOON, "schedule")
    with CaptureQueriesContext(connection) as nothing:
        assert incidents.settle_flips() == 50
    assert len(nothing) < counts[0][0] / 2
