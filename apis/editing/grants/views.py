"""Grants: the list, asking for one, extending and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest
from apis.editing.grants import lifecycle
from apis.editing.grants.forms import LengthForm
from apis.editing.grants.models import Grant
from apis.editing.grants.tasks import enqueue_grant_end
from apis.errors import InvalidInput
from apis.inventory.search import Pages
from apis.jobs.queue import STARTS_LATER

PER_PAGE = 50


@require_GET
def grant_list(request: PageRequest) -> HttpResponse:
    """Grants, newest first: those that are open, or all."""
    rows = Grant.objects.select_related("api__account", "api__current", "proposal", "removal")
    state = request.GET.get("state", "open")
    if state == "open":
        rows = rows.filter(state__in=lifecycle.OPEN)
    page = Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "editing/grants/grants.html", {"page": page, "state": state})


@require_POST
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Extend a grant, let it stay, or end it now."""
    rows = Grant.objects.select_related("api__account", "api__current")
    grant = get_object_or_404(rows, pk=pk)
    if verb == "extend":
        form = LengthForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(str(next(iter(form.errors.values()))[0]), "lasts")
        moved = lifecycle.extend(grant, request.user, form.cleaned_data["lasts"])
        messages.success(request, f"{moved.origin} is allowed until {moved.ends_at:%d %b %Y, %H:%M} UTC.")
    elif verb == "keep":
        lifecycle.keep(grant, request.user)
        messages.success(request, f"{grant.origin} is kept permanently.")
    elif verb == "end":
        if not enqueue_grant_end(lifecycle.end_now(grant, request.user)):
            messages.warning(request, STARTS_LATER)
        messages.success(request, f"Ending temporary access for {grant.origin}.")
    else:
        raise Http404("Unknown action for a grant.")
    return redirect("grants") if request.POST.get("next") == "grants" else redirect("api", grant.api_id)
