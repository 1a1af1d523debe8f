"""Pages about origins: all that are in use, and whom one of them gets in to."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest, text_of
from apis.cors.origin_match import matching_entries
from apis.cors.origins import is_origin
from apis.inventory import origins
from apis.inventory.history import downloads
from apis.inventory.models import Account, AllowedOrigin
from apis.inventory.search import ORDERS, Pages, apis_matching, origin_of

PER_PAGE = 50
COLUMNS = ("origin", "api", "api_id", "account", "region", "credentials", "since", "how", "by", "flags")


def _given(request: PageRequest, *names: str) -> dict[str, str]:
    return {name: text_of(request.GET, name).strip() for name in names}


@require_GET
def in_use(request: PageRequest) -> HttpResponse:
    """Show every entry of AllowOrigins in use, searched, filtered, sorted and paged by the database."""
    given = _given(request, "search", "flag", "account")
    sort = request.GET.get("sort", "apis")
    rows = origins.in_use(**given, sort=sort)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "rows": origins.described(list(page.object_list)),
        "sort": sort if sort in origins.ORDERS else "apis",
        "given": given,
        "filtered": any(given.values()),
        "flags": origins.FLAGS.values(),
    }
    if request.htmx:
        return render(request, "inventory/origins/origins.html#list", context)
    context["accounts"] = list(Account.objects.all())
    return render(request, "inventory/origins/origins.html", context)


@require_GET
def export(request: PageRequest) -> HttpResponseBase:
    """Show the list as CSV, a line for each entry of each API, with the list's filters."""
    rows = origins.entries(**_given(request, "search", "flag", "account")).order_by("value", "api__name", "pk")
    found = rows.select_related("api__account", "api__current", "change__attribution").iterator(chunk_size=1000)
    return downloads.as_csv("origins.csv", COLUMNS, (_csv_row(row) for row in found))


def _csv_row(row: AllowedOrigin) -> tuple[str, ...]:
    api, change = row.api, row.change
    return (
        row.value,
        api.name,
        api.api_id,
        api.account.name,
        api.region,
        "yes" if api.policy.allow_credentials else "no",
        row.since.isoformat(timespec="seconds").replace("+00:00", "Z"),
        change.get_kind_display() if change else "",
        change.who if change else "",
        row.flags.strip(),
    )


@require_GET
def origin_apis(request: PageRequest) -> HttpResponse:
    """Show the APIs that allow an origin (`?origin=`), or that have an entry such as `*` (`?entry=`)."""
    given = _given(request, "origin", "entry", "account")
    origin, entry = origin_of(given["origin"]) if given["origin"] else "", given["entry"]
    if not origin and not entry:
        return redirect("origins")
    entries = matching_entries(origin) if origin else (entry,)
    sort = request.GET.get("sort", "name")
    rows = apis_matching(origin=origin, entry=entry, account=given["account"])
    rows = rows.select_related("account", "current").order_by(*ORDERS.get(sort, ORDERS["name"]))
    page = Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
    apis: list[Any] = list(page.object_list)
    found = AllowedOrigin.objects.filter(api__in=apis, value__in=entries).select_related("change__attribution")
    through: dict[int, list[AllowedOrigin]] = {}
    for row in found:
        through.setdefault(row.api_id, []).append(row)
    for api in apis:
        # The narrowest entry first; an API may have several that allow the origin.
        api.entries = sorted(through.get(api.pk, ()), key=lambda row: entries.index(row.value))
    value = origin or entry
    own = origins.described(list(origins.entry(value)))
    context = {
        "value": value,
        "origin": origin,
        "entry": entry,
        "is_origin": is_origin(value),
        "page": page,
        "apis": apis,
        "sort": sort,
        "account": given["account"],
        "accounts": list(Account.objects.all()),
        "own": own[0] if own else None,
        "findings": origins.findings_of(value),
        "related": origins.related(value),
    }
    return render(request, "inventory/origins/origin.html", context)
