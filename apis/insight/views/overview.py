"""The overview, and the same for a wall screen."""

from __future__ import annotations

from itertools import batched
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apis.access import tokens
from apis.access.models import ApiToken
from apis.insight.overview import MOST_ITEMS, notices, sections, watched
from apis.probing.runs.connectivity import down_since

IN_A_ROW = 3
"""More sections than these stand in two rows on a wall screen."""
LARGE = 5
"""So many items above each other have room in larger print."""


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
    context = _context()
    response = render(request, "insight/wall.html", context | _tiles(context))
    response["Referrer-Policy"] = "no-referrer"
    return response


def _tiles(context: dict[str, Any]) -> dict[str, Any]:
    """Return the sections with as many items as fit on a screen that no one scrolls, and how many more there are."""
    shown = [one for one in context["sections"] if one.count]
    has_notice = down_since() is not None or not context["watched"].enabled_accounts
    most = MOST_ITEMS if len(shown) <= IN_A_ROW else 2 if has_notice else 3
    columns = len(shown) if len(shown) <= IN_A_ROW else -(-len(shown) // 2)
    tiles = [(one, one.items[:most], max(one.count - most, 0)) for one in shown]
    highest = sum(max(len(one[1]) for one in row) for row in batched(tiles, max(columns, 1)))
    return {"tiles": tiles, "columns": columns, "is_large": highest <= LARGE and not has_notice}


def _context() -> dict[str, Any]:
    found, now = sections(), watched()
    # Where nothing is watched nothing is known to be well.
    is_watched = now.apis > 0 and now.enabled_accounts > 0
    is_calm = is_watched and not any(one.count for one in found) and down_since() is None
    sync_failed = any(one.key == "syncs" and one.count for one in found)
    return {"sections": found, "is_calm": is_calm, "watched": now, "sync_failed": sync_failed}
