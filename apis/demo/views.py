"""Pages of the demo."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apis.access.page_request import PageRequest
from apis.demo import banner


@require_POST
def dismiss(request: PageRequest) -> HttpResponse:
    """Hide the suggestions on the overview for this person."""
    banner.dismiss(request.user)
    return redirect("overview")
