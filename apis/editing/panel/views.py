"""The Configure panel: opened, checked as one types, filled in by a fix, a preset or a link."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apis.access.page_request import PageRequest
from apis.access.roles import can
from apis.cors.policy import FIELDS, CorsPolicy, PolicyError
from apis.editing.panel import panel_form as panels
from apis.editing.panel import presets
from apis.editing.plan.editability import refusal_reason
from apis.errors import InvalidInput
from apis.inventory.lint_context import context_of
from apis.inventory.models import HttpApi
from apis.inventory.reading import on_demand
from apis.inventory.reading.managed_by import owner_of
from apis.inventory.search import api_or_404
from apis.jobs.queue import UNREACHABLE


def configure(request: PageRequest, pk: int) -> HttpResponse:
    """Show the panel: fresh, with a fix or a proposal filled in, or with what was typed before."""
    api = api_or_404(pk)
    if request.method == "POST":
        panel = panels.read(request.POST)
        if "proposal" in request.POST and not any(name in request.POST for name in FIELDS):
            panel = panels.panel_of(panels.proposal_in(request.POST))
        if "remove" in request.POST:
            panel = panels.remove(panel, request.POST["remove"])
        if "fix" in request.POST:
            panel = _fixed(panel, request.POST["fix"], api)
        version = request.POST.get("version", str(api.version))
        if "preset" in request.POST:
            return _preset(request, api, panel, version)
        if request.htmx and "fix" in request.POST:
            return show_panel(request, api, panel, version, "editing/panel/configure.html#fields")
        return show_panel(request, api, panel, version)
    panel = panels.panel_of(api.policy)
    if request.GET.get("cors") == "null":
        # Off has no fields that a panel could show.
        return redirect(f"{reverse('plan', args=[api.pk])}?off=1")
    if "cors" in request.GET:
        try:
            panel = panels.panel_of(CorsPolicy.from_aws(json.loads(request.GET["cors"])))
        except (ValueError, PolicyError, RecursionError):
            messages.warning(request, "The link's proposal is invalid; showing the live configuration.")
    if "fix" in request.GET:
        panel = _fixed(panel, request.GET["fix"], api)
    # What is live may have moved on since the last sync. The page does not wait; the plan shows what was found.
    if not on_demand.refresh_soon(api):
        messages.warning(request, UNREACHABLE)
    return show_panel(request, api, panel, str(api.version))


@require_POST
def check(request: PageRequest, pk: int) -> HttpResponse:
    """Check the fields while the user types."""
    api = api_or_404(pk)
    panel = panels.read(request.POST)
    return render(request, "editing/panel/findings.html", {"rows": _rows(panel, api), "api": api})


def _rows(panel: panels.Panel, api: HttpApi) -> list[panels.Row]:
    """Return the fields; of a panel that is still empty while CORS is off nothing is said, for nothing is on yet."""
    quiet = not api.policy.on and panel.policy.state == "empty"
    return panel.rows(context_of(api), quiet=quiet)


def _fixed(panel: panels.Panel, which: str, api: HttpApi) -> panels.Panel:
    code, _, value = which.partition(":")
    return panels.fix(panel, code, value, context_of(api))


def _preset(request: PageRequest, api: HttpApi, panel: panels.Panel, version: str) -> HttpResponse:
    """Return the panel filled in by a preset; as it was, with the reason, when that cannot be."""
    try:
        filled, left_out = presets.fill(request.POST["preset"], request.POST.dict(), panel.policy, api)
    except InvalidInput as error:
        return show_panel(request, api, panel, version, preset_error=error)
    without = f", except temporary access: {', '.join(left_out)}" if left_out else ""
    notes = presets.notes_of(request.POST["preset"], request.POST.dict())
    text = " ".join([f"Filled in{without}.", *notes, "Nothing changes until you apply the plan."])
    messages.info(request, text)
    return show_panel(request, api, panels.panel_of(filled), version)


def show_panel(
    request: PageRequest,
    api: HttpApi,
    panel: panels.Panel,
    version: str,
    template: str = "editing/panel/configure.html",
    preset_error: InvalidInput | None = None,
) -> HttpResponse:
    """Show the page with a panel in it; 422 when something in it could not be read."""
    context = {
        "api": api,
        "rows": _rows(panel, api),
        "version": version,
        "refusal": refusal_reason(api),
        "may_edit": can(request.user, "edit"),
        "errors": panel.errors,
        "owner": owner_of(api),
        "given": request.POST,
        "preset_error": {preset_error.field: str(preset_error)} if preset_error else {},
        "local": presets.LOCAL,
        "live": panels.for_drafts(api.policy),
    }
    failed = bool(panel.errors or preset_error) and not request.htmx
    return render(request, template, context, status=422 if failed else 200)
