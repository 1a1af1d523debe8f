"""An API's Export tab: its configuration in every format, and a pasted one brought into the panel."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apis.access.request import PageRequest
from apis.cors.formats import FORMATS, ExportContext, FormatError, detect_and_parse
from apis.cors.policy import CorsPolicy, PolicyError
from apis.editing import panel as panels
from apis.editing.elsewhere import format_for, write
from apis.inventory.models import HttpApi
from apis.inventory.owners import owner_of


def export(request: PageRequest, pk: int) -> HttpResponse:
    """The configuration in one format, chosen by `?format=`; POST reads a pasted configuration into the panel."""
    api = get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)
    problem, text = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            _, policy = detect_and_parse(text)
        except FormatError as error:
            problem = str(error)
        else:
            address = reverse("configure", args=[pk])
            return redirect(f"{address}?{urlencode({'cors': json.dumps(policy.to_aws() or {})})}")
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
    return render(request, "editing/export.html", context, status=422 if problem else 200)


@require_POST
def of_plan(request: PageRequest, pk: int) -> HttpResponse:
    """A proposal, or what the panel holds, in the form of the tool that owns the API or of another one."""
    api = get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)
    if "proposal" in request.POST:
        try:
            proposed = CorsPolicy.from_aws(json.loads(request.POST["proposal"]))
        except (ValueError, PolicyError) as error:
            raise Http404("There is no proposal in this form.") from error
    else:
        proposed = panels.read(request.POST).policy
    context = elsewhere(api, proposed, request.POST.get("format", "")) | {"api": api}
    template = "editing/elsewhere.html"
    return render(request, f"{template}#written" if request.htmx else template, context)


def elsewhere(api: HttpApi, proposed: CorsPolicy, name: str = "") -> dict[str, Any]:
    """What the part of a page needs that shows a proposal in another tool's form."""
    return {
        "written": write(api, proposed, name),
        "formats": FORMATS.values(),
        "proposal": json.dumps(proposed.to_aws()),
        "owner": owner_of(api),
    }
