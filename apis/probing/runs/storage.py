"""Store what came of probes: results, states and flips in bulk, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Value
from django.db.models.functions import Least
from django.utils import timezone

from apis.jobs.bulk_rows import insert_objects, update_rows
from apis.jobs.clock import AHEAD
from apis.probing.history import exchanges, rollups, timings
from apis.probing.history.exchanges import Content
from apis.probing.models import CALL, Flip, Probe, Result, StoredExchange
from apis.probing.runs import expectations, run_counts
from apis.probing.runs.calls import Outcome
from apis.probing.runs.certificates import note_certificates
from apis.probing.runs.last_results import LastRun, last_runs
from apis.probing.runs.maintenance import in_maintenance
from apis.probing.runs.run_counts import Punctuality, punctuality_of
from apis.probing.runs.state import FLAPPING_AFTER, FLAPPING_WINDOW, advance, is_undecided

_BATCH = 500
_SETTINGS = ("enabled", "failures", "retry_interval", "recoveries", "interval", "scheduled_since")
_STATE = (
    "state", "state_since", "failed_in_a_row", "passed_in_a_row", "last_passed_at", "failing_since", "last_result",
    "beats",
)  # fmt: skip
_READ = (*(name for name in _STATE if name != "last_result"), *_SETTINGS)


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
        alive, outdated = _lock(probes)
        last = _last_of(alive.values(), min(times))
        kept = [(alive[p.pk], o, t) for p, o, t in zip(probes, outcomes, times, strict=True) if p.pk in alive]
        # Of an outcome that several runs share, once.
        read = {(p.pk, id(o)): _content(p, o) for p, o in {(p.pk, id(o)): (p, o) for p, o, _ in kept}.values()}
        contents = [read[probe.pk, id(outcome)] for probe, outcome, _ in kept]
        stored = _stored([(row[0], content) for row, content in zip(kept, contents, strict=True)], last, max(times))
        covered = in_maintenance([(probe.api_id, moment) for probe, _, moment in kept])
        runs = (
            (probe, outcome, moment, cause, content, shared)
            for (probe, outcome, moment), content, shared in zip(kept, contents, stored, strict=True)
        )
        results = list(_results(runs, last, covered))
        insert_objects(Result, results)
        note_certificates([(probe, outcome) for probe, outcome, _ in kept], max(times))
        latest = timezone.now() + AHEAD
        moved: dict[int, Probe] = {}
        flipped: list[Flip] = []
        punctual: list[Punctuality] = []
        for (probe, _, moment), result in zip(kept, results, strict=True):
            run_before = last.get(probe.pk)
            before_at = run_before.at if run_before else None
            punctual.append(punctuality_of(probe, moment, before_at) if cause == "schedule" else Punctuality())
            # A last result from beyond `latest` is no later try: the clock was set back since.
            if probe.pk in outdated or (before_at is not None and moment < before_at <= latest):
                continue
            before = probe.state, probe.failing_since, probe.last_passed_at
            advance(probe, result, run_before)
            last[probe.pk] = LastRun(result.at, result.cause, result.passed)
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


def _lock(tried: Sequence[Probe]) -> tuple[dict[int, Probe], set[int]]:
    """Lock these probes and read their present states; returns those alive, and which have another call now.

    Into the given probes: rows of their own would cost several times as much.
    """
    by_pk = {probe.pk: probe for probe in reversed(tried)}
    alive: dict[int, Probe] = {}
    outdated: set[int] = set()
    rows = Probe.objects.select_for_update().filter(pk__in=by_pk).order_by("pk")
    for pk, last_result, *values in rows.values_list("pk", "last_result", *CALL, *_READ):
        probe = alive[pk] = by_pk[pk]
        if any(getattr(probe, name) != value for name, value in zip(CALL, values, strict=False)):
            outdated.add(pk)
        for name, value in zip(_READ, values[len(CALL) :], strict=True):
            setattr(probe, name, value)
        probe.last_result_id = last_result
    return alive, outdated


def _last_of(probes: Iterable[Probe], before: datetime) -> dict[int, LastRun]:
    """Return the last run of each probe that has one, by the probe's id."""
    ids = {probe.last_result_id: probe.pk for probe in probes if probe.last_result_id}
    return {ids[result]: run for result, run in last_runs(ids, before).items()}


def _content(tried: Probe, outcome: Outcome) -> Content:
    exchange = outcome.exchange.as_json() if outcome.exchange else None
    verdict = outcome.verdict.as_json() if outcome.verdict else None
    return exchanges.content_of(exchange, verdict, outcome.error, tried.api.current_id)


def _stored(wanted: Sequence[tuple[Probe, Content]], last: Mapping[int, LastRun], at: datetime) -> list[StoredExchange]:
    """Return the stored exchanges of these contents, which most probes share with their last run."""
    contents = {(probe.pk, content.digest): content for probe, content in wanted}
    found: dict[tuple[int, bytes], tuple[int, date]] = {}
    for probe, run in last.items():
        if run.stored is not None and (key := (probe, bytes(run.stored.digest))) in contents:
            found[key] = run.stored.pk, run.stored.used_on
    missing = [key for key in contents if key not in found]
    if missing:
        # Locked, so that pruning does not delete what a result is about to refer to.
        rows = StoredExchange.objects.select_for_update(of=("self",))
        same = rows.filter(probe__in={probe for probe, _ in missing}, digest__in={digest for _, digest in missing})
        for probe, digest, pk, used_on in same.values_list("probe", "digest", "pk", "used_on"):
            if (key := (probe, bytes(digest))) in contents:
                found[key] = pk, used_on
    day = at.date()
    StoredExchange.objects.filter(pk__in=[pk for pk, used_on in found.values() if used_on < day]).update(used_on=day)
    shared: dict[tuple[int, bytes], StoredExchange] = {}
    for (probe, digest), content in contents.items():
        # Of rows that are stored already the content was not read: the digest says that it is the same.
        row = shared[probe, digest] = StoredExchange(
            probe_id=probe, digest=digest, exchange=content.exchange, verdict=content.verdict, error=content.error,
            configuration_id=content.configuration, used_on=day,
        )  # fmt: skip
        if (probe, digest) in found:
            row.pk, row._state.adding = found[probe, digest][0], False
    StoredExchange.objects.bulk_create([row for row in shared.values() if row.pk is None], batch_size=_BATCH)
    return [shared[probe.pk, content.digest] for probe, content in wanted]


type _Run = tuple[Probe, Outcome, datetime, str, Content, StoredExchange]


def _results(
    runs: Iterable[_Run], last: Mapping[int, LastRun], covered: Collection[tuple[int, datetime]]
) -> Iterator[Result]:
    """Yield the rows of runs in their order; `covered` are the APIs and times in maintenance."""
    before = {pk: run.stored.pk if run.stored else None for pk, run in last.items()}
    for run in runs:
        probe, shared = run[0], run[-1]
        is_repeat = before.get(probe.pk) == shared.pk
        before[probe.pk] = shared.pk
        yield _result(*run, is_repeat=is_repeat, is_maintenance=(probe.api_id, run[2]) in covered)


def _result(
    probe: Probe,
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
    passed = not outcome.error and allowed == (probe.expect == Probe.Expect.ALLOWED)
    missed = expectations.unmet(probe, outcome, at) if passed else []
    passed = passed and not missed
    packed = timings.pack(outcome.timings)
    return Result(
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
