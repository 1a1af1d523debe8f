"""The settings of status pages: make, change and delete them, and regenerate their links."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apis.access.roles import needs
from apis.alerting.status_pages import edits
from apis.alerting.status_pages.forms import StatusPageForm
from apis.alerting.status_pages.models import StatusPage
from apis.errors import AppError, InvalidInput
from apis.inventory.search import Pages

PER_PAGE = 50


def status_pages(request: HttpRequest) -> HttpResponse:
    """Show every status page."""
    found = StatusPage.objects.select_related("account").prefetch_related("apis")
    page = Pages(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "alerting/status_pages/list.html", {"page": page})


@never_cache
@needs("edit")
def status_page_add(request: HttpRequest) -> HttpResponse:
    """Add a status page. The link of a public one is shown once, in the response."""
    form = StatusPageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row, token = edits.create_page(request.user, form.values())
        except InvalidInput as error:
            form.refuse(error.errors)
        else:
            return _saved(request, row, token, f"{row.name} is added.")
    return render(request, "alerting/status_pages/edit.html", {"form": form, "row": None})


@never_cache
@needs("edit")
def status_page_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one status page."""
    row = get_object_or_404(StatusPage, pk=pk)
    form = StatusPageForm(request.POST or None, page=row)
    if request.method == "POST" and form.is_valid():
        try:
            token = edits.change_page(request.user, row, form.values())
        except InvalidInput as error:
            form.refuse(error.errors)
            row.refresh_from_db()
        else:
            return _saved(request, row, token, f"{row.name} is saved.")
    return render(request, "alerting/status_pages/edit.html", {"form": form, "row": row})


@never_cache
@require_POST
@needs("edit")
def status_page_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace the link of a public page; the old one stops at once."""
    row = get_object_or_404(StatusPage, pk=pk)
    try:
        token = edits.regenerate_token(request.user, row)
    except AppError as error:
        messages.error(request, str(error))
        return redirect("status_page_edit", pk)
    return _saved(request, row, token, "")


@require_POST
@needs("edit")
def status_page_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a page; its link, badges and feeds stop at once."""
    row = get_object_or_404(StatusPage, pk=pk)
    edits.delete_page(request.user, row)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("status_pages")


def _saved(request: HttpRequest, row: StatusPage, token: str, words: str) -> HttpResponse:
    """Show a new link once; without one, lead to the list."""
    if not token:
        messages.success(request, words)
        return redirect("status_pages")
    url = request.build_absolute_uri(reverse("public_status_page", args=[token]))
    form = StatusPageForm(page=row)
    return render(request, "alerting/status_pages/edit.html", {"form": form, "row": row, "link": url})
