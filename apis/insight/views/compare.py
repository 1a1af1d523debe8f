"""Pages that put APIs side by side."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest, number_of, text_of
from apis.access.roles import can, needs
from apis.editing.plan.editability import refusal_reason
from apis.errors import AppError
from apis.insight import comparison
from apis.inventory.models import HttpApi
from apis.inventory.search import apis_matching
from apis.inventory.views.apis import FILTERS

FOUND = 12


@require_GET
def side_by_side(request: PageRequest) -> HttpResponse:
    """Show the APIs named by id (`api=…`), the first as the one that the others are compared with.

    Without ids, those that the list's filters find. `find` looks for another one by name.
    """
    ids = list(dict.fromkeys(pk for pk in map(number_of, request.GET.getlist("api")) if pk is not None))
    filters = {name: text_of(request.GET, name) for name in FILTERS}
    if not ids and any(filters.values()):
        found = apis_matching(**filters).order_by("name", "id").values_list("pk", flat=True)[: comparison.MOST]
        return redirect(_address(list(found)))
    known = HttpApi.objects.select_related("account", "current").in_bulk(ids[: comparison.MOST])
    apis = [known[pk] for pk in ids if pk in known]
    find = text_of(request.GET, "find", 200).strip()
    shown = [api.pk for api in apis]
    matches = list(
        apis_matching(search=find).exclude(pk__in=shown).select_related("account").order_by("name", "id")[:FOUND]
        if find
        else ()
    )
    columns = [
        {
            "api": api,
            "refusal": refusal_reason(api),
            "without": _address([pk for pk in shown if pk != api.pk]),
            "first": _address([api.pk, *(pk for pk in shown if pk != api.pk)]),
            "differs": api.policy != apis[0].policy,
        }
        for api in apis
    ]
    siblings = comparison.siblings(apis[0], shown) if apis and len(apis) < comparison.MOST else []
    context: dict[str, Any] = {
        "columns": columns,
        "rows": comparison.grid(apis) if apis else [],
        "states_differ": len({api.state for api in apis}) > 1,
        "full": len(apis) >= comparison.MOST,
        "cut": len(ids) - comparison.MOST if len(ids) > comparison.MOST else 0,
        "most": comparison.MOST,
        "find": find,
        "matches": [(api, _address([*shown, api.pk])) for api in matches],
        "siblings": [(api, _address([*shown, api.pk])) for api in siblings],
        "all_siblings": _address([*shown, *(api.pk for api in siblings)]) if len(siblings) > 1 else "",
        "may_edit": can(request.user, "edit"),
    }
    return render(request, "insight/compare.html", context)


@require_GET
@needs("edit")
def copy_fields(request: PageRequest) -> HttpResponse:
    """Open the Configure panel of `to`, filled in with fields of `from`; nothing is written before its plan."""
    rows = HttpApi.objects.select_related("account", "current")
    source = get_object_or_404(rows, pk=number_of(request.GET.get("from", "")) or 0)
    target = get_object_or_404(rows, pk=number_of(request.GET.get("to", "")) or 0)
    try:
        proposed = comparison.with_fields(target.policy, source.policy, request.GET.getlist("field"))
    except AppError:
        messages.error(
            request, f"CORS is off for {source.name}: no fields to copy. Tick none to turn CORS off here too."
        )
        return redirect(_address([source.pk, target.pk]))
    query = urlencode({"cors": json.dumps(proposed.to_aws(), separators=(",", ":"))})
    return redirect(f"{reverse('configure', args=[target.pk])}?{query}")


def _address(ids: list[int]) -> str:
    query = urlencode({"api": ids[: comparison.MOST]}, doseq=True)
    return f"{reverse('compare')}?{query}" if query else reverse("compare")
