"""Explain: a page of its own and a tab of each API; the rules, each with why, example and fix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.cors.lint import RuleEntry, rules
from apis.cors.paste import PARTS, ReadingError
from apis.cors.policy import FIELDS, CorsPolicy
from apis.insight import explaining
from apis.insight.forms import CallForm
from apis.inventory.models import HttpApi
from apis.inventory.search import api_or_404

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MISSING = {"origin": "the page's origin", "url": "the URL", "headers": "request headers"}
READ = {
    "chrome": "Chrome's message",
    "firefox": "Firefox's message",
    "safari": "Safari's message",
    "fetch": "the fetch() call",
    "curl": "the curl command",
    "har": "the HAR",
}


def explain(request: PageRequest) -> HttpResponse:
    """Any call to any API, or to six fields pasted here; the question is in the address, so that it can be shared."""
    return _pasted(request, None) if request.method == "POST" else _page(request, None, request.GET)


def of_api(request: PageRequest, pk: int) -> HttpResponse:
    """An API's Explain tab."""
    api = api_or_404(pk)
    return _pasted(request, api) if request.method == "POST" else _page(request, api, request.GET)


def _pasted(request: PageRequest, api: HttpApi | None) -> HttpResponse:
    """Read what was pasted, and go to the question that it is: at the API that its URL leads to, else where one is."""
    text = request.POST.get("pasted", "")
    try:
        values = explaining.from_pasted(text)
    except ReadingError as error:
        return _page(request, api, {}, {"pasted": text, "pasted_error": str(error)})
    address = reverse("explain")
    if api and values.setdefault("api", str(api.pk)) == str(api.pk):
        del values["api"]
        address = reverse("api_explain", args=[api.pk])
    return redirect(f"{address}?{urlencode(values)}")


def _page(
    request: PageRequest, api: HttpApi | None, given: Mapping[str, str], pasted: dict[str, str] | None = None
) -> HttpResponse:
    asked = explaining.question(given, api)
    missing = [name for name in given.get("missing", "").split(",") if name in PARTS]
    context = explaining.as_context(asked) | (pasted or {})
    context |= {
        "form": CallForm(asked, of_api=api is not None),
        "methods": METHODS,
        "read": READ.get(given.get("read", "")),
        "missing": [MISSING.get(name, name) for name in missing],
    }
    template = "editing/explain.html"
    if api:
        context |= {"api": api, "tab": "explain"}
        template = "editing/api_explain.html"
    return render(request, template, context, status=422 if asked.errors or pasted else 200)


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
