"""The log of a probe's results: what of it is shown, what stands in line with the results, and the log as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet, Sum
from django.utils import timezone

from apis.probing.history import rollups
from apis.probing.models import Flip, Probe, Result, Rollup
from apis.probing.runs.partitions import results_retention

OUTCOMES = {"failed": "Failed", "passed": "Passed", "not_run": "Not run", "changed": "State changes"}
"""What a log can be narrowed to: `changed` are the runs that changed the probe's state."""
COLUMNS = ("at", "result", "code", "error", "not_run", "duration_ms", "cause", "maintenance", "state_change")
_AT_ONCE = 2000


class Message(NamedTuple):
    """A message about a probe: when it was made, what it says of itself, and the address of the page behind it."""

    at: datetime
    text: str
    address: str


class Line(NamedTuple):
    """A line of a log: a result, a change of the probe's state or a message."""

    at: datetime
    result: Result | None = None
    flip: Flip | None = None
    message: Message | None = None


Source = Callable[[Probe, datetime, datetime], Iterable[Message]]
_sources: list[Source] = []


def message_source(source: Source) -> Source:
    """Register a function that gives the messages about a probe from one time to before another."""
    _sources.append(source)
    return source


def results_of(probe: Probe, outcome: str) -> QuerySet[Result]:
    """Return a probe's results, newest first; all of them for a word that is none of OUTCOMES."""
    rows = Result.objects.filter(probe=probe)
    if outcome == "changed":
        return rows.filter(pk__in=Flip.objects.filter(probe=probe).exclude(result=None).order_by().values("result"))
    passed = {"failed": False, "passed": True, "not_run": None}
    return rows.filter(passed=passed[outcome]) if outcome in passed else rows


def estimate_total(probe: Probe, outcome: str) -> int:
    """Return about how many results a log has, from the daily roll-ups of the time that they are kept; 0: not known.

    The oldest day may be deleted in part. Roll-ups have runs in maintenance windows without their outcome.
    """
    since = rollups.start_of(timezone.now() - results_retention(), rollups.DAY)
    rows = Rollup.objects.filter(probe=probe, seconds=rollups.DAY, at__gte=since)
    counts = rows.aggregate(**{name: Sum(name) for name in ("passed", "failed", "not_run", "maintenance")})
    if outcome not in OUTCOMES:
        return sum(count or 0 for count in counts.values())
    return 0 if counts["maintenance"] else counts.get(outcome) or 0


def lines(probe: Probe, results: Sequence[Result], is_newest: bool) -> list[Line]:
    """Return the results of a page, newest first, with the changes of state and the messages since the oldest of them.

    Those after its newest result are on the page where it `is_newest`, or until the probe's next result.
    """
    if not results:
        return []
    since, until = results[-1].at, timezone.now()
    if not is_newest:
        newer = Result.objects.filter(probe=probe, at__gt=results[0].at).order_by("at")
        until = newer.values_list("at", flat=True).first() or until
    found = [Line(result.at, result=result) for result in results]
    flips = Flip.objects.filter(probe=probe, at__gte=since, at__lt=until)
    # A message follows the flip, and that the result, of the same time.
    found = [Line(flip.at, flip=flip) for flip in flips] + found
    found = [Line(one.at, message=one) for source in _sources for one in source(probe, since, until)] + found
    return sorted(found, key=lambda line: line.at, reverse=True)


def as_rows(probe: Probe, outcome: str) -> Iterator[dict[str, Any]]:
    """Yield the log as a file has it: for each result the COLUMNS, with times in UTC and milliseconds."""
    flips = {flip.result_id: f"{flip.before} → {flip.after}" for flip in Flip.objects.filter(probe=probe)}
    rows = results_of(probe, outcome).select_related("stored").defer("stored__exchange")
    for row in rows.iterator(_AT_ONCE):
        latency = row.latency
        yield {
            "at": row.at.isoformat(timespec="seconds"),
            "result": "not run" if row.passed is None else "passed" if row.passed else "failed",
            "code": row.code,
            "error": row.error,
            "not_run": row.not_run,
            "duration_ms": None if latency is None else round(latency, 2),
            "cause": row.cause,
            "maintenance": bool(row.maintenance),
            "state_change": flips.get(row.pk, ""),
        }
