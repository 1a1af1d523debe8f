"""Pages of probes and their results."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, number_of, text_of
from apis.access.roles import can, needs
from apis.cors.routing import sample_path
from apis.inventory.history import downloads
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.reading import on_demand
from apis.inventory.reading.sync import is_stale
from apis.inventory.search import LogPages, Pages, api_or_404
from apis.jobs.queue import UNREACHABLE
from apis.probing import probe_edits as probe_edit
from apis.probing import tasks
from apis.probing.forms import INTERVALS, ProbeForm
from apis.probing.history import beats, history, result_log
from apis.probing.models import Probe, Result
from apis.probing.runs import expectations
from apis.probing.runs.calls import url_of
from apis.probing.runs.cause import CONFIGURATION, cause_of, causes_of, explanation_of
from apis.probing.runs.certificates import certificate_of
from apis.probing.runs.last_results import load_last_results
from apis.probing.sets import bulk_actions
from apis.probing.sets.matrix import matrix_of
from apis.probing.sets.suggestions import headers_of, listed_origins

PER_PAGE = 50
RESULTS_PER_PAGE = 25


@require_GET
def probes(request: PageRequest) -> HttpResponse:
    """Show every probe, those in trouble first."""
    state, search = request.GET.get("state", ""), text_of(request.GET, "search", 200).strip()
    found = history.filtered(Probe.objects.all(), state, search)
    rows = history.by_trouble(found.select_related("api", "api__account"))
    by_state = Probe.objects.order_by().values("state")
    counted = list(by_state.annotate(n=Count("id"), trouble=Count("id", filter=history.IN_TROUBLE)))
    counts = {row["state"]: row["n"] for row in counted}
    page = Pages(rows, PER_PAGE).get_page(request.GET.get("page"))
    load_last_results(list(page))
    context = {
        "page": page,
        "causes": causes_of(page),
        "may_edit": can(request.user, "edit"),
        "actions": bulk_actions.ACTIONS,
        "intervals": INTERVALS,
        "state": state,
        "search": search,
        "states": [
            (history.TROUBLE, "In trouble", sum(row["trouble"] for row in counted)),
            *((value, label, counts.get(value, 0)) for value, label in Probe.State.choices),
        ],
        "total": sum(counts.values()),
    }
    return render(request, "probing/probes.html", context)


@needs("edit")
@require_POST
def act(request: PageRequest) -> HttpResponse:
    """Pause, resume, change or delete the probes that are ticked, or all that the filters find."""
    target = reverse("probes")
    state, search = request.POST.get("state", ""), text_of(request.POST, "search", 200).strip()
    ids = [number for value in request.POST.getlist("probe") if (number := number_of(value))]
    if "all" in request.POST:
        rows = history.filtered(Probe.objects.all(), state, search)
    else:
        rows = Probe.objects.filter(pk__in=ids)
    interval = number_of(request.POST.get("interval", "")) or 0
    if "all" in request.POST or ids:
        messages.success(request, bulk_actions.act(request.POST.get("action", ""), rows, request.user, interval))
    else:
        messages.error(request, "No probe is selected. Select probes, or all of them.")
    kept = urlencode({name: value for name, value in (("state", state), ("search", search)) if value})
    return redirect(f"{target}?{kept}" if kept else target)


@require_GET
def api_probes(request: PageRequest, pk: int) -> HttpResponse:
    """Show an API's Probes tab."""
    api = api_or_404(pk)
    page = Pages(history.by_trouble(Probe.objects.filter(api=api)), PER_PAGE).get_page(request.GET.get("page"))
    load_last_results(list(page))
    context = {"api": api, "tab": "probes", "page": page, "causes": causes_of(page)}
    return render(request, "probing/api_probes.html", context)


@require_GET
def matrix(request: PageRequest, pk: int) -> HttpResponse:
    """Show which calls of an API are watched, by origin, method and host."""
    api = api_or_404(pk)
    may_add = can(request.user, "edit") and not api.gone_at
    return render(request, "probing/sets/matrix.html", {"api": api, "matrix": matrix_of(api), "may_add": may_add})


@needs("edit")
def add(request: PageRequest, pk: int) -> HttpResponse:
    """Make a probe of an API."""
    api = api_or_404(pk)
    if is_stale(api):
        on_demand.refresh_soon(api)
    known = ("origin", "method", "base_url", "path", "headers", "credentials", "expect")
    given = {name: request.GET[name] for name in known if name in request.GET}
    if "origin" not in given:
        given["origin"] = next(iter(listed_origins(api.policy)), "")
    method = given.get("method", "GET")
    if "path" not in given and (path := sample_path(routes_of(api) or (), method)):
        given["path"] = path
    if "headers" not in given:
        sent = headers_of(api, method, given.get("base_url", ""), given.get("path", "/"))
        given["headers"] = ", ".join(sent)
    form = ProbeForm(api, data=request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        probe = form.save(request.user)
        if probe:
            messages.success(request, f"Probe “{probe.name}” added.")
            return _run_and_follow(request, probe)
    context = {"api": api, "form": form, "addresses": base_urls(api)}
    return render(request, "probing/probe_form.html", context, status=422 if form.errors else 200)


@needs("edit")
def edit_probe(request: PageRequest, pk: int) -> HttpResponse:
    """Change a probe."""
    probe = _probe(pk)
    form = ProbeForm(probe.api, probe, data=request.POST or None)
    if request.method == "POST" and form.is_valid() and form.save(request.user):
        messages.success(request, "Probe saved.")
        return redirect("probe", probe.pk)
    context = {"api": probe.api, "probe": probe, "form": form, "addresses": base_urls(probe.api)}
    return render(request, "probing/probe_form.html", context, status=422 if form.errors else 200)


@needs("edit")
@require_POST
def expect_opposite(request: PageRequest, pk: int) -> HttpResponse:
    """Expect the opposite verdict, because the expectation was wrong and not the configuration; then run it."""
    probe = _probe(pk)
    probe_edit.expect_opposite(probe, request.user)
    messages.success(request, f"Expected result: {probe.get_expect_display().lower()}.")
    return _run_and_follow(request, probe)


@needs("edit")
@require_POST
def delete(request: PageRequest, pk: int) -> HttpResponse:
    """Delete a probe; what it found stays in the history."""
    probe = _probe(pk)
    probe_edit.delete(probe, request.user)
    messages.success(request, f"Probe “{probe.name}” deleted.")
    return redirect("api_probes", probe.api_id)


@needs("edit")
@require_POST
def run(request: PageRequest, pk: int) -> HttpResponse:
    """Run a probe now; its page shows the result when it comes."""
    return _run_and_follow(request, _probe(pk))


@needs("edit")
@require_POST
def pause(request: PageRequest, pk: int) -> HttpResponse:
    """Pause a probe, or resume it where it is paused."""
    found = _probe(pk)
    action = "pause" if found.enabled else "resume"
    if request.POST.get("action") == action:
        messages.success(request, bulk_actions.act(action, Probe.objects.filter(pk=pk), request.user))
    return redirect("probe", pk)


def _run_and_follow(request: PageRequest, probe: Probe) -> HttpResponse:
    """Hand a run to the workers, and go to the probe's page, which looks twice a second whether its result has come.

    A run that is due at this moment is this one: a new probe is run once and not twice.
    """
    newest = probe.last_result_id or 0
    if not tasks.run_now(probe):
        messages.error(request, UNREACHABLE)
        return redirect("probe", probe.pk)
    return redirect(f"{probe.get_absolute_url()}?waiting={newest}")


@require_GET
def probe(request: PageRequest, pk: int) -> HttpResponse:
    """Show a probe: its state, its history as a bar, the newest exchange in full, and the log of its results."""
    found = _probe(pk)
    outcome = request.GET.get("result", "")
    pages = LogPages(result_log.results_of(found, outcome), RESULTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    if not pages.is_counted:
        pages.estimate = result_log.estimate_total(found, outcome)
    # Most often it is on the page: reading it by its id would search the partitions of all days.
    if on_page := next((row for row in page if row.pk == found.last_result_id), None):
        found.last_result = on_page
    newest = found.last_result or found.results.first()
    after = number_of(request.GET.get("waiting", ""))
    waiting = after is not None and (newest is None or newest.pk <= after)
    context: dict[str, Any] = {
        "probe": found,
        "api": found.api,
        "url": url_of(found),
        "page": page,
        "newest": newest,
        "sequence": history.sequence(newest) if newest else [],
        "beats": beats.read(found.beats),
        "counts": history.counts(found),
        "certificate": certificate_of(found),
        "cause": cause_of(newest) if newest else None,
        "unmet": expectations.unmet_expectations(newest) if newest else [],
        "lines": result_log.lines(found, list(page), page.number == 1),
        "outcome": outcome if outcome in result_log.OUTCOMES else "",
        "outcomes": result_log.OUTCOMES.items(),
        "waiting": waiting,
        "after": after if waiting else None,
    }
    template = "probing/probe.html#live" if request.htmx else "probing/probe.html"
    return render(request, template, context)


@require_GET
def export(request: PageRequest, pk: int, form: str) -> HttpResponseBase:
    """Show the log of a probe's results as CSV or JSON; the log's filter narrows it."""
    if form not in ("csv", "json"):
        raise Http404
    rows = result_log.as_rows(_probe(pk), request.GET.get("result", ""))
    name = f"results-{pk}.{form}"
    if form == "json":
        return downloads.as_json(name, result_log.COLUMNS, rows)
    texts = (["" if value is None else str(value) for value in row.values()] for row in rows)
    return downloads.as_csv(name, result_log.COLUMNS, texts)


@require_GET
def result(request: PageRequest, pk: int) -> HttpResponse:
    """Show one run of a probe: what went over the wire, how long it took, what a browser decides and why."""
    rows: QuerySet[Result] = Result.objects.select_related("probe", "probe__api", "probe__api__account", *CONFIGURATION)
    found = get_object_or_404(rows, pk=pk)
    newer = found.probe.results.filter(at__gt=found.at).order_by("at").first()
    older = found.probe.results.filter(at__lt=found.at).first()
    context = {
        "result": found,
        "probe": found.probe,
        "api": found.probe.api,
        "sequence": history.sequence(found),
        "cause": cause_of(found),
        "unmet": expectations.unmet_expectations(found),
        "explanation": explanation_of(found),
        "newer": newer,
        "older": older,
    }
    return render(request, "probing/result.html", context)


def _probe(pk: int) -> Probe:
    rows = Probe.objects.select_related("api")
    return get_object_or_404(rows, pk=pk)
