"""Availability over time, as a part of the pages of a probe and of an API and as pages of their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.inventory.models import HttpApi
from apis.inventory.search import api_or_404
from apis.probing.history import availability_chart
from apis.probing.history.availability import load_history
from apis.probing.history.latency_views import latency_address
from apis.probing.history.ranges import RANGES, range_name
from apis.probing.models import Probe


def _with_range(page: str, span: str) -> str:
    """Return the address of a page with another range."""
    path, _, query = page.partition("?")
    given = QueryDict(query, mutable=True)
    given["range"] = span
    return f"{path}?{given.urlencode()}"


@require_GET
def probe_availability(request: PageRequest, pk: int) -> HttpResponse:
    """Show a probe's availability."""
    probe = get_object_or_404(Probe.objects.select_related("api__account"), pk=pk)
    return _answer(request, probe, probe.api, reverse("probe_availability", args=[pk]))


@require_GET
def api_availability(request: PageRequest, pk: int) -> HttpResponse:
    """Show the availability of all probes of an API."""
    api = api_or_404(pk)
    return _answer(request, api, api, reverse("api_availability", args=[pk]))


def _answer(request: PageRequest, scope: Probe | HttpApi, api: HttpApi, url: str) -> HttpResponse:
    span = range_name(request.GET.get("range"))
    found = load_history(scope, span)
    # It may be a part of another page, whose address then has the range.
    page = request.htmx.current_url_abs_path or request.get_full_path()
    context: dict[str, Any] = {
        "api": api,
        "probe": scope if isinstance(scope, Probe) else None,
        "url": url,
        "span": span,
        "latency_url": latency_address(scope),
        "ranges": [(name, one.label, name == span, _with_range(page, name)) for name, one in RANGES.items()],
        "label": RANGES[span].label,
        "shares": [(RANGES[name].label, share) for name, share in availability_chart.shares(scope).items()],
        "chart": availability_chart.draw(found, span),
        "maintenance": found.maintenance,
        "history": found,
        "events": [(event, availability_chart.address(event)) for event in availability_chart.newest(found.events)],
    }
    name = "availability" if request.htmx else "availability_page"
    return render(request, f"probing/history/{name}.html", context)
