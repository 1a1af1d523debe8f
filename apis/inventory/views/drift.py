"""What people say to drift, and the locks on configurations: forms of the API's and the change's pages."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from apis.access.page_request import PageRequest
from apis.access.roles import needs
from apis.errors import InvalidInput
from apis.inventory.forms import LONGEST_DAYS, IgnoreForm, LockForm
from apis.inventory.history import baseline, drift
from apis.inventory.models import Change
from apis.inventory.search import api_or_404


@require_POST
@needs("edit")
def accept(request: PageRequest, pk: int) -> HttpResponse:
    """Accept a drift: it is as it should be."""
    change = _change(pk)
    drift.accept(change, request.user, request.POST.get("note", "").strip())
    messages.success(request, "Drift accepted.")
    return redirect("change", change.pk)


@require_POST
@needs("edit")
def ignore(request: PageRequest, pk: int) -> HttpResponse:
    """Ignore a drift for some days."""
    change, form = _change(pk), IgnoreForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(f"Enter a number of days from 1 to {LONGEST_DAYS}.", "days")
    days = form.cleaned_data["days"]
    drift.ignore(change, request.user, timezone.now() + timedelta(days=days), form.cleaned_data["note"])
    messages.success(request, f"Drift ignored for {days} day{'' if days == 1 else 's'}.")
    return redirect("change", change.pk)


@require_POST
@needs("edit")
def lock(request: PageRequest, pk: int) -> HttpResponse:
    """Lock an API to the configuration that the person saw."""
    api, form = api_or_404(pk), LockForm(request.POST)
    seen = form.cleaned_data["version"] if form.is_valid() else None
    locked = baseline.lock(api, request.user, request.POST.get("note", "").strip(), seen)
    messages.success(request, f"Locked to version {locked.configuration.number}.")
    return redirect("api", api.pk)


@require_POST
@needs("edit")
def unlock(request: PageRequest, pk: int) -> HttpResponse:
    """End the lock on an API."""
    api = api_or_404(pk)
    baseline.unlock(api, request.user)
    messages.success(request, "Unlocked. Drift is still recorded.")
    return redirect("api", api.pk)


def _change(pk: int) -> Change:
    return get_object_or_404(Change.objects.select_related("api"), pk=pk)
