"""An API's Export tab: its configuration in every format, and a pasted one brought into the panel."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from apis.access.request import PageRequest
from apis.cors.formats import FORMATS, ExportContext, FormatError, detect_and_parse
from apis.inventory.models import HttpApi

FIRST = "cli"


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
    chosen = FORMATS.get(request.GET.get("format", FIRST), FORMATS[FIRST])
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
