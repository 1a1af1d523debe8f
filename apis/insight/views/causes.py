"""The causes of blocked calls: each code has a page that says what it is, how to tell and how to fix it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apis.cors.explain import CAUSES
from apis.insight.public_pages import frame_of, public_page


@public_page
@require_GET
def cause_list(request: HttpRequest) -> HttpResponse:
    """Show every cause with its code."""
    return render(request, "insight/explain/causes.html", {"causes": CAUSES.values(), "frame": frame_of(request)})


@public_page
@require_GET
def cause_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one cause."""
    entry = CAUSES.get(code)
    if entry is None:
        raise Http404
    return render(request, "insight/explain/cause.html", {"cause": entry, "frame": frame_of(request)})
