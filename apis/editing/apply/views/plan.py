"""The plan, applying, reverting, and the proof. Each view reads the form and calls a verb."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.access.roles import can, needs
from apis.cors.policy import FIELDS, CorsPolicy
from apis.editing.apply import applying, approval, reverts, verification
from apis.editing.apply.forms import PlanForm
from apis.editing.apply.tasks import apply_change
from apis.editing.apply.views import conflict
from apis.editing.panel import panel_form as panels
from apis.editing.panel.views import show_panel
from apis.editing.plan import merging
from apis.editing.plan.editability import refusal_reason
from apis.editing.plan.iac_export import export_context
from apis.editing.plan.planning import Plan, plan
from apis.errors import AppError
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.lint_context import by_hand
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import on_demand
from apis.inventory.search import api_or_404
from apis.jobs.queue import NOTHING_SENT, UNREACHABLE, enqueue_task

LONGEST_LINK = 4000
LIVE_READ_S = 15
"""How long a plan waits to be compared with AWS."""


def plan_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Show the plan of what the panel holds; `off`, also in a link, plans to switch CORS off.

    Without a form it leads to the panel.
    """
    api = api_or_404(pk)
    if request.method != "POST" and "off" in request.GET:
        return show_plan(request, api, CorsPolicy.off(), api.version, read_live=True)
    if request.method != "POST":
        # One comes here by signing in again after the form was sent: the panel has kept what was typed.
        return redirect("configure", pk)
    if request.POST.get("first") == "shorter" and api.policy.on:
        # The first step of the safe order: what is live, kept by browsers no longer than need be.
        proposed = api.policy.with_field("MaxAge", 0)
    elif "proposal" in request.POST:
        proposed = panels.proposal_in(request.POST)
    elif "off" in request.POST or request.POST.get(merging.CORS) == "off":
        proposed = CorsPolicy.off()
    else:
        panel = panels.read(request.POST)
        if panel.errors:
            return show_panel(request, api, panel, request.POST.get("version", str(api.version)))
        proposed = panel.policy
    form = plan_form(request)
    version, reverted = form.number("version") or api.version, reverted_of(form, api, proposed)
    return show_plan(request, api, proposed, version, reverted=reverted, read_live=True)


def plan_form(request: PageRequest) -> PlanForm:
    """Return the form of the plan's page, with what was sent if anything was."""
    return PlanForm(request.POST if request.method == "POST" else None, auto_id="%s")


def reverted_of(form: PlanForm, api: HttpApi, proposed: CorsPolicy) -> Change | None:
    """Return the change that a form says its proposal reverts, if it does."""
    return reverts.reverted(api, form.number("reverts") or 0, proposed)


def show_plan(
    request: PageRequest,
    api: HttpApi,
    proposed: CorsPolicy,
    version: int,
    problem: str = "",
    reverted: Change | None = None,
    status: int = 200,
    read_live: bool = False,
    form: PlanForm | None = None,
) -> HttpResponse:
    """Show the plan, or the conflict when AWS has moved on from `version`; `problem` is why it was not applied.

    With `read_live` a worker reads AWS meanwhile, and the page is planned again when that finds a change.
    """
    seen = api.configurations.filter(number=version).first()
    made = plan(api, proposed, seen.policy if seen else None)
    if made.conflict:
        return conflict.show(request, api, made.conflict, version, reverted)
    if not made.diff and version != api.version and (since := applying.last_change_to(api)):
        words, who = 'Already applied: <a href="{}">{}</a> ({}).', since.who or "outside corsdash"
        messages.info(request, format_html(words, since.get_absolute_url(), since.summary, who))
    context = {
        "api": api,
        "plan": made,
        "proposal": json.dumps(proposed.to_aws()),
        "hidden": _way_back(request, proposed),
        "version": api.version,
        "problem": problem,
        "blocking": made.blocking if reverted is None else (),
        "ended_grants": reverts.ended_grant_origins(api, made.diff.added("AllowOrigins")) if reverted else [],
        "reverted": reverted,
        "plan_form": form or plan_form(request),
        "refusal": refusal_reason(api),
        "approval": approval.approval_reason(api),
        "given": request.POST,
        "may_edit": can(request.user, "edit"),
        "has_probes": any(row.probe for row in made.impact),
        "other": _other_findings(made),
        "preflight_cache": made.preflight_cache,
        "later": _link(api, proposed),
        "reading": on_demand.read_live(api, LIVE_READ_S) if read_live else "",
        "read_live": read_live,
        "unread": UNREACHABLE,
    } | export_context(api, proposed)
    return render(request, "editing/plan/plan.html", context, status=status)


def _link(api: HttpApi, proposed: CorsPolicy) -> str:
    """Return the panel's address with a proposal in it; none for what is off, or too long for an address."""
    address = f"{reverse('configure', args=[api.pk])}?{urlencode({'cors': json.dumps(proposed.to_aws())})}"
    return address if proposed.on and len(address) < LONGEST_LINK else ""


def _way_back(request: PageRequest, proposed: CorsPolicy) -> list[tuple[str, list[str]]]:
    """Return the panel's inputs where the proposal states none: switching CORS off proposes none of them."""
    if not proposed.on and any(name in request.POST for name in FIELDS):
        return panels.inputs(panels.read(request.POST).policy)
    return []


def _other_findings(made: Plan) -> list[tuple[str, str, tuple[object, ...]]]:
    return [
        ("New with this change", "new", made.new),
        ("Fixed by this change", "solved", made.solved),
        ("Unchanged", "unchanged", made.unchanged),
    ]


@needs("edit")
def apply(request: PageRequest, pk: int) -> HttpResponse:
    """Start applying a planned proposal; its change's page shows how it goes. Without a form it leads to the panel."""
    if request.method != "POST":
        return redirect("configure", pk)
    api = api_or_404(pk)
    proposed = panels.proposal_in(request.POST)
    form = plan_form(request)
    version = form.number("version")
    if not version:
        # Without it no one could tell whether AWS has moved on since.
        raise BadRequest("The form has no version. Reload the page and try again.")
    reverted = reverted_of(form, api, proposed)
    if not form.is_valid():
        return show_plan(request, api, proposed, version, reverted=reverted, status=422, form=form)
    author = Author(
        kind=Change.Kind.REVERT if reverted else Change.Kind.PANEL,
        user=request.user,
        note=form.cleaned_data["note"],
        guard=form.cleaned_data["guard"],
        reverts=reverted,
    )
    try:
        change = applying.begin(api, proposed, version, author)
    except applying.NothingToChange:
        return show_plan(request, api_or_404(pk), proposed, version, reverted=reverted)
    except applying.ConflictFound as error:
        return conflict.show(request, api_or_404(pk), error.conflict, version, reverted)
    except (applying.CannotWork, applying.EditRefused, history.ChangeInProgress) as error:
        return show_plan(request, api, proposed, version, str(error), reverted, status=422)
    if not enqueue_task(apply_change, change.pk):
        history.fail(change, NOTHING_SENT, Change.Failure.TEMPORARY)
    return redirect("change", change.pk)


@needs("edit")
@require_GET
def revert_change(request: PageRequest, pk: int) -> HttpResponse:
    """Show the plan that restores the configuration before a change."""
    change = get_object_or_404(Change.objects.select_related("before", "after"), pk=pk)
    api = api_or_404(change.api_id)
    try:
        proposed = reverts.proposal(change)
    except AppError as error:
        messages.error(request, str(error))
        return redirect("change", change.pk)
    return show_plan(request, api, proposed, api.version, reverted=change, read_live=True)


@require_GET
def change_verification(request: PageRequest, pk: int) -> HttpResponse:
    """Show before and after of every probe that shows a change: a part of its page, fetched until all have run."""
    change = get_object_or_404(Change.objects.select_related("api", "before"), pk=pk)
    ours = change.status == Change.Status.APPLIED and change.kind not in verification.NOT_OURS
    checks = verification.checks(change) if ours else []
    regressed = [check for check in checks if check.regressed]
    guard_revert = verification.guard_revert_of(change) if change.guard else None
    waiting = bool(checks) and verification.is_under_way(change)
    if guard_revert is not None and guard_revert.status == Change.Status.PENDING:
        waiting = True
    context = {
        "change": change,
        "checks": checks,
        "regressed": regressed,
        "unknown": [check for check in checks if change.guard and not check.before],
        "by_hand": by_hand(change.api) if change.guard else [],
        "guard_revert": guard_revert,
        "waiting": waiting,
        "url": reverse("change_verification", args=[pk]),
    }
    return render(request, "editing/apply/verification.html", context)
