"""Pages of settings: the index, API tokens and the audit log."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apis.access import tokens
from apis.access.forms import AuditFilter, TokenForm
from apis.access.models import ApiToken, AuditEvent
from apis.access.roles import can, needs

PER_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    """Show the settings."""
    return render(request, "access/settings.html")


@never_cache
def token_list(request: HttpRequest) -> HttpResponse:
    """Show the person's API tokens, and everyone's for an admin. A new one is shown on the answer, and never again."""
    form, made, plain = TokenForm(request.POST or None), None, ""
    if request.method == "POST" and form.is_valid():
        made, plain = tokens.create(cast(User, request.user), **form.cleaned_data)
        form = TokenForm()
    rows = ApiToken.objects.select_related("user").order_by("revoked_at", "-created_at", "-id")
    of_all = can(request.user, "admin") and request.GET.get("of") == "everybody"
    if not of_all:
        rows = rows.filter(user=cast(User, request.user))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    wall = request.build_absolute_uri(f"/wall/{plain}/")
    context = {
        "page": page, "form": form, "made": made, "plain": plain, "wall_address": wall, "of_all": of_all,
    }  # fmt: skip
    return render(request, "access/tokens.html", context)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token: one's own, or anyone's for an admin."""
    mine = (
        ApiToken.objects.all() if can(request.user, "admin") else ApiToken.objects.filter(user=cast(User, request.user))
    )
    token = get_object_or_404(mine, pk=pk)
    tokens.revoke(token, cast(User, request.user))
    messages.success(request, f"Token {token.name} revoked.")
    return redirect("tokens")


@needs("admin")
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show what people did, newest first; searched by person, action and target."""
    words = AuditFilter(request.GET).words()
    rows = AuditEvent.objects.all()
    if words:
        rows = rows.filter(Q(actor_name__icontains=words) | Q(action__icontains=words) | Q(target__icontains=words))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "access/audit.html", {"page": page, "search": words})
