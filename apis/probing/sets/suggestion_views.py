"""Pages on which suggested probes are ticked and created in one action: for one API, and for a list of APIs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apis.access.page_request import PageRequest, number_of, text_of
from apis.access.roles import needs
from apis.errors import AppError
from apis.inventory.models import HttpApi
from apis.inventory.reading import on_demand
from apis.inventory.search import api_or_404, apis_matching
from apis.probing.forms import INTERVALS
from apis.probing.models import ProbeSet
from apis.probing.sets import bulk_edits, in_step
from apis.probing.sets.suggestions import Call, Group, Row, cost, suggestions_for

MOST_APIS = 100
SHOWN = 60
"""Suggestions of one group that a page lists; the others are chosen together."""
INTERVAL = 300
FILTERS = ("search", "account", "region", "origin", "entry", "state", "problems", "standing")
CHOSEN_AT_FIRST = (Group.ALLOWED, Group.BLOCKED)


@require_http_methods(["GET", "POST"])
@needs("edit")
def api_suggestions(request: PageRequest, pk: int) -> HttpResponse:
    """Show suggested probes of one API, ticked one by one."""
    api = api_or_404(pk)
    rows = suggestions_for([api])
    if request.method == "POST":
        keys, rest = set(request.POST.getlist("probe")), set(request.POST.getlist("rest"))
        chosen = [
            row
            for group in Group
            for place, row in enumerate(_new_of(rows, group))
            if (_key(row) in keys if place < SHOWN else group in rest)
        ]
        return _create(request, chosen, rows, [api])
    reading = on_demand.still_reading(api, request.GET.get("reading", "")) or _read([api])
    new = [row for row in rows if not row.exists]
    groups = [_group(rows, group) for group in Group]
    ticked = [row for row in new if not row.suggestion.warning]
    context = {
        "api": api,
        "tab": "probes",
        "groups": [group for group in groups if group["total"]],
        "new": len(new),
        "reading": reading,
        "probe_set": ProbeSet.objects.filter(api=api).first(),
        **_costs(ticked),
    }
    template = "probing/sets/suggested.html#suggestions" if request.htmx else "probing/sets/suggested.html"
    return render(request, template, context)


def _group(rows: Sequence[Row], group: Group) -> dict[str, Any]:
    new = _new_of(rows, group)
    shown = [{"row": row, "key": _key(row)} for row in new[:SHOWN]]
    existing = [row for row in rows if row.suggestion.group is group and row.exists]
    return {
        "key": str(group),
        "label": group.label,
        "shown": shown,
        "rest": len(new) - len(shown),
        "rest_calls": _calls_in(new[SHOWN:]),
        "existing": existing[:SHOWN],
        "existing_count": len(existing),
        "total": len(new) + len(existing),
    }


def _new_of(rows: Sequence[Row], group: Group) -> list[Row]:
    return [row for row in rows if row.suggestion.group is group and not row.exists]


def _key(row: Row) -> str:
    """Return a mark of a suggestion that stays the same while the form is filled in."""
    one = row.suggestion
    text = repr((row.api.pk, one.origin, one.call, one.expect, one.same_on_every_host))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@require_http_methods(["GET", "POST"])
@needs("edit")
def suggested_probes(request: PageRequest) -> HttpResponse:
    """Show suggested probes of the APIs that a list's filters find, chosen by group and API."""
    given = request.POST if request.method == "POST" else request.GET
    found = _chosen(given)
    apis = list(found[:MOST_APIS])
    rows = suggestions_for(apis)
    if request.method == "POST":
        ticked = {number_of(value) for value in request.POST.getlist("tick")}
        groups, failing = request.POST.getlist("group"), "failing" in request.POST
        chosen = [
            row
            for row in rows
            if row.api.pk in ticked and not row.exists and row.suggestion.group in groups
            if failing or not row.suggestion.warning
        ]
        return _create(request, chosen, rows, [api for api in apis if api.pk in ticked])
    lines = [_line(api, [row for row in rows if row.api.pk == api.pk]) for api in apis]
    start = [
        row for row in rows if row.suggestion.group in CHOSEN_AT_FIRST and not row.exists and not row.suggestion.warning
    ]
    reading = _read(apis)
    context = {
        "lines": lines,
        "count": found.count(),
        "most": MOST_APIS,
        "groups": [(str(group), group.label, group in CHOSEN_AT_FIRST) for group in Group],
        "chosen": [(name, value) for name in ("api", *FILTERS) for value in given.getlist(name) if value],
        "new": sum(not row.exists for row in rows),
        "reading": reading,
        "address": request.get_full_path(),
        **_costs(start),
    }
    template = "probing/sets/suggested_many.html#suggestions" if request.htmx else "probing/sets/suggested_many.html"
    return render(request, template, context)


def _line(api: HttpApi, rows: Sequence[Row]) -> dict[str, Any]:
    """Count an API's suggestions by group, apart those that are predicted to fail."""
    new = [row for row in rows if not row.exists]
    cells = []
    for group in Group:
        rows_of = [row for row in new if row.suggestion.group is group]
        passing = [row for row in rows_of if not row.suggestion.warning]
        failing = [row for row in rows_of if row.suggestion.warning]
        cells.append(
            {
                "key": str(group),
                "label": group.label,
                "new": len(passing),
                "failing": len(failing),
                "calls": _calls_in(passing),
                "failing_calls": _calls_in(failing),
            }
        )
    return {
        "api": api,
        "cells": cells,
        "existing": len(rows) - len(new),
        "is_read": api.routes is not None,
    }


def _chosen(given: QueryDict) -> Any:
    """Return the APIs named by id, or else those that the list's filters find."""
    rows = HttpApi.objects.filter(gone_at=None)
    if given.getlist("api"):
        rows = rows.filter(pk__in=[number for value in given.getlist("api") if (number := number_of(value))])
    else:
        rows = apis_matching(**{name: text_of(given, name) for name in FILTERS}).filter(gone_at=None)
    return rows.select_related("account", "current").order_by("name", "id")


def _read(apis: Sequence[HttpApi]) -> bool:
    """Ask for routes that are missing; whether some are on their way."""
    asked = [on_demand.refresh_when_stale(api) for api in apis if api.routes is None]
    return any(asked)


def _costs(rows: Sequence[Row]) -> dict[str, Any]:
    spent = cost([row.suggestion for row in rows], INTERVAL)
    return {"count_at_first": len(rows), "cost": spent, "intervals": INTERVALS, "interval": INTERVAL}


def _calls_in(rows: Sequence[Row]) -> int:
    """Count the addresses that one run of each of these would call."""
    return sum(row.suggestion.hosts for row in rows)


def _create(request: PageRequest, chosen: Sequence[Row], rows: Sequence[Row], apis: Sequence[HttpApi]) -> HttpResponse:
    """Create what was ticked, and keep it in step when asked to."""
    interval = number_of(request.POST.get("interval", "")) or INTERVAL
    target = redirect("api_probes", apis[0].pk) if len(apis) == 1 else redirect("probes")
    sets = {}
    for api in apis if "follow" in request.POST else ():
        existing = [row.exists for row in rows if row.api.pk == api.pk and row.exists]
        calls = _calls([row for row in rows if row in chosen or row.exists], api)
        if calls:
            sets[api.pk] = in_step.follow(api, calls, interval, request.user, existing)
    bodies = [(row.api, row.suggestion.as_json() | {"interval": interval}) for row in chosen]
    try:
        made = bulk_edits.create(bodies, request.user, sets)
    except AppError as error:
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    if not (made.probes or made.skipped or sets):
        messages.warning(request, "No suggestion was selected.")
        return redirect(request.get_full_path())
    count = len(made.probes)
    messages.success(request, f"Added {count} probe{'' if count == 1 else 's'}. The first results arrive in seconds.")
    if made.skipped:
        messages.warning(request, f"Skipped {len(made.skipped)}: {made.skipped[0][1]}")
    return target


def _calls(rows: Sequence[Row], api: HttpApi) -> list[Call]:
    """Return the calls that each added origin gets: those for the listed ones."""
    listed = [row.suggestion for row in rows if row.api.pk == api.pk and row.suggestion.group is not Group.BLOCKED]
    return list(dict.fromkeys(one.call for one in listed))


@require_POST
@needs("edit")
def unfollow(request: PageRequest, pk: int) -> HttpResponse:
    """Stop keeping an API's probes in step."""
    in_step.unfollow(api_or_404(pk), request.user)
    messages.success(request, "The probes no longer follow the configuration.")
    return redirect("api_probes", pk)
