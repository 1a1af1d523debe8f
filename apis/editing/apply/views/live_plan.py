"""The live read behind a plan: the page shows how it goes, and is planned again when AWS has changed meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import reselect, reswap, retarget

from apis.access.page_request import PageRequest
from apis.editing.apply.views.plan import LIVE_READ_S, plan_form, reverted_of, show_plan
from apis.editing.panel import panel_form as panels
from apis.inventory.models import HttpApi
from apis.inventory.reading import live_read
from apis.inventory.search import api_or_404

TOO_SLOW = f"AWS did not answer within {LIVE_READ_S} seconds."


@require_POST
def follow(request: PageRequest, pk: int) -> HttpResponse:
    """Show how far a plan's live read is; then the new plan, or the conflict, when it found a change."""
    api, asked_at = api_or_404(pk), _asked_at(request.GET.get("asked", ""))
    if asked_at is None or not live_read.is_done(api, asked_at):
        if asked_at is not None and timezone.now() - asked_at < timedelta(seconds=LIVE_READ_S):
            return HttpResponse(status=204)
        return _strip(request, api, TOO_SLOW)
    if api.look_error:
        return _strip(request, api, api.look_error)
    form = plan_form(request)
    version = form.number("version") or api.version
    if version == api.version:
        return _strip(request, api)
    proposed = panels.proposal_in(request.POST)
    page = show_plan(request, api, proposed, version, reverted=reverted_of(form, api, proposed))
    return retarget(reselect(reswap(page, "outerHTML"), "#main"), "#main")


def _asked_at(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _strip(request: PageRequest, api: HttpApi, error: str = "") -> HttpResponse:
    return render(request, "editing/apply/live_read.html", {"api": api, "error": error})
