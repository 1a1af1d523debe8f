"""Pages about the history: all changes, those of one API, one change."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from apis.access.request import PageRequest
from apis.cors.policy import CorsPolicy, Diff, diff
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.search import number_of

PER_PAGE = 50


@require_GET
def changes(request: PageRequest) -> HttpResponse:
    """Every change, newest first, by kind, status and account."""
    rows = Change.objects.select_related("api", "api__account")
    kind, status, account = (request.GET.get(name, "") for name in ("kind", "status", "account"))
    if kind in Change.Kind.values:
        rows = rows.filter(kind=kind)
    if status in Change.Status.values:
        rows = rows.filter(status=status)
    number = number_of(account)
    if number is not None:
        rows = rows.filter(api__account=number)
    group = _uuid(request.GET.get("group", ""))
    if group is not None:
        rows = rows.filter(group=group)
    context = {
        "page": _page(request, rows),
        "group": group,
        "kind": kind,
        "status": status,
        "account": account,
        "kinds": Change.Kind.choices,
        "statuses": Change.Status.choices,
        "accounts": Account.objects.all(),
        "filtered": bool(kind or status or account or group),
    }
    return render(request, "inventory/changes.html", context)


@require_GET
def of_api(request: PageRequest, pk: int) -> HttpResponse:
    """The History tab."""
    api = get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)
    page = _page(request, api.changes.select_related("reverts"))
    return render(request, "inventory/api_changes.html", {"api": api, "tab": "history", "page": page})


@require_GET
def change(request: PageRequest, pk: int) -> HttpResponse:
    """One change: who, when, how, why, what; polls itself while it is being applied."""
    row = get_object_or_404(
        Change.objects.select_related("api__account", "api__current", "before", "after", "actor", "reverts"), pk=pk
    )
    before = row.before.policy if row.before else CorsPolicy.off()
    after = row.after.policy if row.after else CorsPolicy.from_aws(row.proposed)
    if request.htmx and row.status != Change.Status.PENDING:
        # It is settled: the page's title and actions change too, so it is loaded anew.
        return HttpResponseClientRefresh()
    others = row.api.changes.exclude(pk=row.pk)
    context = {
        "change": row,
        "api": row.api,
        "before": before,
        "after": after,
        "diff": diff(before, after),
        "conflict": _conflict(row),
        "previous": others.filter(at__lte=row.at).order_by("-at", "-id").first(),
        "next": others.filter(at__gte=row.at).order_by("at", "id").first(),
        "reverted_by": list(row.reverted_by.all()),
        "group_size": Change.objects.filter(group=row.group).count() if row.group else 0,
    }
    return render(request, "inventory/change.html#body" if request.htmx else "inventory/change.html", context)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _conflict(row: Change) -> Diff | None:
    """What AWS had changed when this change was refused because of it."""
    told = row.detail.get("conflict") if isinstance(row.detail, dict) else None
    if not told:
        return None
    return diff(CorsPolicy.from_aws(told.get("seen")), CorsPolicy.from_aws(told.get("live")))


def _page(request: PageRequest, rows: QuerySet[Change]) -> object:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
