"""An API's Export tab: its configuration in every format, and a pasted one brought into the panel."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apis.access.page_request import PageRequest
from apis.cors.formats import FORMATS, ExportContext
from apis.editing.panel import panel_form as panels
from apis.editing.panel import presets
from apis.editing.panel.views import show_panel
from apis.editing.plan.iac_export import export_context, format_for
from apis.errors import InvalidInput
from apis.inventory.search import api_or_404


def export(request: PageRequest, pk: int) -> HttpResponse:
    """Show the configuration in one format, chosen by `?format=`; POST reads a pasted configuration into the panel."""
    api = api_or_404(pk)
    problem, text = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            policy, _ = presets.fill("import", {"preset_text": text}, api.policy, api)
        except InvalidInput as error:
            problem = str(error)
        else:
            notes = " ".join(presets.notes_of("import", {"preset_text": text}))
            notice = f"Filled in. {notes}".strip()
            messages.info(request, f"{notice} Nothing changes until you apply the plan.")
            return show_panel(request, api, panels.panel_of(policy), str(api.version))
    chosen = FORMATS.get(request.GET.get("format", "")) or FORMATS[format_for(api)]
    context = {
        "api": api,
        "tab": "export",
        "formats": FORMATS.values(),
        "chosen": chosen,
        "exported": chosen.export(api.policy, ExportContext(api.api_id, api.name, api.region)),
        "problem": problem,
        "text": text,
    }
    return render(request, "insight/export.html", context, status=422 if problem else 200)


def plan_export(request: PageRequest, pk: int) -> HttpResponse:
    """Show a proposal, or what the panel holds, in the form of the tool that owns the API or of another one.

    Without a form it leads to the panel.
    """
    if request.method != "POST":
        return redirect("configure", pk)
    api = api_or_404(pk)
    if "proposal" in request.POST:
        proposed = panels.proposal_in(request.POST)
    else:
        proposed = panels.read(request.POST).policy
    context = export_context(api, proposed, request.POST.get("format", "")) | {"api": api}
    template = "editing/plan/iac_export.html"
    return render(request, f"{template}#written" if request.htmx else template, context)
