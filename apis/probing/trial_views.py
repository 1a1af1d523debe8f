"""Try now: send a form's call once, and show the result next to the form."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, number_of
from apis.access.roles import needs
from apis.access.throttle import within_rate
from apis.inventory.lint_context import base_urls
from apis.inventory.search import api_or_404
from apis.jobs.queue import UNREACHABLE, enqueue_task
from apis.probing import tasks
from apis.probing.forms import ProbeForm
from apis.probing.models import Probe, Result
from apis.probing.runs import expectations, live_check
from apis.probing.runs.cause import cause_of

PER_MINUTE = 20
"""Calls a minute from one address."""


@needs("edit")
@require_POST
def start(request: PageRequest, pk: int) -> HttpResponse:
    """Hand a form's call to a worker; the fragment follows it."""
    api = api_or_404(pk)
    known = number_of(request.POST.get("probe", ""))
    probe = get_object_or_404(Probe, pk=known, api=api) if known else None
    form = ProbeForm(api, probe, data=request.POST)
    problem, check = "", None
    if not within_rate(request, "live check", PER_MINUTE):
        problem = f"At most {PER_MINUTE} calls a minute are sent. Wait a minute, then try again."
    elif form.is_valid():
        check = form.try_now(request.user)
    seconds = live_check.PATIENCE.total_seconds()
    if check is not None and not enqueue_task(tasks.check_live, check.key, expires=seconds):
        problem, check = UNREACHABLE, None
    if check is not None and not request.htmx:
        return redirect("probe_trial", api.pk, check.key)
    if not request.htmx:
        whole = {"api": api, "probe": probe, "form": form, "addresses": base_urls(api), "problem": problem}
        return render(request, "probing/probe_form.html", whole, status=422)
    context: dict[str, Any] = {"api": api, "check": check, "problem": problem, "form": form}
    return render(request, "probing/trial.html#trial", context)


@require_GET
def show(request: PageRequest, pk: int, key: str) -> HttpResponse:
    """Show what came of a call that was tried."""
    check = live_check.find(key)
    if check is None or check.api != pk:
        raise Http404
    api = api_or_404(check.api)
    probe = Probe(api=api, **check.call)
    context: dict[str, Any] = {"api": api, "check": check, "probe": probe}
    if check.verdict and check.exchange:
        allowed = check.verdict["allowed"]
        passed = allowed == (probe.expect == Probe.Expect.ALLOWED) and not check.unmet
        result = Result(
            probe=probe, own_exchange=check.exchange, own_verdict=check.verdict, allowed=allowed, passed=passed,
            own_code=check.verdict["code"] or "", own_configuration=api.current, own_timings=check.timings,
            unmet=check.unmet or None,
        )  # fmt: skip
        context |= {"result": result, "cause": cause_of(result), "unmet": expectations.unmet_expectations(result)}
    return render(request, "probing/trial.html#trial" if request.htmx else "probing/trial.html", context)
