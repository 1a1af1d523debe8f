"""Store what came of probes: results, states and flips in bulk, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from apis.jobs.bulk_update import update_rows
from apis.jobs.clock import AHEAD
from apis.probing.calls import Outcome
from apis.probing.models import CALL, Flip, Probe, Result
from apis.probing.state import FLAPPING_AFTER, FLAPPING_WINDOW, advance

_BATCH = 500
_STATE = (
    "state", "state_since", "failed_in_a_row", "passed_in_a_row", "last_passed_at", "failing_since", "last_result",
    "beats",
)  # fmt: skip


def store(probes: Sequence[Probe], outcomes: Sequence[Outcome], at: datetime, cause: str) -> list[Result]:
    """Store outcomes as results, with the states and flips that follow, in one transaction.

    Probes that were deleted or switched off meanwhile keep their results but no longer flip. Nor does one whose call
    was changed since, or that has a newer result: this one tells of what is over.
    """
    with transaction.atomic():
        alive = {
            probe.pk: probe
            for probe in Probe.objects.select_for_update(of=("self",))
            .select_related("last_result")
            .only(*CALL, *_STATE, "enabled", "failures", "last_result__at", "last_result__cause", "last_result__passed")
            .filter(pk__in=[p.pk for p in probes])
            .order_by("pk")
        }
        kept = [(alive[p.pk], p, o) for p, o in zip(probes, outcomes, strict=True) if p.pk in alive]
        rows = [_result(probe, tried, outcome, at, cause) for probe, tried, outcome in kept]
        results = Result.objects.bulk_create(rows, batch_size=_BATCH)
        latest = timezone.now() + AHEAD
        moved, flipped = [], []
        for (probe, tried, _), result in zip(kept, results, strict=True):
            if _is_over(probe, tried, at, latest):
                continue
            before = probe.state, probe.failing_since, probe.last_passed_at
            advance(probe, result)
            moved.append(probe)
            if probe.state != before[0]:
                flipped.append((probe, result, *before))
        _note_flapping([row[0] for row in flipped if row[0].state == Probe.State.DOWN], flipped, at)
        update_rows(Probe, moved, _STATE)
        Flip.objects.bulk_create((_flip(*row) for row in flipped), batch_size=_BATCH)
    return results


def _result(probe: Probe, tried: Probe, outcome: Outcome, at: datetime, cause: str) -> Result:
    verdict = outcome.verdict
    allowed = verdict.allowed if verdict else None
    passed = not outcome.error and allowed == (probe.expect == Probe.Expect.ALLOWED)
    return Result(
        probe=probe,
        at=at,
        passed=None if outcome.lack else passed,
        not_run=outcome.lack or "",
        allowed=allowed,
        code=(verdict.code or "") if verdict else "",
        verdict=verdict.as_json() if verdict else None,
        exchange=outcome.exchange.as_json() if outcome.exchange else None,
        timings=outcome.timings,
        error=outcome.error,
        configuration_id=tried.api.current_id,
        cause=cause,
    )


def _is_over(probe: Probe, tried: Probe, at: datetime, latest: datetime) -> bool:
    """Whether a try says nothing of the probe any more: its call is another one now, or a later try came in first.

    A last result from beyond `latest` is no later try: the clock was set back since.
    """
    if any(getattr(probe, name) != getattr(tried, name) for name in CALL):
        return True
    return probe.last_result is not None and at < probe.last_result.at <= latest


def _flip(probe: Probe, result: Result, before: str, failing_since: datetime | None, passed: datetime | None) -> Flip:
    return Flip(
        probe=probe,
        at=result.at,
        before=before,
        after=probe.state,
        result=result,
        failing_since=probe.failing_since or failing_since,
        last_passed_at=passed,
    )


def _note_flapping(down: list[Probe], flipped: list[Any], at: datetime) -> None:
    """Call flapping what went down too often of late; one query for all."""
    fresh = {row[0].pk for row in flipped if row[2] != Probe.State.FLAPPING}
    candidates = [probe.pk for probe in down if probe.pk in fresh]
    if not candidates:
        return
    recent = Flip.objects.filter(probe__in=candidates, after=Probe.State.DOWN, at__gt=at - FLAPPING_WINDOW)
    counts = Counter(dict(recent.order_by().values_list("probe").annotate(count=Count("pk"))))
    for probe in down:
        if probe.pk in fresh and counts[probe.pk] >= FLAPPING_AFTER:
            probe.state = Probe.State.FLAPPING
