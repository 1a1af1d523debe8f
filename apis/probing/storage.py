"""Store what came of probes: results, states and flips in bulk, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Value
from django.db.models.functions import Least
from django.utils import timezone

from apis.jobs.bulk_update import update_rows
from apis.jobs.clock import AHEAD
from apis.probing import exchanges, expectations, rollups, timings
from apis.probing.calls import Outcome
from apis.probing.exchanges import Content
from apis.probing.models import CALL, Flip, Probe, Result, StoredExchange
from apis.probing.state import FLAPPING_AFTER, FLAPPING_WINDOW, advance, is_undecided

_BATCH = 500
_LAST = ("at", "cause", "passed", "stored__probe", "stored__digest", "stored__used_on")
_PATIENCE = ("enabled", "failures", "retry_interval", "recoveries")
_STATE = (
    "state", "state_since", "failed_in_a_row", "passed_in_a_row", "last_passed_at", "failing_since", "last_result",
    "beats",
)  # fmt: skip


def store(probes: Sequence[Probe], outcomes: Sequence[Outcome], at: datetime, cause: str) -> list[Result]:
    """Store outcomes as results, with the states and flips that follow, in one transaction.

    Probes that were deleted or switched off meanwhile keep their results but no longer flip. Nor does one whose call
    was changed since, or that has a newer result: this result is outdated.
    """
    with transaction.atomic():
        alive = {
            probe.pk: probe
            for probe in Probe.objects.select_for_update(of=("self",))
            .select_related("last_result__stored")
            .only(*CALL, *_STATE, *_PATIENCE, *(f"last_result__{name}" for name in _LAST))
            .filter(pk__in=[p.pk for p in probes])
            .order_by("pk")
        }
        kept = [(alive[p.pk], p, o) for p, o in zip(probes, outcomes, strict=True) if p.pk in alive]
        contents = [_content(tried, outcome) for _, tried, outcome in kept]
        stored = _stored([(probe, content) for (probe, _, _), content in zip(kept, contents, strict=True)], at)
        results = Result.objects.bulk_create(
            (
                _result(probe, outcome, at, cause, content, shared)
                for (probe, _, outcome), content, shared in zip(kept, contents, stored, strict=True)
            ),
            batch_size=_BATCH,
        )
        rollups.add(results)
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
        schedule_retries(moved, at)
        Flip.objects.bulk_create((_flip(*row) for row in flipped), batch_size=_BATCH)
    return results


def _content(tried: Probe, outcome: Outcome) -> Content:
    exchange = outcome.exchange.as_json() if outcome.exchange else None
    verdict = outcome.verdict.as_json() if outcome.verdict else None
    return exchanges.content_of(exchange, verdict, outcome.error, tried.api.current_id)


def _stored(wanted: Sequence[tuple[Probe, Content]], at: datetime) -> list[StoredExchange]:
    """Return the stored exchanges of these contents, which most probes share with their last result."""
    contents = {(probe.pk, content.digest): content for probe, content in wanted}
    last = [probe.last_result.stored for probe, _ in wanted if probe.last_result]
    found = {key: row for row in last if row and (key := _key(row)) in contents}
    missing = [key for key in contents if key not in found]
    if missing:
        # Locked, so that pruning does not delete what a result is about to refer to.
        rows = StoredExchange.objects.select_for_update(of=("self",)).only("probe", "digest", "used_on")
        same = rows.filter(probe__in={probe for probe, _ in missing}, digest__in={digest for _, digest in missing})
        found |= {key: row for row in same if (key := _key(row)) in contents}
    day = at.date()
    StoredExchange.objects.filter(pk__in=[row.pk for row in found.values() if row.used_on < day]).update(used_on=day)
    new = [StoredExchange(probe_id=key[0], digest=key[1], used_on=day) for key in missing if key not in found]
    found |= {_key(row): row for row in new}
    for key, content in contents.items():
        # Of rows that are stored already these fields were not read: the digest says that they are the same.
        row = found[key]
        row.exchange, row.verdict, row.error = content.exchange, content.verdict, content.error
        row.configuration_id = content.configuration
    StoredExchange.objects.bulk_create(new, batch_size=_BATCH)
    return [found[probe.pk, content.digest] for probe, content in wanted]


def _key(row: StoredExchange) -> tuple[int, bytes]:
    return row.probe_id, bytes(row.digest)


def _result(
    probe: Probe, outcome: Outcome, at: datetime, cause: str, content: Content, stored: StoredExchange
) -> Result:
    """A run's row; the varying headers of its responses only where someone may look for them."""
    verdict = outcome.verdict
    allowed = verdict.allowed if verdict else None
    passed = not outcome.error and allowed == (probe.expect == Probe.Expect.ALLOWED)
    missed = expectations.unmet(probe, outcome, at) if passed else []
    passed = passed and not missed
    is_repeat = probe.last_result is not None and probe.last_result.stored_id == stored.pk
    packed = timings.pack(outcome.timings)
    return Result(
        probe=probe,
        at=at,
        passed=None if outcome.lack else passed,
        not_run=outcome.lack or "",
        allowed=allowed,
        unmet=missed or None,
        stored=stored,
        varying=None if is_repeat and passed and cause == "schedule" else content.varying or None,
        packed_timings=packed,
        own_timings=outcome.timings if packed is None else {},
        cause=cause,
    )


def schedule_retries(probes: Sequence[Probe], at: datetime) -> None:
    """Make probes that are about to go down, or to recover, due after their retry interval."""
    again = [probe.pk for probe in probes if probe.retry_interval and is_undecided(probe)]
    if again:
        soon = ExpressionWrapper(Value(int(at.timestamp())) + F("retry_interval"), BigIntegerField())
        Probe.objects.filter(pk__in=again, enabled=True).update(due_at=Least("due_at", soon))


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
