"""Latency over time: a chart to zoom in, with the events on its axis, and the same as a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.probing.history import availability_chart
from apis.probing.history.availability_chart import MARKS
from apis.probing.history.availability_views import newest
from apis.probing.history.events import Event, events
from apis.probing.history.latency import LABELS, RANGES, SHARES, Latency, latency
from apis.probing.models import Probe


@require_GET
def probe_latency(request: PageRequest, pk: int) -> HttpResponse:
    """A probe's latency."""
    probe = get_object_or_404(Probe.objects.select_related("api__account"), pk=pk)
    span = request.GET.get("range", "24h")
    span = span if span in RANGES else "24h"
    now = timezone.now()
    found = latency(probe, span, now)
    happened = [event for event in events(probe, found.points[0].at, now) if event.kind in MARKS]
    shown = LABELS if found.has_phases else {"total": LABELS["total"]}
    context: dict[str, Any] = {
        "probe": probe,
        "api": probe.api,
        "ranges": [(name, label, name == span) for name, label in availability_chart.LABELS.items()],
        "label": availability_chart.LABELS[span],
        "labels": shown,
        "shares": list(SHARES),
        "chart": _chart(found, shown) | {"marks": [_mark(event) for event in happened]},
        "rows": [(row, [(shown[name], row.values[name]) for name in shown]) for row in found.rows],
        "has_phases": found.has_phases,
        "events": [(event, availability_chart.address(event)) for event in newest(happened)],
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


def _mark(event: Event) -> dict[str, Any]:
    return {"at": int(event.at.timestamp()), "kind": event.kind, "words": f"{MARKS[event.kind]}: {event.summary}"[:200]}
