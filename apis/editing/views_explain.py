"""Explain: a page of its own and a tab of each API; the rules, each with why, example and fix."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apis.access.request import PageRequest
from apis.cors.advice import RuleEntry, rules
from apis.cors.policy import FIELDS, CorsPolicy
from apis.cors.reading import ReadingError
from apis.editing import explaining
from apis.inventory.models import HttpApi

MOST_CHOICES = 200


def explain(request: PageRequest) -> HttpResponse:
    """Any call to any API, or to six fields pasted here; the question is in the address, so that it can be shared."""
    if request.method == "POST":
        return _pasted(request, None)
    asked = explaining.question(request.GET)
    apis = HttpApi.objects.filter(gone_at=None).select_related("account")[:MOST_CHOICES]
    context = explaining.as_context(asked) | {"apis": apis}
    return render(request, "editing/explain.html", context, status=422 if asked.errors else 200)


def of_api(request: PageRequest, pk: int) -> HttpResponse:
    """An API's Explain tab."""
    api = get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)
    if request.method == "POST":
        return _pasted(request, api)
    asked = explaining.question(request.GET, api)
    context = explaining.as_context(asked) | {"api": api, "tab": "explain"}
    return render(request, "editing/api_explain.html", context, status=422 if asked.errors else 200)


def _pasted(request: PageRequest, api: HttpApi | None) -> HttpResponse:
    text = request.POST.get("pasted", "")
    try:
        values, reading = explaining.from_pasted(text)
    except ReadingError as error:
        asked = explaining.question({}, api)
        context = explaining.as_context(asked) | {"pasted": text, "pasted_error": str(error)}
        if api:
            return render(request, "editing/api_explain.html", context | {"api": api, "tab": "explain"}, status=422)
        apis = HttpApi.objects.filter(gone_at=None).select_related("account")[:MOST_CHOICES]
        return render(request, "editing/explain.html", context | {"apis": apis}, status=422)
    if reading.missing:
        values["missing"] = ",".join(reading.missing)
    values["read"] = reading.source
    return redirect(f"{reverse('explain')}?{urlencode(values)}")


@require_GET
def rule_pages(request: PageRequest) -> HttpResponse:
    """Every rule of the findings, made from the rules themselves."""
    entries = [
        _shown(entry) | {"example_text": _text(entry.example), "fixed_text": _text(entry.fixed)} for entry in rules()
    ]
    return render(request, "editing/rules.html", {"rules": sorted(entries, key=_by_field)})


def _by_field(entry: dict[str, Any]) -> int:
    return FIELDS.index(entry["field"]) if entry["field"] in FIELDS else len(FIELDS)


def _shown(entry: RuleEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("code", "title", "severity", "field", "why", "todo", "fix")}


def _text(policy: CorsPolicy | None) -> str:
    return "" if policy is None else json.dumps(policy.to_aws(), indent=2, ensure_ascii=False)
