"""Roll-ups hold what the single results give, however late or out of order they come."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apis.inventory.models import HttpApi
from apis.probing.history import latency_sketch, phase_sketches, rollups
from apis.probing.history.timings import write_numbers
from apis.probing.models import Probe, Result, Rollup, StoredExchange
from apis.probing.runs import pruning
from apis.probing.runs.calls import Outcome
from apis.probing.runs.storage import store
from tests.probing.stored import ALLOWED, NOON, make_api, make_probe, outcome, ran, ran_often

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)
_STEPS = st.one_of(
    st.integers(0, 600),  # the next runs
    st.integers(3_000, 200_000),  # a gap
    st.integers(-90_000, -1),  # a late row, or a clock that was set back
)
_RUNS = st.lists(st.tuples(_STEPS, st.sampled_from(["passed", "failed", "error", "not run"]), st.floats(0.5, 9_000)))


def outcome_of(probe: Probe, kind: str, total: float) -> Outcome:
    """A run that ends so."""
    if kind == "not run":
        return Outcome.not_run("memory")
    if kind == "error":
        return Outcome(error="The request got no answer: refused.")
    found = outcome(probe, *(ALLOWED if kind == "passed" else BLOCKED), total=round(total, 2))
    found.timings["request"]["tls"] = round(total / 3, 2)
    return found


def from_results() -> dict[tuple[int, int, int], tuple[int, int, int, bytes, bytes | None]]:
    """What the roll-ups must be, read from every single result."""
    groups: dict[tuple[int, int, int], list[Result]] = defaultdict(list)
    for result in Result.objects.select_related("stored"):
        for seconds in (300, 3600, 86_400):
            moment = int(result.at.timestamp())
            groups[result.probe_id, seconds, moment // seconds * seconds].append(result)
    return {
        key: (
            sum(one.passed is True for one in group),
            sum(one.passed is False for one in group),
            sum(one.passed is None for one in group),
            latency_sketch.add(
                b"", [one.timings["request"]["total"] for one in group if one.passed is not None and not one.error]
            ),
            None
            if key[1] == 86_400
            else phase_sketches.add(None, [phase_sketches.phases_of(one.timings) for one in group if not one.error]),
        )
        for key, group in groups.items()
    }


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=_RUNS)
def test_rollups_equal_what_the_results_give(db: None, runs: list[tuple[int, str, float]]) -> None:
    Rollup.objects.all().delete()
    Result.objects.all().delete()
    api = make_api_once()
    probes = [make_probe(api, name=name) for name in ("first", "second")]
    at = NOON
    for step, kind, total in runs:
        at += timedelta(seconds=step)
        store(probes, [outcome_of(probe, kind, total + number) for number, probe in enumerate(probes)], at, "schedule")
    rows = Rollup.objects.values_list("probe_id", "seconds", "at", "passed", "failed", "not_run", "latency", "phases")
    assert {row[:3]: (*row[3:6], bytes(row[6]), row[7] and bytes(row[7])) for row in rows} == from_results()


def make_api_once() -> HttpApi:
    """An API of the running test, the same for each of its examples."""
    return HttpApi.objects.filter(name="rolled").first() or make_api("rolled")


@pytest.mark.once
@given(st.lists(st.floats(0.05, 20_000), min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_percentiles_are_off_by_two_and_a_half_per_cent_at_most(values: list[float], share: float) -> None:
    found = latency_sketch.percentile(latency_sketch.add(b"", values), share)
    exact = sorted(values)[ceil(share * len(values)) - 1]
    assert found is not None and abs(found - exact) <= exact * 0.026 + 0.01


@pytest.mark.once
@given(st.lists(st.lists(st.floats(0.05, 20_000), max_size=20), max_size=5))
def test_sketches_merge_in_any_order(groups: list[list[float]]) -> None:
    sketches = [latency_sketch.add(b"", group) for group in groups]
    whole = latency_sketch.add(b"", [value for group in groups for value in group])
    assert latency_sketch.merge(sketches) == latency_sketch.merge(reversed(sketches)) == whole


@pytest.mark.once
def test_a_sketch_without_values_has_no_percentile() -> None:
    assert latency_sketch.percentile(b"", 0.5) is None


@pytest.mark.once
@given(st.dictionaries(st.integers(0, 400), st.integers(1, 100_000), max_size=40))
@example({0: 1})
@example({15: 16, 29: 17})
@example({14: 15, 28: 15})
def test_sketches_of_earlier_versions_are_read_and_written_in_fewer_bytes(counts: dict[int, int]) -> None:
    places = [0, *sorted(counts)]
    pairs = ((place - before, counts[place]) for before, place in pairwise(places))
    earlier = write_numbers([number for pair in pairs for number in pair])
    now = latency_sketch.merge([earlier])
    assert latency_sketch.merge([now]) == now
    shares = [number / 20 for number in range(21)]
    found = [[latency_sketch.percentile(sketch, share) for share in shares] for sketch in (now, earlier)]
    assert found[0] == found[1]
    assert latency_sketch.merge([now, earlier]) == latency_sketch.merge([now, now])
    assert len(latency_sketch.add(b"", [1.1**number for number in range(100)])) == 103, "a byte a bucket, and a few"


def test_rollups_stay_as_long_as_the_settings_say(db: None, settings: Any) -> None:
    settings.CORSDASH_KEEP_5_MINUTES_DAYS, settings.CORSDASH_KEEP_HOURLY_DAYS = 2, 10
    settings.CORSDASH_KEEP_DAILY_DAYS = 100
    probe = make_probe(make_api())
    for days in (1, 5, 50, 500):
        ran(probe, NOON - timedelta(days=days))
    pruning.prune(NOON)
    kept = {seconds: Rollup.objects.filter(seconds=seconds).count() for seconds in rollups.SPANS}
    assert kept == {300: 1, 3600: 2, 86_400: 3}


def test_pruning_keeps_flips_first_failures_and_last_passes(db: None) -> None:
    probe = make_probe(make_api(), failures=2)
    begun = NOON - timedelta(days=30)
    kinds = [ALLOWED, ALLOWED, ALLOWED, BLOCKED, BLOCKED, BLOCKED, ALLOWED, ALLOWED, ALLOWED]
    made = [ran(probe, begun + timedelta(minutes=minute), *headers).pk for minute, headers in enumerate(kinds)]
    assert not pruning.prune(NOON)
    # new → up, the last pass, the first failure, down, up again; and the newest, which the probe's state refers to.
    assert sorted(Result.objects.values_list("pk", flat=True)) == [made[place] for place in (0, 2, 3, 4, 6, 8)]
    assert all(result.exchange for result in Result.objects.all())


def test_pruning_reaches_old_results_behind_those_of_a_clock_that_was_ahead(db: None) -> None:
    probe = make_probe(make_api())
    passed = outcome(probe, *ALLOWED)
    last = ran_often(probe, ((NOON + timedelta(days=40, minutes=minute), passed) for minute in range(600)))[-1].pk
    Probe.objects.update(last_result=None)
    old = [ran(probe, NOON - timedelta(days=30, minutes=-minute)).pk for minute in range(3)]
    pruning.prune(NOON)
    assert not Result.objects.filter(pk__in=old[:2]).exists()
    assert Result.objects.filter(pk=last).exists()


def test_exchanges_go_with_the_last_result_that_got_them(db: None) -> None:
    probe = make_probe(make_api(), expect="blocked")
    begun: datetime = NOON - timedelta(days=30)
    for minute in range(5):
        ran(probe, begun + timedelta(minutes=minute), ("server", str(minute)))
    ran(probe, NOON - timedelta(minutes=1), ("server", "new"))
    assert StoredExchange.objects.count() == 6
    pruning.prune(NOON)
    used = set(Result.objects.values_list("stored", flat=True))
    assert used == set(StoredExchange.objects.values_list("pk", flat=True))
    assert StoredExchange.objects.count() == 2, "those of the first run, a flip, and of the newest"
