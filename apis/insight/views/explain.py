"""Explain: a page of its own and a tab of each API. GET for short texts, which can be shared; POST for all others."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apis.access.page_request import PageRequest
from apis.access.roles import can
from apis.access.throttle import within_rate
from apis.cors.explain import Diagnosis, SuggestedFix
from apis.cors.routing import base_of
from apis.editing.plan.editability import refusal_reason
from apis.insight.explaining import LONGEST_LINK, Question, read_question
from apis.insight.forms import METHODS, QuestionForm
from apis.insight.public_pages import frame_of, public_page
from apis.inventory.lint_context import base_urls
from apis.inventory.models import HttpApi
from apis.inventory.search import api_or_404
from apis.probing.runs.calls import HARMLESS

PUBLIC_RATE = 30
"""Texts a minute that one address may have explained without sign-in."""
SOURCES = {
    "chrome": "Chrome's message", "edge": "Edge's message", "firefox": "Firefox's message",
    "safari": "Safari's message", "fetch": "a fetch() call", "axios": "axios", "jquery": "jQuery",
    "xhr": "XMLHttpRequest", "angular": "Angular's HttpClient", "htmx": "htmx", "curl": "curl",
    "httpie": "HTTPie", "wget": "wget",
    "powershell": "PowerShell", "headers": "request and response headers", "http": "an HTTP exchange", "har": "a HAR",
    "aws": "an AWS response", "node": "Node.js", "network": "a network log",
}  # fmt: skip


@public_page
def explain(request: PageRequest) -> HttpResponse:
    """Explain any call to any API, or to a pasted configuration."""
    return _page(request, None)


def api_explain(request: PageRequest, pk: int) -> HttpResponse:
    """Show an API's Explain tab."""
    return _page(request, api_or_404(pk))


def _page(request: PageRequest, tab: HttpApi | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    signed_in = can(request.user, "view")
    if not signed_in and given and not within_rate(request, "explain", PUBLIC_RATE):
        return _too_many(request)
    asked = read_question(given, tab, inventory=signed_in)
    if request.method == "POST" and not asked.asked and not asked.errors:
        asked.errors["pasted"] = "Paste an error, or fill in the call."
    address = f"{request.path}?{asked.query}" if asked.asked and asked.query else ""
    if request.method == "POST" and address and not request.htmx:
        return redirect(address)
    context: dict[str, Any] = {
        "question": asked,
        "address": address,
        "frame": frame_of(request),
        "signed_in": signed_in,
        "methods": METHODS,
        "form": QuestionForm(asked, request.path, with_api=signed_in and tab is None),
        **answer_context(request, asked),
    }
    template = "insight/explain/explain.html"
    if tab:
        context |= {"api": tab, "tab": "explain"}
        template = "insight/explain/api_explain.html"
    if request.htmx:
        response = render(request, "insight/explain/question.html", context)
        response["HX-Replace-Url"] = address or request.path
        return response
    return render(request, template, context, status=422 if asked.errors else 200)


def _too_many(request: HttpRequest) -> HttpResponse:
    context = {"frame": frame_of(request), "message": "Too many texts from this address. Wait a minute."}
    response = render(request, "insight/explain/too_many.html", context, status=429)
    response["Retry-After"] = "60"
    return response


def answer_context(request: HttpRequest, asked: Question) -> dict[str, Any]:
    """Return what the page shows of an answer, and what it offers to do."""
    answer = asked.answer
    if answer is None:
        return {}
    explanation = answer.explanation
    api = asked.api
    editable = api is not None and not api.gone_at and not refusal_reason(api)
    steps = explanation.steps if explanation else ()
    prediction_differs = bool(explanation and explanation.verdict.allowed and answer.allowed is False)
    return {
        "answer": answer,
        "cause": answer.cause,
        "source": SOURCES.get(answer.reading.source, ""),
        "ask": answer.ask[0] if answer.ask else None,
        "choices": _choices(answer),
        "fixes": [_fix(api, suggested_fix) for suggested_fix in answer.fixes] if editable and api else [],
        "unapplied": [] if editable else [(one.label, _as_text(one)) for one in answer.fixes],
        "may_edit": can(request.user, "edit"),
        "backend": any("backend" in (step.sender, step.receiver) for step in steps),
        "prediction_differs": prediction_differs,
        # Where the page is unknown too, the prediction is about another page than the one that was blocked.
        "explanation": None if prediction_differs and "origin" in answer.reading.missing else explanation,
        "probe": _probe(asked),
    }


def _fix(api: HttpApi, suggested_fix: SuggestedFix) -> dict[str, str]:
    """Return a fix as the panel takes it: in its address, or in a form when that would be too long."""
    proposal = json.dumps(suggested_fix.policy.to_aws(), separators=(",", ":"))
    panel = reverse("configure", args=[api.pk])
    address = f"{panel}?{urlencode({'cors': proposal})}"
    return {"label": suggested_fix.label, "panel": panel, "proposal": proposal} | (
        {"address": address} if len(address) <= LONGEST_LINK else {}
    )


def _as_text(suggested_fix: SuggestedFix) -> str:
    return json.dumps(suggested_fix.policy.to_aws(), indent=2, ensure_ascii=False)


def _probe(asked: Question) -> dict[str, Any] | None:
    """Return the call as a probe; None when its URL is no address of the API."""
    api, answer = asked.api, asked.answer
    if api is None or api.gone_at or answer is None or "origin" in answer.reading.missing:
        return None
    request = answer.request
    base = base_of(request.url, base_urls(api))
    if base is None:
        return None
    values = {
        "origin": request.origin,
        "method": request.method,
        "base_url": base,
        "path": _path_below(request.url, base),
        "headers": ", ".join(dict.fromkeys(name for name, _ in request.headers)),
        "credentials": "on" if request.credentials == "include" else "",
    }
    return {
        "values": values,
        # Headers also where there are none: those that the API's clients send would be filled in.
        "query": urlencode({name: value for name, value in values.items() if value or name == "headers"}),
        "is_sent": request.method in HARMLESS,
    }


def _path_below(url: str, base: str) -> str:
    """Return a URL's path and query below an address."""
    found, above = urlsplit(url), urlsplit(base).path.rstrip("/")
    path = found.path[len(above) :] or "/"
    return f"{path}?{found.query}" if found.query else path


def _choices(answer: Diagnosis) -> list[dict[str, Any]]:
    """Return the answers to choose from for the question asked, and what follows from each where known."""
    if not answer.ask:
        return []
    outcomes = {}
    if answer.ask[0].part == "origin" and not answer.reading.blocked:
        outcomes = {origin: allowed for origin, allowed, _ in answer.origins}
    return [{"value": value, "allowed": outcomes.get(value)} for value in answer.ask[0].choices]
