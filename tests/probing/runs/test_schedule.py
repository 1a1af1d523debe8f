"""When probes are due: each is claimed once, keeps its place in its interval, and is never made up for in a burst."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Thread

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apis.inventory.models import Account, HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, Tick
from apis.probing.runs import schedule


@pytest.fixture
def quiet_api(db: None) -> HttpApi:
    """An API that no one calls."""
    account = Account.objects.create(name="quiet", regions=["us-east-1"])
    return HttpApi.objects.create(account=account, region="us-east-1", api_id="q1", name="q", endpoint="https://q.test")


def probes(api: HttpApi, count: int, interval: int = 300) -> list[Probe]:
    """New probes, due at once."""
    return [probe_edits.save(api, {"origin": f"https://{n}.example", "interval": interval}) for n in range(count)]


def test_a_new_probe_is_due_at_once_and_then_once_an_interval(quiet_api: HttpApi) -> None:
    probe = probes(quiet_api, 1)[0]
    now = timezone.now()
    assert schedule.claim_due(now) == [probe.pk]
    assert schedule.claim_due(now) == []
    probe.refresh_from_db()
    assert probe.next_run_at is not None
    assert now < probe.next_run_at <= now + timedelta(seconds=300)
    assert schedule.claim_due(now + timedelta(seconds=301)) == [probe.pk]


def test_after_a_night_without_a_scheduler_each_probe_runs_once(quiet_api: HttpApi) -> None:
    made = probes(quiet_api, 20, interval=10)
    schedule.claim_due()
    later = timezone.now() + timedelta(hours=8)
    assert len(schedule.claim_due(later)) == len(made)
    assert schedule.claim_due(later) == []


def test_each_run_starts_in_its_own_second(quiet_api: HttpApi) -> None:
    """The scheduler looks every two seconds, and hands out before its time what is due until it looks again."""
    made = probes(quiet_api, 30, interval=10)
    first = int(timezone.now().timestamp())
    schedule.claim_due(datetime.fromtimestamp(first, UTC))
    starts: dict[int, list[int]] = {probe.pk: [] for probe in made}
    for tick in range(first, first + 40, schedule.TICK_S):
        for start, ids in schedule.claim_ahead(datetime.fromtimestamp(tick + 0.9, UTC)):
            assert tick <= start <= tick + schedule.CLAIMED_S
            for pk in ids:
                starts[pk].append(start)
    for pk, times in starts.items():
        assert {start % 10 for start in times} == {pk * 7919 % 10}
        assert [later - earlier for earlier, later in pairwise(times)] == [10] * (len(times) - 1)
        assert len([start for start in times if start <= first + 40]) == 4


def test_a_scheduler_half_a_second_late_delays_no_run(quiet_api: HttpApi) -> None:
    probes(quiet_api, 60, interval=10)
    first = int(timezone.now().timestamp())
    schedule.claim_ahead(datetime.fromtimestamp(first, UTC))
    for number in range(1, 20):
        now = first + number * schedule.TICK_S + (1.4 if number % 2 else 0.9)
        found = schedule.claim_ahead(datetime.fromtimestamp(now, UTC))
        assert found
        assert all(start >= now for start, _ in found)


def test_what_is_overdue_starts_at_once(quiet_api: HttpApi) -> None:
    made = probes(quiet_api, 30)
    now = timezone.now()
    found = schedule.claim_ahead(now + timedelta(hours=1))
    assert sorted(pk for _, ids in found for pk in ids) == [probe.pk for probe in made]
    assert {int((now + timedelta(hours=1)).timestamp())} <= {start for start, _ in found}
    assert max(start for start, _ in found) <= (now + timedelta(hours=1, seconds=schedule.CLAIMED_S)).timestamp()


def test_probes_are_spread_over_their_interval(quiet_api: HttpApi) -> None:
    probes(quiet_api, 60)
    schedule.claim_due()
    places = set(Probe.objects.values_list("due_at", flat=True))
    assert len(places) > 50


def test_what_is_switched_off_or_gone_is_not_due(quiet_api: HttpApi) -> None:
    on, off = probes(quiet_api, 2)
    probe_edits.save(quiet_api, {"enabled": False}, probe=off)
    assert schedule.claim_due() == [on.pk]
    quiet_api.gone_at = timezone.now()
    quiet_api.save()
    assert schedule.claim_due(timezone.now() + timedelta(days=1)) == []


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_never_claim_one_probe_twice(quiet_api: HttpApi) -> None:
    made = probes(quiet_api, 200)
    now, claimed = timezone.now(), []

    def claim() -> None:
        try:
            claimed.extend(schedule.claim_due(now))
        finally:
            connection.close()

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [probe.pk for probe in made]


def test_due_times_from_before_the_clock_was_set_back_are_pulled_back(quiet_api: HttpApi) -> None:
    made = probes(quiet_api, 5, interval=300)
    now = timezone.now()
    assert len(schedule.claim_due(now)) == 5
    back = now - timedelta(hours=1)
    assert schedule.claim_due(back) == [], "none is due at this moment"
    latest = max(Probe.objects.values_list("due_at", flat=True))
    assert latest <= back.timestamp() + 300
    assert schedule.claim_due(back + timedelta(seconds=300)) == [probe.pk for probe in made]


def test_a_probe_is_claimed_alone_once(quiet_api: HttpApi) -> None:
    probe = probes(quiet_api, 1)[0]
    assert schedule.claim(probe)
    assert not schedule.claim(probe)
    assert schedule.claim_due() == []
    schedule.make_due(probe.pk)
    assert schedule.claim_due() == [probe.pk]


@pytest.mark.parametrize(("ahead", "alive"), [(-60, False), (-3, True), (3600, False)])
def test_a_sign_of_life_is_fresh_only_from_now(db: None, ahead: int, alive: bool) -> None:
    Tick.objects.create(name="probing", at=timezone.now() + timedelta(seconds=ahead))
    assert schedule.is_alive() == alive


@pytest.mark.once
def test_the_sign_of_life_is_written_now_and_then(db: None) -> None:
    """Not at each look, but in time, and at once when the clock was set back."""
    with time_machine.travel("2026-11-20 12:00:00+00:00", tick=False) as clock:
        found = []
        for _ in range(10):
            schedule.beat()
            found.append(schedule.last_tick())
            clock.shift(schedule.TICK_S)
        assert len(set(found)) == 3
        assert schedule.is_alive()
        clock.shift(-3600)
        schedule.beat()
        assert schedule.last_tick() == timezone.now()
