"""Pages about AWS accounts."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from apis.access.page_request import PageRequest
from apis.access.roles import can, needs
from apis.aws import permissions
from apis.errors import InvalidInput
from apis.inventory import account_edits
from apis.inventory.forms import AccountForm
from apis.inventory.models import Account, SyncRegion, SyncRun
from apis.inventory.tasks import enqueue
from apis.ui.form_errors import add_errors

RUNS = 50


@require_GET
def accounts(request: PageRequest) -> HttpResponse:
    """Show every account with the number of its APIs and how each region's last sync went."""
    rows = list(Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))))
    latest = _latest_regions()
    for row in rows:
        row.synced = [one for one in latest if one.account_id == row.pk and one.region in row.regions]  # type: ignore[attr-defined]
    return render(request, "inventory/accounts/accounts.html", {"accounts": rows})


@require_http_methods(["GET", "POST"])
@needs("admin")
def add(request: PageRequest) -> HttpResponse:
    """Add an account; its first sync starts at once."""
    form = AccountForm(request.POST or None, initial={"regions": ["us-east-1"]})
    if request.method == "POST" and form.is_valid() and (run := _add(form, request.user)):
        enqueue(run)
        messages.success(request, f"{form.instance.name} was added. Its first sync is running.")
        return redirect("sync_run", run.pk)
    context = {"form": form, "policies": _policies("EXTERNAL-ID")}
    return render(request, "inventory/accounts/account_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def account(request: PageRequest, pk: int) -> HttpResponse:
    """Show one account: how its regions' syncs went; admins edit it in the same place."""
    row = get_object_or_404(Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))), pk=pk)
    if request.method == "POST":
        return _save(request, pk)
    form = AccountForm(instance=row) if can(request.user, "admin") else None
    return render(request, "inventory/accounts/account.html", _context(row, form))


def _context(row: Account, form: AccountForm | None) -> dict[str, Any]:
    context: dict[str, Any] = {"account": row, "form": form, "regions": _latest_regions(row)}
    if form:
        context["policies"] = _policies(row.external_id, row.regions[0] if row.regions else "")
    return context


def _policies(external_id: str, region: str = "") -> dict[str, str]:
    """Return the IAM policies to paste, as JSON."""
    found = {
        "read": permissions.read_policy(region),
        "edit": permissions.edit_policy(region),
        "trust": permissions.trust_policy(external_id, region),
    }
    return {name: json.dumps(policy, indent=2) for name, policy in found.items()}


def _add(form: AccountForm, user: User) -> SyncRun | None:
    """Add the account; None, with the error in the form, when it is refused."""
    try:
        return account_edits.add(form.save(commit=False), user)
    except InvalidInput as error:
        add_errors(form, error)
        return None


@needs("admin")
def _save(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Account, pk=pk)
    form = AccountForm(request.POST, instance=row)
    if form.is_valid():
        try:
            account_edits.change(form.save(commit=False), form.changed_data, request.user)
        except InvalidInput as error:
            add_errors(form, error)
    if form.errors:
        kept = Account.objects.annotate(api_count=Count("apis", filter=Q(apis__gone_at=None))).get(pk=pk)
        return render(request, "inventory/accounts/account.html", _context(kept, form), status=422)
    messages.success(request, f"Account {row.name} saved. The next sync uses the new settings.")
    return redirect("account", row.pk)


def _latest_regions(row: Account | None = None) -> list[SyncRegion]:
    """Return the latest sync of each account's region, from the last runs; scheduled runs cover every region."""
    every = SyncRegion.objects.filter(run__in=list(SyncRun.objects.values_list("pk", flat=True)[:RUNS]))
    if row:
        every = every.filter(account=row)
    newest = every.order_by().values("account", "region").annotate(newest=Max("id")).values("newest")
    return list(SyncRegion.objects.filter(pk__in=newest).select_related("run", "account").order_by("account", "region"))
