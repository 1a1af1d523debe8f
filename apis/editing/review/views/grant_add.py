"""The page on which to request temporary access for an origin."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from apis.access.page_request import PageRequest
from apis.access.roles import can
from apis.cors.lint import blocking
from apis.editing.apply import approval
from apis.editing.grants import lifecycle
from apis.editing.grants.forms import USUAL_DAYS, GrantForm
from apis.editing.grants.tasks import apply_grant
from apis.editing.plan.editability import refusal_reason
from apis.editing.plan.planning import plan
from apis.editing.review.grant_requests import request_grant
from apis.errors import AppError
from apis.inventory.history import history
from apis.inventory.models import Change, HttpApi
from apis.inventory.search import api_or_404
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.ui.form_errors import add_errors
from apis.ui.tags import duration

NEEDS_EDITOR = "Adding access requires the Editor role."


def add(request: PageRequest, pk: int) -> HttpResponse:
    """Add temporary access: the form, its plan, then the change, or a proposal where approval is needed."""
    api = api_or_404(pk)
    must_ask = approval.approval_reason(api) or ("" if can(request.user, "edit") else NEEDS_EDITOR)
    if request.method == "POST":
        form = GrantForm(request.POST, auto_id="%s")
    else:
        form = GrantForm(initial={"count": USUAL_DAYS} | request.GET.dict(), auto_id="%s")
    context: dict[str, Any] = {"api": api, "form": form, "must_ask": must_ask, "refusal": refusal_reason(api)}
    if not form.is_valid():
        return render(request, "editing/grants/grant_add.html", context, status=422 if form.errors else 200)
    origin, lasts = form.cleaned_data["origin"], form.cleaned_data["lasts"]
    try:
        made = plan(api, lifecycle.policy_with_origin(api, origin))
        if "go" in request.POST and not blocking(made.findings):
            return _go(request, api, form, bool(must_ask))
    except AppError as error:
        add_errors(form, error)
        return render(request, "editing/grants/grant_add.html", context, status=422)
    context |= {"plan": made, "origin": origin, "words": duration(lasts)}
    context["impact"] = [row for row in made.impact if row.changes]
    # With its entry in the list a call may still be blocked, by a missing route or method; then that is why.
    context["still"] = next((row for row in made.impact if row.origin == origin and not row.after.allowed), None)
    return render(request, "editing/grants/grant_add.html", context)


def _go(request: PageRequest, api: HttpApi, form: GrantForm, must_ask: bool) -> HttpResponse:
    origin, lasts, note = (form.cleaned_data[name] for name in ("origin", "lasts", "note"))
    if must_ask:
        made = request_grant(api, origin, lasts, request.user, Change.Kind.PANEL, note)
        return redirect("proposal", made.pk)
    change = lifecycle.give(api, origin, lasts, request.user, Change.Kind.PANEL, note)
    if not enqueue_task(apply_grant, change.pk):
        history.fail(change, NOTHING_SENT, Change.Failure.TEMPORARY)
    return redirect("change", change.pk)
