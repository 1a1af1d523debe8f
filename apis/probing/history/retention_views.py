"""The page of what is kept, and what that costs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apis.probing.history.retention import estimate_retention


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """Show how long results and roll-ups are kept, and their size."""
    return render(request, "probing/history/retention.html", {"retention": estimate_retention()})
