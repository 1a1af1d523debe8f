"""Explain: a page of its own and a tab of each API."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apis.access.page_request import PageRequest
from apis.cors.paste import PARTS, ReadingError
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
    template = "insight/explain.html"
    if api:
        context |= {"api": api, "tab": "explain"}
        template = "insight/api_explain.html"
    return render(request, template, context, status=422 if asked.errors or pasted else 200)
