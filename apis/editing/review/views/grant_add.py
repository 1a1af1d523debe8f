"""The page on which to request temporary access for an origin."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from apis.access.page_request import PageRequest, text_of
from apis.access.roles import can
from apis.cors.lint import blocking
from apis.editing.apply import approval
from apis.editing.grants import lifecycle
from apis.editing.grants.tasks import apply_grant
from apis.editing.grants.views import USUAL, seconds_of
from apis.editing.plan.editability import refusal_reason
from apis.editing.plan.planning import plan
from apis.editing.review.grant_requests import request_grant
from apis.errors import AppError
from apis.inventory import history
from apis.inventory.models import Change, HttpApi
from apis.inventory.search import api_or_404, origin_of
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.ui.tags import duration


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
        "refusal": refusal_reason(api),
        "problem": "",
    }
    if request.method != "POST":
        return render(request, "editing/grants/grant_add.html", context)
    try:
        origin, lasts = origin_of(text_of(given, "origin", 2000)), seconds_of(given)
        lifecycle.check_length(lasts)
        made = plan(api, lifecycle.proposed(api, origin))
        if "go" in given and not blocking(made.findings):
            return _go(request, api, origin, lasts, bool(must_ask))
    except AppError as error:
        return render(request, "editing/grants/grant_add.html", context | {"problem": str(error)}, status=422)
    context |= {"plan": made, "origin": origin, "words": duration(lasts)}
    context["impact"] = [row for row in made.impact if row.changes]
    # With its entry in the list a call may still be blocked, by a missing route or method; then that is why.
    context["still"] = next((row for row in made.impact if row.origin == origin and not row.after.allowed), None)
    return render(request, "editing/grants/grant_add.html", context)


def _go(request: PageRequest, api: HttpApi, origin: str, lasts: int, must_ask: bool) -> HttpResponse:
    note = request.POST.get("note", "")
    if must_ask:
        made = request_grant(api, origin, lasts, request.user, Change.Kind.PANEL, note)
        return redirect("proposal", made.pk)
    change = lifecycle.give(api, origin, lasts, request.user, Change.Kind.PANEL, note)
    if not enqueue_task(apply_grant, change.pk):
        history.fail(change, NOTHING_SENT, Change.Failure.TEMPORARY)
    return redirect("change", change.pk)
