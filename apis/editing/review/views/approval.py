"""What needs approval: accounts, tags and single APIs, set by admins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from apis.access.page_request import PageRequest
from apis.access.roles import needs
from apis.editing.apply import approval
from apis.editing.apply.models import ReviewRule
from apis.editing.review.forms import TagForm
from apis.inventory.models import Account, HttpApi
from apis.inventory.search import api_or_404

SHOWN = 200


@needs("admin")
def approval_rules(request: PageRequest) -> HttpResponse:
    """Show the accounts, tags and APIs whose changes need approval; POST adds a tag."""
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approval.require_for_tag(request.user, form.cleaned_data["key"], form.cleaned_data["value"])
        return redirect("approval")
    rows = HttpApi.objects.filter(needs_approval=True, gone_at=None).select_related("account")
    context = {
        "accounts": Account.objects.all(),
        "rules": ReviewRule.objects.all(),
        "apis": rows[:SHOWN],
        "count": rows.count(),
        "form": form,
    }
    return render(request, "editing/review/approval.html", context, status=422 if form.errors else 200)


@needs("admin")
@require_POST
def rule_delete(request: PageRequest, pk: int) -> HttpResponse:
    """Stop requiring approval for a tag."""
    approval.drop_rule(request.user, get_object_or_404(ReviewRule, pk=pk))
    return redirect("approval")


@needs("admin")
@require_POST
def set_account_approval(request: PageRequest, pk: int) -> HttpResponse:
    """Switch approval on or off for an account."""
    _switch(request, get_object_or_404(Account, pk=pk))
    return redirect("approval")


@needs("admin")
@require_POST
def set_api_approval(request: PageRequest, pk: int) -> HttpResponse:
    """Switch approval on or off for one API."""
    _switch(request, api_or_404(pk))
    return redirect("approval") if request.POST.get("next") == "approval" else redirect("api", pk)


def _switch(request: PageRequest, row: Account | HttpApi) -> None:
    on = request.POST.get("on") == "1"
    approval.require(request.user, row, on)
    messages.success(
        request, f"{row.name} {'needs approval' if on else 'can be changed without approval'} from now on."
    )
