"""Latency over time: a chart to zoom in, with the events on its axis, and the same as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.inventory.models import Account, HttpApi
from apis.inventory.search import api_or_404
from apis.probing.history import availability_chart
from apis.probing.history.availability_chart import MARKS
from apis.probing.history.events import Event, Scope, events
from apis.probing.history.latency import LABELS, SHARES, Latency, latency
from apis.probing.history.ranges import RANGES, range_name
from apis.probing.models import Probe

MOST_MARKS = 200


@require_GET
def probe_latency(request: PageRequest, pk: int) -> HttpResponse:
    """Show a probe's latency."""
    probe = get_object_or_404(Probe.objects.select_related("api__account"), pk=pk)
    return _render_latency(request, probe, {"probe": probe, "api": probe.api})


@require_GET
def api_latency(request: PageRequest, pk: int) -> HttpResponse:
    """Show the latency of all probes of an API."""
    api = api_or_404(pk)
    return _render_latency(request, api, {"api": api})


@require_GET
def account_latency(request: PageRequest, pk: int) -> HttpResponse:
    """Show the latency of all probes of an account."""
    account = get_object_or_404(Account, pk=pk)
    return _render_latency(request, account, {"account": account})


@require_GET
def all_latency(request: PageRequest) -> HttpResponse:
    """Show the latency of all probes."""
    return _render_latency(request, None, {})


def latency_address(scope: Scope) -> str:
    """Return the page of a scope's latency."""
    for kind, name in ((Probe, "probe_latency"), (HttpApi, "api_latency"), (Account, "account_latency")):
        if isinstance(scope, kind):
            return reverse(name, args=[scope.pk])
    return reverse("all_latency")


def _render_latency(request: PageRequest, scope: Scope, names: dict[str, Any]) -> HttpResponse:
    span = range_name(request.GET.get("range"))
    now = timezone.now()
    found = latency(scope, span, now)
    happened = [event for event in events(scope, found.points[0].at, now) if event.kind in MARKS]
    shown = LABELS if found.has_phases else {"total": LABELS["total"]}
    marks = list(_marks(happened[-MOST_MARKS:], found))
    marked = {mark["kind"] for mark in marks}
    context: dict[str, Any] = names | {
        "subject": str(scope or "all probes"),
        "ranges": [(name, one.label, name == span) for name, one in RANGES.items()],
        "label": RANGES[span].label,
        "labels": shown,
        "shares": list(SHARES),
        "chart": _chart(found, shown) | {"marks": marks},
        "kinds": [(kind, label) for kind, label in MARKS.items() if kind in marked],
        "rows": [(row, [(shown[name], row.values[name]) for name in shown]) for row in found.rows],
        "latency": found,
        "events": [(event, availability_chart.address(event)) for event in availability_chart.newest(happened)],
    }
    return render(request, "probing/history/latency.html", context)


def _chart(found: Latency, shown: dict[str, str]) -> dict[str, Any]:
    """Return the points in the form of the chart: a list of times, and one of values for each line."""
    lines = [
        {
            "label": f"{label} {share}",
            "what": name,
            "share": share,
            "values": [point.values[name][share] for point in found.points],
        }
        for name, label in shown.items()
        for share in SHARES
    ]
    return {"at": [int(point.at.timestamp()) for point in found.points], "lines": lines}


def _marks(happened: Iterable[Event], found: Latency) -> Iterator[dict[str, Any]]:
    """Yield the marks of events, one for those of a kind in the stretch of one point."""
    start, seconds = found.points[0].at, found.points[0].seconds

    def place(event: Event) -> tuple[str, int]:
        return event.kind, int((event.at - start).total_seconds()) // seconds

    for (kind, _), group in groupby(sorted(happened, key=place), place):
        same = list(group)
        yield {"at": int(same[0].at.timestamp()), "kind": kind, "words": availability_chart.events_in_words(same)}
