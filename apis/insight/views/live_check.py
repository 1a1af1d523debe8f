"""Check it live: send the very call of an answer once, and compare what was observed with the prediction."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest
from apis.access.roles import needs
from apis.access.throttle import within_rate
from apis.cors.explain import diagnose
from apis.cors.judging import read_exchange, read_request
from apis.cors.paste import reading_of
from apis.errors import AppError, InvalidFields, InvalidInput
from apis.insight.forms import LiveCheckForm
from apis.inventory.lint_context import target_of
from apis.inventory.models import HttpApi
from apis.inventory.search import api_or_404
from apis.jobs.queue import UNREACHABLE, enqueue_task
from apis.probing import tasks
from apis.probing.history import history
from apis.probing.models import Probe, Result
from apis.probing.runs import live_check
from apis.probing.runs.runner import url_of

PER_MINUTE = 20
"""Calls a minute from one address."""


@needs("edit")
@require_POST
def start(request: PageRequest) -> HttpResponse:
    """Hand the call to a worker; its page shows the result when it comes."""
    form = LiveCheckForm(request.POST)
    if not form.is_valid():
        raise Http404
    api = api_or_404(form.cleaned_data["api"])
    if api.gone_at:
        raise AppError(f"{api.name} is deleted in AWS.")
    if not within_rate(request, "live check", PER_MINUTE):
        raise AppError(f"At most {PER_MINUTE} calls a minute are sent. Wait a minute, then try again.")
    try:
        check = live_check.prepare(api, form.call(), request.user)
    except InvalidFields as error:
        raise InvalidInput(next(iter(error.errors.values()))) from error
    if not enqueue_task(tasks.check_live, check.key, expires=live_check.PATIENCE.total_seconds()):
        raise AppError(UNREACHABLE)
    return redirect("live_check_result", check.key)


@require_GET
def show(request: PageRequest, key: str) -> HttpResponse:
    """Show the call, what was predicted and what was observed."""
    check = live_check.find(key)
    if check is None:
        raise Http404
    api = api_or_404(check.api)
    probe = Probe(api=api, **check.call)
    context = {
        "check": check,
        "api": api,
        "probe": probe,
        "url": url_of(probe),
        "again": urlencode(
            {name: value for name, value in check.call.items() if name in ("origin", "method") and value}
            | {"url": url_of(probe), "headers": "\n".join(probe.headers), "credentials": _credentials(probe)}
        ),
        **_result(check, api),
    }
    if check.is_done and not check.error and "diagnosis" not in context:
        messages.error(request, "The result could not be read.")
    return render(
        request,
        "insight/explain/live_check.html#result" if request.htmx else "insight/explain/live_check.html",
        context,
    )


def _credentials(probe: Probe) -> str:
    return "include" if probe.credentials else "same-origin"


def _result(check: live_check.LiveCheck, api: HttpApi) -> dict[str, Any]:
    """Return what was observed, diagnosed, besides what is predicted."""
    if not check.judged or not check.verdict or not check.exchange:
        return {}
    observed, request = read_exchange(check.judged), read_request(check.judged["request"])
    diagnosis = diagnose(reading_of(request, observed, check.verdict["code"]), target_of(api))
    explanation = diagnosis.explanation
    seen = Result(allowed=check.verdict["allowed"])
    seen.exchange, seen.timings = check.exchange, check.timings
    return {
        "diagnosis": diagnosis,
        "cause": diagnosis.cause if not check.verdict["allowed"] else None,
        "explanation": explanation,
        "differences": explanation.differences if explanation else (),
        "sequence": history.sequence(seen),
    }
