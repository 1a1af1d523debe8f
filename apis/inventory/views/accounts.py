"""Pages about AWS accounts."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from apis.access import audit
from apis.access.roles import can, needs
from apis.inventory import sync
from apis.inventory.forms import AccountForm
from apis.inventory.models import Account, SyncRegion, SyncRun
from apis.inventory.tasks import enqueue

RUNS = 50


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account with the number of its APIs and how each region's last sync went."""
    rows = list(Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))))
    latest = _latest_regions()
    for row in rows:
        row.synced = [one for one in latest if one.account_id == row.pk and one.region in row.regions]  # type: ignore[attr-defined]
    return render(request, "inventory/accounts/accounts.html", {"accounts": rows})


@require_http_methods(["GET", "POST"])
@needs("admin")
def add(request: HttpRequest) -> HttpResponse:
    """Add an account; its first sync starts at once."""
    form = AccountForm(request.POST or None, initial={"regions": ["us-east-1"]})
    if request.method == "POST" and form.is_valid():
        row = form.save()
        audit.record(request, "account added", row.name, method=row.method, regions=row.regions)
        run = sync.start(cast("User", request.user), row)
        enqueue(run)
        messages.success(request, f"{row.name} was added. Its first sync is running.")
        return redirect("sync_run", run.pk)
    return render(request, "inventory/accounts/account_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: how its regions' syncs went; admins edit it in the same place."""
    row = get_object_or_404(Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))), pk=pk)
    if request.method == "POST":
        return _save(request, pk)
    form = AccountForm(instance=row) if can(request.user, "admin") else None
    return render(
        request, "inventory/accounts/account.html", {"account": row, "form": form, "regions": _latest_regions(row)}
    )


@needs("admin")
def _save(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Account, pk=pk)
    form = AccountForm(request.POST, instance=row)
    if not form.is_valid():
        kept = Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))).get(pk=pk)
        context = {"account": kept, "form": form, "regions": _latest_regions(kept)}
        return render(request, "inventory/accounts/account.html", context, status=422)
    form.save()
    audit.record(request, "account changed", row.name, fields=sorted(form.changed_data))
    messages.success(request, f"{row.name} was saved. The next sync uses the new settings.")
    return redirect("account", row.pk)


def _latest_regions(row: Account | None = None) -> list[SyncRegion]:
    """The latest sync of each account's region, as far as the last runs tell: each scheduled run is of every region."""
    every = SyncRegion.objects.filter(run__in=list(SyncRun.objects.values_list("pk", flat=True)[:RUNS]))
    if row:
        every = every.filter(account=row)
    newest = every.order_by().values("account", "region").annotate(newest=Max("id")).values("newest")
    return list(SyncRegion.objects.filter(pk__in=newest).select_related("run", "account").order_by("account", "region"))
