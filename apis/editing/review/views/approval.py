"""What needs approval: accounts, tags and single APIs, set by admins."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apis.access import audit
from apis.access.page_request import PageRequest, text_of
from apis.access.roles import needs
from apis.editing.models import ReviewRule
from apis.inventory.models import Account, HttpApi
from apis.inventory.search import api_or_404

SHOWN = 200


@needs("admin")
def approval(request: PageRequest) -> HttpResponse:
    """The accounts, tags and APIs whose changes need approval."""
    problem, status = "", 200
    if request.method == "POST":
        key, value = (text_of(request.POST, name).strip() for name in ("key", "value"))
        problem = _why_not(key, value)
        if not problem:
            _add_rule(request, key, value)
            return redirect("approval")
        status = 422
    rows = HttpApi.objects.filter(needs_approval=True, gone_at=None).select_related("account")
    context = {
        "accounts": Account.objects.all(),
        "rules": ReviewRule.objects.all(),
        "apis": rows[:SHOWN],
        "count": rows.count(),
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "editing/approval.html", context, status=status)


def _why_not(key: str, value: str) -> str:
    if not key:
        return "Name the tag's key, such as environment."
    if len(key) > 128 or len(value) > 256:
        return "A tag's key has at most 128 characters and its value at most 256."
    return ""


def _add_rule(request: PageRequest, key: str, value: str) -> None:
    try:
        with transaction.atomic():
            rule = ReviewRule.objects.create(key=key, value=value, created_by_name=request.user.get_username())
    except IntegrityError:
        messages.info(request, "This tag needs approval already.")
        return
    audit.record(request, "requires approval for a tag", rule)


@needs("admin")
@require_POST
def rule_delete(request: PageRequest, pk: int) -> HttpResponse:
    """Changes of APIs with this tag need approval no longer."""
    rule = get_object_or_404(ReviewRule, pk=pk)
    rule.delete()
    audit.record(request, "no longer requires approval for a tag", rule)
    return redirect("approval")


@needs("admin")
@require_POST
def of_account(request: PageRequest, pk: int) -> HttpResponse:
    """Switch approval on or off for an account."""
    row = get_object_or_404(Account, pk=pk)
    _switch(request, row, "account")
    return redirect("approval")


@needs("admin")
@require_POST
def of_api(request: PageRequest, pk: int) -> HttpResponse:
    """Switch approval on or off for one API."""
    row = api_or_404(pk)
    _switch(request, row, "API")
    return redirect("approval") if request.POST.get("next") == "approval" else redirect("api", pk)


def _switch(request: PageRequest, row: Account | HttpApi, what: str) -> None:
    on = request.POST.get("on") == "1"
    type(row)._default_manager.filter(pk=row.pk).update(needs_approval=on)
    audit.record(request, f"{'requires' if on else 'no longer requires'} approval for an {what}", row.name)
    words = "needs approval from now on" if on else "can be changed without approval from now on"
    messages.success(request, f"{row.name} {words}.")
