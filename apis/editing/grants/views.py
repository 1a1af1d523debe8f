"""Grants: the list, asking for one, extending and ending it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, text_of
from apis.access.roles import can
from apis.cors.lint import blocking
from apis.editing import tasks
from apis.editing.apply import applying, approval
from apis.editing.grants import lifecycle
from apis.editing.models import Grant
from apis.editing.plan.planning import plan
from apis.errors import AppError, InvalidInput
from apis.inventory import history
from apis.inventory.models import Change, HttpApi
from apis.inventory.search import Pages, api_or_404, origin_of
from apis.jobs.queue import NOTHING_SENT, STARTS_LATER, enqueue_task
from apis.ui.tags import duration

PER_PAGE = 50
UNITS = {"hours": 3600, "days": 86400}
USUAL = "7"


@require_GET
def grant_list(request: PageRequest) -> HttpResponse:
    """Grants, newest first: those that are open, or all."""
    rows = Grant.objects.select_related("api__account", "api__current", "proposal", "removal")
    state = request.GET.get("state", "open")
    if state == "open":
        rows = rows.filter(state__in=lifecycle.OPEN)
    page = Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "editing/grants.html", {"page": page, "state": state})


def add(request: PageRequest, pk: int) -> HttpResponse:
    """Let an origin in for a while: the form, then its plan, then it is begun, or proposed where approval is needed."""
    api = api_or_404(pk)
    given = request.POST if request.method == "POST" else request.GET
    must_ask = approval.required(api) or ("" if can(request.user, "edit") else "Letting origins in needs an editor.")
    context: dict[str, Any] = {
        "api": api,
        "given": given,
        "origin": given.get("origin", ""),
        "count": given.get("count", USUAL),
        "unit": given.get("unit", "days"),
        "must_ask": must_ask,
        "refusal": applying.refusal(api),
        "problem": "",
    }
    if request.method != "POST":
        return render(request, "editing/grant_add.html", context)
    try:
        origin, lasts = origin_of(text_of(given, "origin", 2000)), seconds_of(given)
        lifecycle.check_length(lasts)
        made = plan(api, lifecycle.proposed(api, origin))
        if "go" in given and not blocking(made.findings):
            return _go(request, api, origin, lasts, bool(must_ask))
    except AppError as error:
        return render(request, "editing/grant_add.html", context | {"problem": str(error)}, status=422)
    context |= {"plan": made, "origin": origin, "words": duration(lasts)}
    context["impact"] = [row for row in made.impact if row.changes]
    # With its entry in the list a call may still be blocked, by a missing route or method; then that is why.
    context["still"] = next((row for row in made.impact if row.origin == origin and not row.after.allowed), None)
    return render(request, "editing/grant_add.html", context)


def seconds_of(given: QueryDict) -> int:
    """The length that a form gives as a count of hours or days. Raises AppError."""
    count, unit = given.get("count", "").strip(), given.get("unit", "days")
    if not count.isdecimal() or len(count) > 5 or unit not in UNITS:
        raise InvalidInput(f"“{count[:20]}” is no number of hours or days. Write digits only, such as 7.", "lasts")
    return int(count) * UNITS[unit]


def _go(request: PageRequest, api: HttpApi, origin: str, lasts: int, must_ask: bool) -> HttpResponse:
    note = request.POST.get("note", "")
    if must_ask:
        made = lifecycle.ask(api, origin, lasts, request.user, Change.Kind.PANEL, note)
        return redirect("proposal", made.pk)
    change = lifecycle.give(api, origin, lasts, request.user, Change.Kind.PANEL, note)
    if not enqueue_task(tasks.apply, change.pk):
        history.fail(change, NOTHING_SENT)
    return redirect("change", change.pk)


@require_POST
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Extend a grant, let it stay, or end it now."""
    rows = Grant.objects.select_related("api__account", "api__current")
    grant = get_object_or_404(rows, pk=pk)
    if verb == "extend":
        moved = lifecycle.extend(grant, request.user, seconds_of(request.POST))
        messages.success(request, f"{moved.origin} is allowed until {moved.ends_at:%d %b %Y, %H:%M} UTC.")
    elif verb == "keep":
        lifecycle.keep(grant, request.user)
        messages.success(request, f"{grant.origin} stays, without an end.")
    elif verb == "end":
        if not tasks.hand_over_grant(lifecycle.end_now(grant, request.user)):
            messages.warning(request, STARTS_LATER)
        messages.success(request, f"The grant of {grant.origin} is being ended.")
    else:
        raise Http404("There is no such action on a grant.")
    return redirect("grants") if request.POST.get("next") == "grants" else redirect("api", grant.api_id)
