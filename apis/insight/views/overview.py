"""The overview, and the same for a wall screen."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apis.access import tokens
from apis.access.models import ApiToken
from apis.insight.overview import notices, sections, watched
from apis.probing.runs.connectivity import down_since


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show what fails, drifted or waits for a decision; polls itself."""
    return render(request, "insight/overview.html", _context() | {"notices": notices(request)})


@login_not_required
@require_GET
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """Show the overview without navigation or links, for a screen that no one signs in at."""
    if tokens.authenticate(token, ApiToken.Purpose.WALL) is None:
        raise Http404
    response = render(request, "insight/wall.html", _context())
    response["Referrer-Policy"] = "no-referrer"
    return response


def _context() -> dict[str, Any]:
    found, now = sections(), watched()
    # Where nothing is watched nothing is known to be well.
    is_watched = now.apis > 0 and now.enabled_accounts > 0
    is_calm = is_watched and not any(one.count for one in found) and down_since() is None
    sync_failed = any(one.key == "syncs" and one.count for one in found)
    return {"sections": found, "is_calm": is_calm, "watched": now, "sync_failed": sync_failed}
