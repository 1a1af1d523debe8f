"""Run probes: make the calls; store the results, the states and the flips in bulk, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apis.outbound import Guard, from_settings
from apis.probing.calls import Outcome, headers_of, make, request_of, url_of
from apis.probing.models import CALL, Flip, Probe, Result

__all__ = ["headers_of", "request_of", "run", "store", "url_of"]

# A probe that went down this often within the window is flapping: people are told once, not each time.
FLAPPING_AFTER = 3
FLAPPING_WINDOW = timedelta(hours=1)
BEATS = 60
"""Outcomes that a probe keeps at hand for its bar."""
SETTLED_AFTER = 5
"""Runs in a row with one outcome after which a flapping probe counts as settled."""


def run(ids: Iterable[int], cause: str = "schedule", guard: Guard | None = None) -> list[Result]:
    """Run these probes now, many at once, and store what came of them; `cause` says who asked (see Result.cause)."""
    chosen = Probe.objects.filter(pk__in=list(ids)).select_related("api", "api__current", "api__account")
    probes = list(chosen.order_by("pk"))
    at = timezone.now()
    return store(probes, make(probes, guard or from_settings()), at, cause)


def store(probes: list[Probe], outcomes: list[Outcome], at: datetime, cause: str) -> list[Result]:
    """Store outcomes as results, with the states and flips that follow, in one transaction.

    Probes that were deleted or switched off meanwhile keep their results but no longer flip. Nor does one whose call
    was changed since, or that has a newer result: this one tells of what is over.
    """
    with transaction.atomic():
        alive = {
            probe.pk: probe
            for probe in Probe.objects.select_for_update(of=("self",))
            .select_related("last_result")
            .filter(pk__in=[p.pk for p in probes])
            .order_by("pk")
        }
        kept = [(alive[p.pk], p, o) for p, o in zip(probes, outcomes, strict=True) if p.pk in alive]
        results = Result.objects.bulk_create([_result(p, o, at, cause) for _, p, o in kept], batch_size=500)
        flips, advanced = [], []
        for (probe, tried, _), result in zip(kept, results, strict=True):
            if _is_over(probe, tried, at):
                continue
            advanced.append(probe)
            before = probe.state
            _advance(probe, result)
            probe.last_result = result
            probe.beats = [[int(at.timestamp()), result.passed, bool(result.error)], *probe.beats][:BEATS]
            if probe.state != before:
                probe.state_since = at
                flips.append(Flip(probe=probe, at=at, before=before, after=probe.state, result=result))
        Probe.objects.bulk_update(
            advanced,
            ["state", "state_since", "failed_in_a_row", "passed_in_a_row", "last_result", "beats"],
            batch_size=500,
        )
        Flip.objects.bulk_create(flips, batch_size=500)
    return results


def _is_over(probe: Probe, tried: Probe, at: datetime) -> bool:
    """Whether a try tells nothing of the probe any more: its call is another by now, or a later try came in first."""
    changed = any(getattr(probe, name) != getattr(tried, name) for name in CALL)
    return changed or (probe.last_result is not None and probe.last_result.at > at)


def _result(probe: Probe, outcome: Outcome, at: datetime, cause: str) -> Result:
    verdict = outcome.verdict
    allowed = verdict.allowed if verdict else None
    return Result(
        probe=probe,
        at=at,
        passed=not outcome.error and allowed == (probe.expect == Probe.Expect.ALLOWED),
        allowed=allowed,
        code=(verdict.code or "") if verdict else "",
        verdict=verdict.as_json() if verdict else None,
        exchange=outcome.exchange.as_json() if outcome.exchange else None,
        timings=outcome.timings,
        error=outcome.error,
        configuration=probe.api.current,
        cause=cause,
    )


def _advance(probe: Probe, result: Result) -> None:
    """The state after one more result."""
    if result.passed:
        probe.passed_in_a_row, probe.failed_in_a_row = probe.passed_in_a_row + 1, 0
    else:
        probe.passed_in_a_row, probe.failed_in_a_row = 0, probe.failed_in_a_row + 1
    if not probe.enabled:
        return
    if probe.state == Probe.State.FLAPPING:
        if probe.passed_in_a_row >= SETTLED_AFTER:
            probe.state = Probe.State.UP
        elif probe.failed_in_a_row >= max(SETTLED_AFTER, probe.failures):
            probe.state = Probe.State.DOWN
    elif result.passed:
        probe.state = Probe.State.UP
    elif probe.state == Probe.State.DOWN:
        return
    elif probe.failed_in_a_row < probe.failures:
        probe.state = Probe.State.FAILING
    else:
        recent = Flip.objects.filter(probe=probe, after=Probe.State.DOWN, at__gt=result.at - FLAPPING_WINDOW)
        flapping = recent.count() >= FLAPPING_AFTER
        probe.state = Probe.State.FLAPPING if flapping else Probe.State.DOWN
