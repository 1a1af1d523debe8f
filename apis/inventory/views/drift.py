"""What people say to drift, and the locks on configurations: forms of the API's and the change's pages."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from apis.access import audit
from apis.access.page_request import PageRequest
from apis.access.roles import needs
from apis.inventory import baseline, drift
from apis.inventory.models import Change
from apis.inventory.search import api_or_404

LONGEST_DAYS = 365


@require_POST
@needs("edit")
def accept(request: PageRequest, pk: int) -> HttpResponse:
    """A drift is as it should be."""
    change = _change(pk)
    try:
        answer = drift.accept(change, request.user, request.POST.get("note", "").strip())
    except drift.CannotAnswer as error:
        messages.error(request, str(error))
    else:
        audit.record(request, "drift accepted", f"{change.api.name}: {change.summary}", note=answer.note)
        messages.success(request, "Accepted. The history keeps who said so.")
    return redirect("change", change.pk)


@require_POST
@needs("edit")
def ignore(request: PageRequest, pk: int) -> HttpResponse:
    """A drift is to be left alone for some days."""
    change, days = _change(pk), request.POST.get("days", "")
    known = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else 0
    until = timezone.now() + timedelta(days=known) if 0 < known <= LONGEST_DAYS else None
    if until is None:
        messages.error(request, f"Say for how many days, from 1 to {LONGEST_DAYS}.")
        return redirect("change", change.pk)
    try:
        answer = drift.ignore(change, request.user, until, request.POST.get("note", "").strip())
    except drift.CannotAnswer as error:
        messages.error(request, str(error))
    else:
        audit.record(request, "drift ignored", f"{change.api.name}: {change.summary}", note=answer.note, days=known)
        messages.success(request, f"Left alone for {known} day{'' if known == 1 else 's'}.")
    return redirect("change", change.pk)


@require_POST
@needs("edit")
def lock(request: PageRequest, pk: int) -> HttpResponse:
    """Lock an API to the configuration that the person saw."""
    api, version = api_or_404(pk), request.POST.get("version", "")
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
    try:
        locked = baseline.lock(api, request.user, request.POST.get("note", "").strip(), seen)
    except baseline.CannotLock as error:
        messages.error(request, str(error))
    else:
        audit.record(request, "API locked", api.name, version=locked.configuration.number, note=locked.note)
        messages.success(request, f"Locked to version {locked.configuration.number}.")
    return redirect("api", api.pk)


@require_POST
@needs("edit")
def unlock(request: PageRequest, pk: int) -> HttpResponse:
    """Take the lock off."""
    api = api_or_404(pk)
    try:
        baseline.unlock(api, request.user)
    except baseline.CannotLock as error:
        messages.error(request, str(error))
    else:
        audit.record(request, "API unlocked", api.name)
        messages.success(request, "Unlocked: any configuration is as good as another now.")
    return redirect("api", api.pk)


def _change(pk: int) -> Change:
    return get_object_or_404(Change.objects.select_related("api"), pk=pk)
