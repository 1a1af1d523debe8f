"""Status pages as people outside see them: by a token in the address, or signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apis.access.throttle import within_rate
from apis.alerting.status_pages.badge import CONTENT_TYPE, SECONDS, draw_badge
from apis.alerting.status_pages.edits import page_of
from apis.alerting.status_pages.feeds import CALENDAR_TYPE, IncidentFeed, Published, calendar_of
from apis.alerting.status_pages.models import StatusPage
from apis.alerting.status_pages.report import DAYS, MOST_INCIDENTS, MOST_OCCURRENCES, report_of, state_of

PER_MINUTE = 240
"""Requests that one address may send to public status pages, so that no one tries tokens or keeps the database busy."""

type View[**P] = Callable[Concatenate[HttpRequest, StatusPage, str, P], HttpResponse]


def by_token[**P](view: View[P]) -> Callable[..., HttpResponse]:
    """Serve a view of a public page to anyone with its token."""

    @login_not_required
    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not within_rate(request, "status page", PER_MINUTE):
            words = "Too many requests. Wait a minute, then try again.\n"
            return HttpResponse(words, status=429, content_type="text/plain", headers={"Retry-After": "60"})
        row = page_of(token)
        if row is None:
            raise Http404
        return _unlisted(view(request, row, token, *args, **kwargs))

    return guarded


def signed_in[**P](view: View[P]) -> Callable[..., HttpResponse]:
    """Serve the same view of any page to signed-in people."""

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, pk: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return _unlisted(view(request, get_object_or_404(StatusPage, pk=pk), "", *args, **kwargs))

    return guarded


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep the address, which may hold a token, from other sites and from search engines."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def show(request: HttpRequest, row: StatusPage, token: str) -> HttpResponse:
    """Show the page."""
    found = report_of(row, timezone.now())
    badges = [(one, request.build_absolute_uri(address(row, token, "badge", one.id))) for one in found.apis]
    context: dict[str, Any] = {
        "status_page": row,
        "report": found,
        "days": DAYS,
        "most_incidents": MOST_INCIDENTS,
        "most_maintenance": MOST_OCCURRENCES,
        "badges": badges,
        "feed": address(row, token, "feed"),
        "calendar": address(row, token, "calendar"),
        "by_token": bool(token),
    }
    return render(request, "alerting/status_pages/status.html", context)


def badge(request: HttpRequest, row: StatusPage, token: str, api: int) -> HttpResponse:
    """Show the badge of one of its APIs."""
    state = state_of(row, api, timezone.now())
    if state is None:
        raise Http404
    kept = f"{'public' if token else 'private'}, max-age={SECONDS}"
    return HttpResponse(draw_badge(state), content_type=CONTENT_TYPE, headers={"Cache-Control": kept})


def feed(request: HttpRequest, row: StatusPage, token: str) -> HttpResponse:
    """Its incidents as an Atom feed."""
    response: HttpResponse = IncidentFeed()(request, published=_published(request, row, token))
    response["Cache-Control"] = "no-store"
    return response


def calendar(request: HttpRequest, row: StatusPage, token: str) -> HttpResponse:
    """Its incidents and maintenance as a calendar."""
    shown = {"Content-Disposition": 'inline; filename="status.ics"'}
    return HttpResponse(calendar_of(_published(request, row, token)), content_type=CALENDAR_TYPE, headers=shown)


def address(row: StatusPage, token: str, what: str, *args: int) -> str:
    """Return the path of a page, its feed, its calendar or a badge: with the token, or for signed-in people."""
    name = f"status_{what}"
    return reverse(f"public_{name}", args=[token, *args]) if token else reverse(name, args=[row.pk, *args])


def _published(request: HttpRequest, row: StatusPage, token: str) -> Published:
    url = request.build_absolute_uri(address(row, token, "page"))
    feed_url = request.build_absolute_uri(address(row, token, "feed"))
    return Published(row, url, feed_url, urlsplit(url).hostname or "localhost", timezone.now())
