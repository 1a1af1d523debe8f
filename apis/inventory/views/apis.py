"""Pages about APIs: the list, an API's CORS and Routes tabs."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, text_of
from apis.access.roles import needs
from apis.cors.lint import findings
from apis.inventory import cli_snippets, tasks
from apis.inventory.lint_context import base_urls, context_of
from apis.inventory.models import Account, HttpApi
from apis.inventory.reading import on_demand, preflight_routes
from apis.inventory.reading.managed_by import owner_of
from apis.inventory.search import ORDERS, Pages, api_or_404, apis_matching, named_fully, origin_of
from apis.inventory.tags import latest_run
from apis.jobs.queue import UNREACHABLE, enqueue_task

PER_PAGE = 50
CHOICES = 20
FILTERS = ("search", "account", "region", "origin", "entry", "state", "problems", "standing")


@require_GET
def apis(request: PageRequest) -> HttpResponse:
    """Show the list of APIs, searched, filtered, sorted and paged by the database."""
    given = {name: text_of(request.GET, name) for name in FILTERS}
    sort = request.GET.get("sort", "name")
    rows = apis_matching(**given).select_related("account", "current").order_by(*ORDERS.get(sort, ORDERS["name"]))
    page = Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "sort": sort,
        "given": given,
        "filtered": any(given.values()),
        "origin": origin_of(given["origin"]) if given["origin"] else "",
    }
    if request.htmx and request.headers.get("HX-Target", "").endswith("#api-list"):
        answer = render(request, "inventory/apis/apis.html#list", context | _emptiness(page.paginator.count))
        if request.headers.get("HX-Source", "").startswith("form"):
            answer["HX-Push-Url"] = _address(request)
        return answer
    context |= {
        "accounts": list(Account.objects.all()),
        "regions": list(HttpApi.objects.order_by("region").values_list("region", flat=True).distinct()),
    }
    return render(request, "inventory/apis/apis.html", context | _emptiness(page.paginator.count))


@require_GET
def choices(request: PageRequest) -> HttpResponse:
    """Show the APIs that what was typed may mean, as options of a field in which one is named."""
    typed = text_of(request.GET, next(iter(request.GET), ""), 200)
    found = apis_matching(search=typed.partition(" (")[0]).select_related("account").order_by(*ORDERS["name"])[:CHOICES]
    return render(request, "inventory/apis/api_choices.html", {"choices": [(named_fully(one), one) for one in found]})


def _address(request: PageRequest) -> str:
    """Return the list's address with what was asked for and nothing else: short enough to pass on."""
    asked = request.GET.copy()
    for name in [name for name, value in asked.items() if not value]:
        del asked[name]
    return f"{request.path}?{asked.urlencode()}" if asked else request.path


def _emptiness(count: int) -> dict[str, Any]:
    """Return what an empty list should say: no account yet, nothing synced yet, or nothing that matches."""
    if count:
        return {}
    return {"has_accounts": Account.objects.exists(), "has_apis": HttpApi.objects.exists(), "run": latest_run()}


@require_GET
def api(request: PageRequest, pk: int) -> HttpResponse:
    """Show the CORS tab: the six fields, what is wrong with them, and how to see it for oneself."""
    row = api_or_404(pk)
    urls = base_urls(row)
    context = {
        "api": row,
        "tab": "cors",
        "policy": row.policy,
        "owner": owner_of(row),
        "findings": findings(row.policy, context_of(row)),
        "urls": urls,
        "curl": cli_snippets.curl_line(row, urls[0]) if urls else "",
        "read_line": cli_snippets.read_line(row),
        "write_line": cli_snippets.write_line(row),
        "reading": _reading(request, row),
    }
    return render(request, "inventory/apis/api.html#known" if request.htmx else "inventory/apis/api.html", context)


@require_GET
def routes(request: PageRequest, pk: int) -> HttpResponse:
    """Show the Routes tab: routes, stages and authorizers, and who answers the preflight."""
    row = api_or_404(pk)
    context = {
        "api": row,
        "tab": "routes",
        "rows": preflight_routes.rows(row),
        "urls": base_urls(row),
        "reading": _reading(request, row),
    }
    return render(
        request, "inventory/apis/api_routes.html#body" if request.htmx else "inventory/apis/api_routes.html", context
    )


@require_POST
@needs("edit")
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one API again from AWS, with its routes, stages and authorizers."""
    row = api_or_404(pk)
    if not enqueue_task(tasks.refresh, row.pk):
        messages.error(request, UNREACHABLE)
        return redirect("api_routes", row.pk)
    return redirect(f"{reverse('api_routes', args=[row.pk])}?reading={on_demand.mark(time.time())}")


def _reading(request: PageRequest, row: HttpApi) -> str:
    """Return the mark of a read that the page follows; a page that is opened also starts one when it has to."""
    given = on_demand.still_reading(row, request.GET.get("reading", ""))
    return given if given or request.htmx else on_demand.refresh_when_stale(row)
