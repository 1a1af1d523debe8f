"""Pages about syncs: start one, watch it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, next_page
from apis.access.roles import needs
from apis.inventory.forms import SyncForm
from apis.inventory.models import Account, SyncRegion, SyncRun
from apis.inventory.reading import sync
from apis.inventory.tags import latest_run
from apis.inventory.tasks import enqueue


@require_POST
@needs("edit")
def start(request: HttpRequest) -> HttpResponse:
    """Start a sync of everything, of one account, or of one of its regions; leads to the run, or to `next`."""
    form = SyncForm(request.POST)
    if not form.is_valid():
        raise Http404
    pk, region = form.cleaned_data["account"], form.cleaned_data["region"]
    account = get_object_or_404(Account, pk=pk) if pk else None
    try:
        run = sync.start(cast("User", request.user), account, region)
    except ValueError as problem:
        messages.error(request, f"Sync not started: {problem}.")
        return redirect("accounts")
    enqueue(run)
    back = next_page(request)
    if back:
        messages.info(request, "Sync started. The top bar shows its progress.")
    return back or redirect("sync_run", run.pk)


@require_GET
def status(request: PageRequest) -> HttpResponse:
    """Show the top bar's fragment."""
    return render(request, "inventory/sync/sync_status.html", {"run": latest_run()})


@require_GET
def run(request: PageRequest, pk: int) -> HttpResponse:
    """Show one run, region by region; polls itself until it is done."""
    row = get_object_or_404(SyncRun.objects.select_related("account", "asked_by"), pk=pk)
    regions = list(row.regions.select_related("account"))
    settled = sum(one.state in {SyncRegion.State.DONE, SyncRegion.State.FAILED} for one in regions)
    context = {
        "run": row,
        "regions": regions,
        "settled": settled,
        "failed": sum(one.state == SyncRegion.State.FAILED for one in regions),
        "totals": {
            name: sum(getattr(one, name) for one in regions) for name in ("found", "changed", "drifted", "gone")
        },
    }
    return render(
        request, "inventory/sync/sync_run.html#progress" if request.htmx else "inventory/sync/sync_run.html", context
    )
