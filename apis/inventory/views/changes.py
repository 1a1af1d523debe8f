"""Pages about the history: all changes, those of one API, one change."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from apis.access.page_request import PageRequest, text_of
from apis.access.roles import can
from apis.cors.policy import CorsPolicy, Diff, diff
from apis.errors import InvalidInput
from apis.inventory.history import change_log, downloads, drift
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.search import Pages, api_or_404

PER_PAGE = 50
GUARDED = Prefetch("reverted_by", Change.objects.filter(kind=Change.Kind.GUARD))


@require_GET
def changes(request: PageRequest) -> HttpResponse:
    """Show every change, newest first, by how, by whom, where, when and which origin."""
    given, errors = _given(request), {}
    try:
        rows = change_log.changes_matching(given)
    except InvalidInput as error:
        rows, errors = Change.objects.none(), {error.field: error.message}
    context = {
        "page": _page(request, rows.select_related("api", "api__account", "attribution").prefetch_related(GUARDED)),
        "given": given,
        "errors": errors,
        "chosen": urlencode({name: value for name, value in given.items() if value}),
        "group": given["group"],
        "kinds": Change.Kind.choices,
        "statuses": Change.Status.choices,
        "accounts": Account.objects.all(),
        "regions": list(HttpApi.objects.order_by("region").values_list("region", flat=True).distinct()),
        "filtered": any(given.values()),
        "of": HttpApi.objects.filter(pk=given["api"]).first() if given["api"] and not errors else None,
    }
    return render(
        request, "inventory/changes/changes.html", context, status=422 if errors and not request.htmx else 200
    )


@require_GET
def export(request: PageRequest, form: str) -> HttpResponseBase:
    """Show the changes that pass the list's filters, as CSV or JSON."""
    if form not in ("csv", "json"):
        raise Http404
    try:
        found = change_log.lines(change_log.changes_matching(_given(request)))
    except InvalidInput as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    if form == "csv":
        return downloads.as_csv("changes.csv", change_log.COLUMNS, (change_log.as_text(line) for line in found))
    return downloads.as_json("changes.json", change_log.COLUMNS, found)


def _given(request: PageRequest) -> dict[str, str]:
    return {name: text_of(request.GET, name).strip() for name in change_log.FILTERS}


@require_GET
def api_history(request: PageRequest, pk: int) -> HttpResponse:
    """Show the History tab."""
    api = api_or_404(pk)
    page = _page(request, api.changes.select_related("reverts", "attribution").prefetch_related(GUARDED))
    return render(request, "inventory/changes/api_changes.html", {"api": api, "tab": "history", "page": page})


@require_GET
def change(request: PageRequest, pk: int) -> HttpResponse:
    """Show one change: who, when, how, why, what; polls itself while it is being applied."""
    row = get_object_or_404(
        Change.objects.select_related("api__account", "api__current", "before", "after", "actor", "reverts"), pk=pk
    )
    before = row.before.policy if row.before else CorsPolicy.off()
    after = row.after.policy if row.after else CorsPolicy.from_aws(row.proposed)
    if request.htmx and row.status != Change.Status.PENDING:
        # It is settled: the page's title and actions change too, so it is loaded again.
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
        "may_revert": row.status == Change.Status.APPLIED and _is_editable(request, row.api),
        # Its box has all actions, one of them to revert it.
        "drift_waits": row.kind == Change.Kind.DRIFT and drift.open_drift().filter(pk=row.pk).exists(),
        "group_size": Change.objects.filter(group=row.group).count() if row.group else 0,
    }
    return render(
        request, "inventory/changes/change.html#body" if request.htmx else "inventory/changes/change.html", context
    )


def _is_editable(request: PageRequest, api: HttpApi) -> bool:
    return can(request.user, "edit") and not api.gone_at and not api.account.read_only


def _conflict(row: Change) -> Diff | None:
    """Return what AWS had changed when this change was refused because of it."""
    if row.conflict is None:
        return None
    return diff(CorsPolicy.from_aws(row.conflict["seen"]), CorsPolicy.from_aws(row.conflict["live"]))


def _page(request: PageRequest, rows: QuerySet[Change]) -> object:
    return Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
