"""Store what came of probes: results, states and flips in bulk, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter

from django.db import transaction
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Value
from django.db.models.functions import Least
from django.utils import timezone

from apis.jobs.bulk_reads import Given, among, new_object, relate
from apis.jobs.bulk_rows import insert_objects, update_rows
from apis.jobs.clock import AHEAD
from apis.jobs.compiled_reads import CompiledObjects
from apis.probing.history import rollups, timings
from apis.probing.history.exchanges import Content
from apis.probing.models import CALL, Flip, Probe, Result, StoredExchange
from apis.probing.runs import expectations, run_counts
from apis.probing.runs.calls import Outcome
from apis.probing.runs.certificates import note_certificates
from apis.probing.runs.last_results import ResultFields
from apis.probing.runs.maintenance import in_maintenance
from apis.probing.runs.run_counts import Punctuality, punctuality_of
from apis.probing.runs.state import FLAPPING_AFTER, FLAPPING_WINDOW, advance, is_undecided

_BATCH = 500
_call = attrgetter(*CALL)
_LAST = ResultFields("at", "cause", "passed", "stored", "stored__probe", "stored__digest", "stored__used_on")
_SETTINGS = ("enabled", "failures", "retry_interval", "recoveries", "interval", "scheduled_since")
_STATE = (
    "state", "state_since", "failed_in_a_row", "passed_in_a_row", "last_passed_at", "failing_since", "last_result",
    "beats",
)  # fmt: skip
_LOCKED = CompiledObjects(
    Probe,
    lambda: Probe.objects.select_for_update().filter(among("pk", Given("ids"))).order_by("pk"),
    ("api", *CALL, *_STATE, *_SETTINGS),
)


def store(
    probes: Sequence[Probe], outcomes: Sequence[Outcome], at: datetime | Sequence[datetime], cause: str
) -> list[Result]:
    """Store outcomes as results, with the states and flips that follow, in one transaction.

    `at` is when all of them were got, or when each was, in that order: a probe may then be among them several times.

    Probes that were deleted or switched off meanwhile keep their results but no longer flip. Nor does one whose call
    was changed since, or that has a newer result: this result is outdated.
    """
    times = [at] * len(probes) if isinstance(at, datetime) else list(at)
    if not times:
        return []
    with transaction.atomic():
        alive = {probe.pk: probe for probe in _LOCKED.read(ids={probe.pk for probe in probes})}
        last = _LAST.by_id({pk for probe in alive.values() if (pk := probe.last_result_id)}, min(times))
        relate(alive.values(), "last_result", last)
        kept = [(alive[p.pk], p, o, t) for p, o, t in zip(probes, outcomes, times, strict=True) if p.pk in alive]
        # Of an outcome that several runs share, once.
        read = {(p.pk, id(o)): _content(p, o) for p, o in {(p.pk, id(o)): (p, o) for _, p, o, _ in kept}.values()}
        contents = [read[tried.pk, id(outcome)] for _, tried, outcome, _ in kept]
        got = [(row[0], content) for row, content in zip(kept, contents, strict=True)]
        stored = _stored(got, max(times), is_looked_at=cause != "schedule")
        covered = in_maintenance([(probe.api_id, moment) for probe, _, _, moment in kept])
        runs = (
            (probe, tried, outcome, moment, cause, content, shared)
            for (probe, tried, outcome, moment), content, shared in zip(kept, contents, stored, strict=True)
        )
        results = list(_results(runs, covered))
        insert_objects(Result, results)
        note_certificates([(tried, outcome) for _, tried, outcome, _ in kept], max(times))
        latest = timezone.now() + AHEAD
        moved: dict[int, Probe] = {}
        flipped: list[Flip] = []
        punctual: list[Punctuality] = []
        for (probe, tried, _, moment), result in zip(kept, results, strict=True):
            before_at = probe.last_result.at if probe.last_result else None
            punctual.append(punctuality_of(probe, moment, before_at) if cause == "schedule" else Punctuality())
            if _is_over(probe, tried, moment, latest):
                continue
            before = probe.state, probe.failing_since, probe.last_passed_at
            advance(probe, result)
            moved[probe.pk] = probe
            if probe.state != before[0]:
                flipped.append(_flip(probe, result, *before))
        rollups.add(results, punctual)
        _note_flapping(flipped, max(times))
        update_rows(Probe, list(moved.values()), _STATE)
        schedule_retries(list(moved.values()), max(times))
        Flip.objects.bulk_create(flipped, batch_size=_BATCH)
    run_counts.count(results, sum(one.late for one in punctual), sum(one.missed for one in punctual))
    return results


def _content(tried: Probe, outcome: Outcome) -> Content:
    return Content(outcome.exchange, outcome.verdict, outcome.error, tried.api.current_id)


def _stored(wanted: Sequence[tuple[Probe, Content]], at: datetime, is_looked_at: bool) -> list[StoredExchange]:
    """Return the stored exchanges of these contents, which most probes share with their last result.

    Those that are stored already are read when they are asked for, unless it is clear that someone looks at them.
    """
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
    if earlier := [row.pk for row in found.values() if row.used_on < day]:
        StoredExchange.objects.filter(pk__in=earlier).update(used_on=day)
    new = [StoredExchange(probe_id=key[0], digest=key[1], used_on=day) for key in missing if key not in found]
    found |= {_key(row): row for row in new}
    for key, content in contents.items():
        # Of rows that are stored already these fields were not read: the digest says that they are the same.
        row = found[key]
        row.error, row.configuration_id = content.error, content.configuration
        if is_looked_at or row.pk is None:
            row.exchange, row.verdict = content.exchange, content.verdict
    StoredExchange.objects.bulk_create(new, batch_size=_BATCH)
    return [found[probe.pk, content.digest] for probe, content in wanted]


def _key(row: StoredExchange) -> tuple[int, bytes]:
    return row.probe_id, bytes(row.digest)


type _Run = tuple[Probe, Probe, Outcome, datetime, str, Content, StoredExchange]


def _results(runs: Iterable[_Run], covered: Collection[tuple[int, datetime]]) -> Iterator[Result]:
    """Yield the rows of runs in their order; `covered` are the APIs and times in maintenance."""
    last: dict[int, int | None] = {}
    for run in runs:
        probe, shared = run[0], run[-1]
        before = last.get(probe.pk, probe.last_result.stored_id if probe.last_result else None)
        last[probe.pk] = shared.pk
        yield _result(*run, is_repeat=before == shared.pk, is_maintenance=(probe.api_id, run[3]) in covered)


def _result(
    probe: Probe,
    tried: Probe,
    outcome: Outcome,
    at: datetime,
    cause: str,
    content: Content,
    stored: StoredExchange,
    is_repeat: bool,
    is_maintenance: bool,
) -> Result:
    """Return a run's row; the varying headers of its responses only where someone may look for them."""
    verdict = outcome.verdict
    allowed = verdict.allowed if verdict else None
    passed = not outcome.error and allowed == (tried.expect == Probe.Expect.ALLOWED)
    missed = expectations.unmet(tried, outcome, at) if passed else []
    passed = passed and not missed
    result = new_object(
        Result,
        probe=probe,
        at=at,
        passed=None if outcome.lack else passed,
        not_run=outcome.lack or "",
        unreachable=outcome.unreachable or None,
        allowed=allowed,
        maintenance=is_maintenance or None,
        unmet=missed or None,
        stored=stored,
        varying=None if is_repeat and passed and cause == "schedule" else content.varying or None,
        cause=cause,
    )
    result.keep_timings(timings.pack(outcome.timings), outcome.timings)
    return result


def schedule_retries(probes: Sequence[Probe], at: datetime) -> None:
    """Make probes that are about to go down, or to recover, due after their retry interval."""
    again = [probe.pk for probe in probes if probe.retry_interval and is_undecided(probe)]
    if again:
        soon = ExpressionWrapper(Value(int(at.timestamp())) + F("retry_interval"), BigIntegerField())
        Probe.objects.filter(pk__in=again, enabled=True).update(due_at=Least("due_at", soon))


def _is_over(probe: Probe, tried: Probe, at: datetime, latest: datetime) -> bool:
    """Return whether a try says nothing of the probe any more: its call has changed, or a later try came in first.

    A last result from beyond `latest` is no later try: the clock was set back since.
    """
    if _call(probe) != _call(tried):
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


def _note_flapping(flipped: list[Flip], at: datetime) -> None:
    """Call flapping what went down too often of late, and its flip; one query for all."""
    last = {flip.probe_id: flip for flip in flipped}
    down = {pk: flip for pk, flip in last.items() if flip.after == Probe.State.DOWN}
    candidates = [pk for pk, flip in down.items() if flip.before != Probe.State.FLAPPING]
    if not candidates:
        return
    recent = Flip.objects.filter(probe__in=candidates, after=Probe.State.DOWN, at__gt=at - FLAPPING_WINDOW)
    counts = Counter(dict(recent.order_by().values_list("probe").annotate(count=Count("pk"))))
    for pk in candidates:
        if counts[pk] >= FLAPPING_AFTER:
            down[pk].after = down[pk].probe.state = Probe.State.FLAPPING
