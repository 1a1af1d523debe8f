"""Reading what probes came to: bars, counts, and a result's exchange as a sequence of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from apis.cors.browser import preflight_headers
from apis.cors.explain.sequence import Party
from apis.cors.judging import read_request
from apis.inventory.models import HttpApi
from apis.probing.history.ranges import stretch_of
from apis.probing.models import Probe, Result, Rollup

RECENT = timedelta(days=1)
RECENT_RESULTS = 300
_DOWN = Q(state__in=[Probe.State.DOWN, Probe.State.FLAPPING])
IN_TROUBLE = (_DOWN | Probe.HAS_NEVER_PASSED) & Q(enabled=True, api__gone_at=None)
"""The probes that the overview counts, and the list that it leads to."""
TROUBLE = "trouble"
"""The filter by state that finds them."""

_TROUBLE = {
    Probe.State.DOWN: 0,
    Probe.State.FLAPPING: 1,
    Probe.State.FAILING: 2,
    Probe.State.NEW: 3,
    Probe.State.UP: 4,
}


def by_trouble(rows: QuerySet[Probe]) -> QuerySet[Probe]:
    """Return probes in trouble first, then by name."""
    ranks = [When(state=state, then=Value(rank)) for state, rank in _TROUBLE.items()]
    return rows.order_by(Case(*ranks, default=Value(9), output_field=IntegerField()), "name", "id")


def filtered(rows: QuerySet[Probe], state: str, search: str) -> QuerySet[Probe]:
    """Return the probes in a state (`off`: paused; TROUBLE) that match a text; an empty filter passes all."""
    if state == "off":
        rows = rows.filter(enabled=False)
    elif state == TROUBLE:
        rows = rows.filter(IN_TROUBLE)
    elif state in Probe.State.values:
        rows = rows.filter(state=state)
    return matching(rows, search) if search else rows


def matching(rows: QuerySet[Probe], search: str) -> QuerySet[Probe]:
    """Return probes with this text in their name, origin, path, or their API's name or id."""
    return rows.filter(
        Q(name__icontains=search)
        | Q(origin__icontains=search)
        | Q(path__icontains=search)
        | Q(api__name__icontains=search)
        | Q(api__api_id__icontains=search)
    )


def counts(probe: Probe) -> dict[str, Any]:
    """Return how many runs passed in the last 24 hours, and the share in per cent (None without runs).

    What was not run for a reason of this machine's, and runs in maintenance windows, are counted apart. From roll-ups,
    as the history of 24 hours counts them: a probe that runs often has thousands of results.
    """
    stretch = stretch_of("24h", timezone.now())
    rows = Rollup.objects.filter(probe=probe, seconds=stretch.base, at__gte=stretch.start, at__lt=stretch.end)
    found = list(rows.values_list("passed", "failed", "not_run", "maintenance"))
    passed, failed, not_run, maintenance = (sum(row[place] or 0 for row in found) for place in range(4))
    runs = passed + failed
    share = _share(passed, runs) if runs else None
    return {"runs": runs, "passed": passed, "not_run": not_run, "share": share, "maintenance": maintenance}


def _share(passed: int, runs: int) -> str:
    """Per cent; all only when all did, none only when none did."""
    share = f"{100 * passed / runs:.1f}".removesuffix(".0")
    return share if passed in (0, runs) else min(max(share, "0.1", key=float), "99.9", key=float)


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of an observed exchange, drawn like `cors.explain.Step`; `cors_headers` names headers to emphasize."""

    sender: Party
    receiver: Party
    title: str
    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    cors_headers: frozenset[str] = frozenset()
    timings: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def sequence(result: Result) -> list[Step]:
    """Return a result's exchange as the steps of a sequence; empty when there is no exchange."""
    exchange = result.exchange
    if not exchange:
        return []
    request, steps = exchange["request"], []
    if exchange["preflight"]:
        steps.append(_ask("Preflight", "OPTIONS", request, preflight=True))
        steps.append(_answer("Preflight response", exchange["preflight"], result.timings.get("preflight", {})))
    if exchange["response"]:
        steps.append(_ask("Actual request", request["method"], request, preflight=False))
        steps.append(_answer("Response", exchange["response"], result.timings.get("request", {})))
    elif exchange["preflight"] and result.allowed:
        note = f"A browser would now send the {request['method']}. The probe does not, because that could change data."
        steps.append(Step("browser", "gateway", "Actual request", request["method"], note=note))
    return steps


def _ask(title: str, method: str, request: dict[str, Any], preflight: bool) -> Step:
    if preflight:
        lines = [(name, value) for name, value in preflight_headers(read_request(request))]
        names = frozenset(name for name, _ in lines)
    else:
        lines = [("Origin", request["origin"]), *((name, value) for name, value in request["headers"])]
        names = frozenset({"Origin"})
    return Step("browser", "gateway", title, f"{method} {request['url']}", lines, names)


def _answer(title: str, answer: dict[str, Any], timings: dict[str, Any]) -> Step:
    lines = sorted(((name, value) for name, value in answer["headers"]), key=lambda line: not _matters(line[0]))
    names = frozenset(name for name, _ in lines if _matters(name))
    return Step("gateway", "browser", title, f"status {answer['status']}", lines, names, timings)


def _matters(name: str) -> bool:
    name = name.lower()
    return name.startswith("access-control-") or name in ("vary", "apigw-requestid")


def recent_origins(api: HttpApi) -> set[str]:
    """Return the origins of an API's last results, also where a probe calls from another one now."""
    newest = Result.objects.filter(probe__api=api, at__gt=timezone.now() - RECENT).order_by("-at", "-id")
    called = newest.values_list("stored__exchange__request__origin", "own_exchange__request__origin")[:RECENT_RESULTS]
    return {origin for row in called for origin in row if origin}
