"""Bulk edits: choose APIs and an operation, see the plan for each, follow the job, take the group back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from apis.access.page_request import PageRequest, number_of, text_of
from apis.access.roles import can, needs
from apis.editing.bulk import bulk_jobs, signed_plan
from apis.editing.bulk.forms import VERBS, BulkForm
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.operation import Operation
from apis.editing.bulk.tasks import enqueue_bulk_job
from apis.errors import InvalidInput
from apis.inventory.models import HttpApi
from apis.inventory.search import Pages, apis_matching
from apis.jobs.queue import STARTS_LATER

MOST_APIS = 10_000
SHOWN = 100
NAMED = 8
FILTERS = ("search", "account", "region", "origin", "entry", "state", "problems", "standing")


@require_GET
def jobs(request: PageRequest) -> HttpResponse:
    """Show every bulk job, newest first."""
    page = Pages(BulkJob.objects.all(), 50).get_page(request.GET.get("page"))
    return render(request, "editing/bulk/bulk_jobs.html", {"page": page})


def start(request: PageRequest) -> HttpResponse:
    """Choose the operation for the APIs chosen in a list (`api=…`) or found by its filters; then see the plan."""
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        form = BulkForm(given, auto_id="%s")
    else:
        form = BulkForm(initial=given.dict(), auto_id="%s")
    rows = _chosen(given)
    count = rows.count()
    context: dict[str, Any] = {
        "count": count,
        "names": list(rows.values_list("name", flat=True)[:NAMED]),
        "more": max(count - NAMED, 0),
        "verbs": VERBS,
        "verb": form["verb"].value() if form["verb"].value() in dict(VERBS) else "add",
        "most": MOST_APIS,
        "chosen": [(name, value) for name in ("api", *FILTERS) for value in given.getlist(name) if value],
        "form": form,
        "given": given,
        "may_edit": can(request.user, "edit"),
    }
    if not form.is_valid():
        return render(request, "editing/bulk/bulk.html", context, status=422 if form.errors else 200)
    operation, problem = form.cleaned_data["operation"], ""
    if "go" in given:
        try:
            return _go(request, operation, form.cleaned_data["note"])
        except InvalidInput as error:
            problem = str(error)
    planned = bulk_jobs.plan(rows[:MOST_APIS], operation)
    changing = [one for one in planned if one.after is not None]
    skipped = [one for one in planned if one.after is None]
    context |= {
        "operation": operation,
        "not_copied": form.cleaned_data["not_copied"],
        "agreed": signed_plan.sign(planned, operation),
        "refused": problem,
        "changing": changing[:SHOWN],
        "changing_count": len(changing),
        "skipped": skipped[:SHOWN],
        "skipped_count": len(skipped),
        "planned": True,
    }
    return render(request, "editing/bulk/bulk.html", context, status=422 if problem else 200)


def _go(request: PageRequest, operation: Operation, note: str) -> HttpResponse:
    """Start what the plan showed: its APIs and its operation. Raises InvalidInput."""
    if not can(request.user, "edit"):
        messages.error(request, "Bulk edit requires the Editor role.")
        return redirect("bulk_jobs")
    plan = signed_plan.read(request.POST.get("agreed", ""))
    if not signed_plan.same(plan.operation, operation):
        raise InvalidInput("The operation changed since it was planned. Review the new plan.")
    rows = HttpApi.objects.filter(pk__in=[*plan.changing, *plan.skipped]).select_related("account", "current")
    job = bulk_jobs.start(list(rows.order_by("name", "id")), plan.operation, request.user, note, plan.skipped)
    if not enqueue_bulk_job(job):
        messages.warning(request, STARTS_LATER)
    return redirect("bulk_job", job.pk)


def _chosen(given: QueryDict) -> Any:
    """Return the APIs named by id, or else those that the list's filters find."""
    rows = HttpApi.objects.select_related("account", "current").order_by("name", "id")
    if given.getlist("api"):
        # Ids that are none find nothing: they must not turn a choice into everything.
        ids = map(number_of, given.getlist("api"))
        return rows.filter(pk__in=[pk for pk in ids if pk is not None])
    filters = {name: text_of(given, name) for name in FILTERS}
    return apis_matching(**filters).select_related("account", "current").order_by("name", "id")


@require_GET
def job(request: PageRequest, pk: int) -> HttpResponse:
    """Show a job: how far it is, what was skipped or failed and why."""
    found = get_object_or_404(BulkJob, pk=pk)
    rows = found.items.select_related("api", "api__account", "change")
    state = request.GET.get("state", "")
    if state in BulkItem.State.values:
        rows = rows.filter(state=state)
    counts = bulk_jobs.progress(found)
    context = {
        "job": found,
        "reverts": _reverted(found),
        "reverted_by": BulkJob.objects.filter(operation__revert=str(found.group)).first(),
        "counts": counts,
        "states": [(value, label, counts[value]) for value, label in BulkItem.State.choices if counts[value]],
        "state": state,
        "page": Pages(rows, 100).get_page(request.GET.get("page")),
        "may_edit": can(request.user, "edit"),
    }
    template = "editing/bulk/bulk_job.html#live" if request.htmx else "editing/bulk/bulk_job.html"
    return render(request, template, context)


def _reverted(job: BulkJob) -> BulkJob | None:
    group = job.operation.get("revert")
    return BulkJob.objects.filter(group=uuid.UUID(group)).first() if group else None


@require_GET
def group(request: PageRequest, group: uuid.UUID) -> HttpResponse:
    """Redirect from a change to the job that made it."""
    return redirect("bulk_job", get_object_or_404(BulkJob, group=group).pk)


@needs("edit")
@require_POST
def retry(request: PageRequest, pk: int) -> HttpResponse:
    """Try those that failed again, in the same group."""
    found = get_object_or_404(BulkJob, pk=pk)
    if bulk_jobs.retry(found) and not enqueue_bulk_job(found):
        messages.warning(request, STARTS_LATER)
    return redirect("bulk_job", pk)


@needs("edit")
@require_POST
def pause(request: PageRequest, pk: int) -> HttpResponse:
    """Stop after the API it is at, or, when `do` says so, go on."""
    found = get_object_or_404(BulkJob, pk=pk)
    if request.POST.get("do") == "go-on":
        if bulk_jobs.resume(found) and not enqueue_bulk_job(found):
            messages.warning(request, STARTS_LATER)
    else:
        bulk_jobs.pause(found)
    return redirect("bulk_job", pk)


@needs("edit")
@require_POST
def revert(request: PageRequest, group: uuid.UUID) -> HttpResponse:
    """Take a whole group of changes back, as a job of its own."""
    try:
        made = bulk_jobs.start_revert(group, request.user, request.POST.get("note", "").strip())
    except InvalidInput as error:
        messages.error(request, str(error))
        job = BulkJob.objects.filter(group=group).first()
        return redirect("bulk_job", job.pk) if job else redirect("bulk_jobs")
    if not enqueue_bulk_job(made):
        messages.warning(request, STARTS_LATER)
    return redirect("bulk_job", made.pk)
