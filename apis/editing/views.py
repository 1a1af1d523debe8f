"""The Configure panel, the plan, applying and reverting. Each view reads the form and calls a verb."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apis.access.request import PageRequest
from apis.access.roles import can, needs
from apis.cors.lingering import lingering
from apis.cors.policy import CorsPolicy, PolicyError
from apis.editing import apply as applying
from apis.editing import approval, merging, presets, prove, revert, tasks, views_conflict, views_export
from apis.editing import panel as panels
from apis.editing.plan import Plan, plan
from apis.inventory import history
from apis.inventory.history import Author
from apis.inventory.models import Change, HttpApi
from apis.inventory.owners import owner_of
from apis.inventory.rules import context_of
from apis.inventory.tasks import later, refresh


def _api(pk: int) -> HttpApi:
    return get_object_or_404(HttpApi.objects.select_related("account", "current"), pk=pk)


def configure(request: PageRequest, pk: int) -> HttpResponse:
    """The panel: opened fresh, with a fix or a proposal filled in, or come back to with what was typed."""
    api = _api(pk)
    if request.method == "POST":
        panel = panels.read(request.POST)
        if "remove" in request.POST:
            panel = panels.remove(panel, request.POST["remove"])
        if "fix" in request.POST:
            panel = _fixed(panel, request.POST["fix"], api)
        version = request.POST.get("version", str(api.version))
        if "preset" in request.POST:
            return _preset(request, api, panel, version)
        if request.htmx and "fix" in request.POST:
            return _panel(request, api, panel, version, "editing/configure.html#fields")
        return _panel(request, api, panel, version)
    panel = panels.of(api.policy)
    if "cors" in request.GET:
        try:
            panel = panels.of(CorsPolicy.from_aws(json.loads(request.GET["cors"])))
        except (ValueError, PolicyError):
            messages.warning(request, "The proposal in the link could not be read; this is what is live.")
    if "fix" in request.GET:
        panel = _fixed(panel, request.GET["fix"], api)
    # What is live may have moved on since the last sync. The page does not wait; the plan shows what was found.
    later(refresh, api.pk)
    return _panel(request, api, panel, str(api.version))


@require_POST
def configure_check(request: PageRequest, pk: int) -> HttpResponse:
    """Findings beside each field, as one types."""
    api = _api(pk)
    panel = panels.read(request.POST)
    return render(request, "editing/findings.html", {"rows": panel.rows(context_of(api)), "api": api})


def _fixed(panel: panels.Panel, which: str, api: HttpApi) -> panels.Panel:
    code, _, value = which.partition(":")
    return panels.fix(panel, code, value, context_of(api))


def _preset(request: PageRequest, api: HttpApi, panel: panels.Panel, version: str) -> HttpResponse:
    """The panel filled in by a preset; as it was, with the reason, when that cannot be."""
    try:
        filled = presets.fill(request.POST["preset"], request.POST.dict(), panel.policy, api)
    except presets.PresetError as error:
        return _panel(request, api, panel, version, preset_error=error)
    messages.info(request, "Filled in. Nothing is changed until you have seen the plan and applied it.")
    return _panel(request, api, panels.of(filled), version)


def _panel(
    request: PageRequest,
    api: HttpApi,
    panel: panels.Panel,
    version: str,
    template: str = "editing/configure.html",
    preset_error: presets.PresetError | None = None,
) -> HttpResponse:
    context = {
        "api": api,
        "rows": panel.rows(context_of(api)),
        "version": version,
        "refusal": applying.refusal(api),
        "may_edit": can(request.user, "edit"),
        "errors": panel.errors,
        "owner": owner_of(api),
        "given": request.POST,
        "preset_error": {preset_error.field: str(preset_error)} if preset_error else {},
        "local": presets.LOCAL,
        "live": json.dumps(panels.of(api.policy).policy.to_update() | {"MaxAge": str(api.policy.max_age)}),
    }
    failed = bool(panel.errors or preset_error) and not request.htmx
    return render(request, template, context, status=422 if failed else 200)


@require_POST
def plan_edit(request: PageRequest, pk: int) -> HttpResponse:
    """The plan of what the panel holds; `off` plans to switch CORS off."""
    api = _api(pk)
    if request.POST.get("first") == "shorter" and api.policy.on:
        # The first step of the safe order: what is live, kept by browsers no longer than need be.
        proposed = api.policy.with_field("MaxAge", 0)
    elif "proposal" in request.POST:
        proposed = _proposal(request)
    elif "off" in request.POST or request.POST.get(merging.CORS) == "off":
        proposed = CorsPolicy.off()
    else:
        panel = panels.read(request.POST)
        if panel.errors:
            return _panel(request, api, panel, request.POST.get("version", str(api.version)))
        proposed = panel.policy
    version = _number(request.POST.get("version", ""), api.version)
    return _plan(request, api, proposed, version)


def _proposal(request: PageRequest) -> CorsPolicy:
    """What the plan's page carries along. Raises BadRequest: no page of ours sends anything else."""
    try:
        return CorsPolicy.from_aws(json.loads(request.POST["proposal"]))
    except (KeyError, ValueError, RecursionError) as error:
        raise BadRequest("There is no proposal in this form.") from error


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def _plan(
    request: PageRequest,
    api: HttpApi,
    proposed: CorsPolicy,
    version: int,
    problem: str = "",
    reverted: Change | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = api.configurations.filter(number=version).first()
    made = plan(api, proposed, seen.policy if seen else None)
    if made.conflict:
        return views_conflict.show(request, api, made.conflict, version, reverted)
    context = {
        "api": api,
        "plan": made,
        "proposal": json.dumps(proposed.to_aws()),
        "hidden": panels.inputs(proposed),
        "version": api.version,
        "problem": problem,
        "reverted": reverted,
        "note": request.POST.get("note", ""),
        "guard": bool(request.POST.get("guard")),
        "refusal": applying.refusal(api),
        "approval": approval.required(api),
        "given": request.POST,
        "may_edit": can(request.user, "edit"),
        "has_probes": any(row.probe for row in made.impact),
        "other": _other_findings(made),
        "lingering": lingering(made.live, made.proposed),
    } | views_export.elsewhere(api, proposed)
    return render(request, "editing/plan.html", context, status=status)


def _other_findings(made: Plan) -> list[tuple[str, str, tuple[object, ...]]]:
    return [
        ("New with this change", "new", made.new),
        ("Solved by this change", "solved", made.solved),
        ("Unchanged", "unchanged", made.unchanged),
    ]


@needs("edit")
@require_POST
def apply(request: PageRequest, pk: int) -> HttpResponse:
    """Start applying a planned proposal; its change's page shows how it goes."""
    api = _api(pk)
    proposed = _proposal(request)
    version = _number(request.POST.get("version", ""), 0)
    if not version:
        # Without it nobody could tell whether AWS has moved on since.
        raise BadRequest("The form does not say which version was seen.")
    reverted = Change.objects.filter(pk=_number(request.POST.get("reverts", ""), 0), api=api).first()
    author = Author(
        kind=Change.Kind.REVERT if reverted else Change.Kind.PANEL,
        user=request.user,
        note=request.POST.get("note", "").strip()[:500],
        guard=bool(request.POST.get("guard")),
        reverts=reverted,
    )
    try:
        change = applying.begin(api, proposed, version, author)
    except applying.ConflictFound as error:
        return views_conflict.show(request, _api(pk), error.conflict, version, reverted)
    except (applying.CannotWork, applying.EditRefused, history.ChangeInProgress) as error:
        return _plan(request, api, proposed, version, str(error), reverted, status=422)
    if not later(tasks.apply, change.pk):
        history.fail(change, "The task queue cannot be reached, so nothing was sent to AWS. Try again soon.")
    return redirect("change", change.pk)


@needs("edit")
@require_GET
def revert_change(request: PageRequest, pk: int) -> HttpResponse:
    """The plan of going back to what was there before a change."""
    change = get_object_or_404(Change.objects.select_related("before", "after"), pk=pk)
    api = _api(change.api_id)
    try:
        proposed = revert.proposal(change)
    except revert.CannotRevert as error:
        messages.error(request, str(error))
        return redirect("change", change.pk)
    later(refresh, api.pk)
    return _plan(request, api, proposed, api.version, reverted=change)


@require_GET
def change_proof(request: PageRequest, pk: int) -> HttpResponse:
    """Before and after of every probe that proves a change: a part of its page, fetched until all have run."""
    change = get_object_or_404(Change.objects.select_related("api"), pk=pk)
    proofs = prove.proofs(change) if change.status == Change.Status.APPLIED else []
    regressed = [proof for proof in proofs if proof.regressed]
    taken_back = prove.taken_back_by(change) if change.guard else None
    if taken_back is not None:
        waiting = taken_back.status == Change.Status.PENDING
    else:
        missing = any(proof.after is None for proof in proofs) or (change.guard and bool(regressed))
        waiting = missing and prove.is_fresh(change)
    context = {
        "change": change,
        "proofs": proofs,
        "regressed": regressed,
        "taken_back": taken_back,
        "waiting": waiting,
        "url": reverse("change_proof", args=[pk]),
    }
    return render(request, "editing/proof.html", context)
