"""Proposals: the list, one with its plan and timeline, and what people do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from apis.access.page_request import PageRequest, number_of
from apis.access.roles import can
from apis.cors.policy import diff
from apis.editing.apply import applying
from apis.editing.apply.views.plan import reverted_of, show_plan
from apis.editing.panel import panel_form as panels
from apis.editing.plan.planning import plan
from apis.editing.review import proposals
from apis.editing.review.forms import DecisionForm, ProposalForm
from apis.editing.review.models import Proposal
from apis.editing.review.proposals import ProposalOptions
from apis.editing.review.tasks import enqueue_proposal
from apis.errors import AppError, InvalidInput
from apis.inventory.models import Change
from apis.inventory.search import Pages, api_or_404
from apis.jobs.queue import STARTS_LATER
from apis.ui.form_errors import add_errors

PER_PAGE = 50
EVENTS = 30


@require_GET
def proposal_list(request: PageRequest) -> HttpResponse:
    """Proposals, newest first: those that are open, or all."""
    rows = Proposal.objects.select_related("api", "api__account")
    state, api = request.GET.get("state", "open"), number_of(request.GET.get("api", ""))
    if state == "open":
        rows = rows.filter(state__in=(*proposals.OPEN, Proposal.State.APPLYING))
    elif state in Proposal.State.values:
        rows = rows.filter(state=state)
    if api is not None:
        rows = rows.filter(api=api)
    context = {
        "page": Pages(rows, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": Proposal.State.choices,
        "api": api,
    }
    return render(request, "editing/review/proposals.html", context)


def propose(request: PageRequest, pk: int) -> HttpResponse:
    """Make a proposal of what the plan's page shows: to be approved, or for a time. Without a form, the panel."""
    if request.method != "POST":
        return redirect("configure", pk)
    api = api_or_404(pk)
    proposed = panels.proposal_in(request.POST)
    form = ProposalForm(request.POST, auto_id="%s")
    version, reverted = form.number("version") or api.version, reverted_of(form, api, proposed)
    if not form.is_valid():
        return show_plan(request, api, proposed, version, reverted=reverted, status=422, form=form)
    try:
        options = ProposalOptions(
            kind=Change.Kind.REVERT if reverted else Change.Kind.PANEL,
            note=form.cleaned_data["note"],
            guard=form.cleaned_data["guard"],
            due_at=form.cleaned_data["due_at"],
            reverts=reverted,
            review=form.cleaned_data["review"],
        )
        made = proposals.propose(api, proposed, version, request.user, options)
    except applying.ConflictFound:
        return show_plan(request, api, proposed, version, reverted=reverted, status=409)
    except AppError as error:
        return show_plan(request, api, proposed, version, str(error), reverted, status=422, form=form)
    return redirect("proposal", made.pk)


def proposal(request: PageRequest, pk: int) -> HttpResponse:
    """Show a proposal; the page polls while it is being applied."""
    row = _row(pk)
    if request.htmx and not _moves(row):
        # The title, the plan and what can be done change too, so it is loaded again.
        return HttpResponseClientRefresh()
    return _page(request, row)


def _moves(row: Proposal) -> bool:
    return row.state == Proposal.State.APPLYING or proposals.is_due(row)


def _row(pk: int) -> Proposal:
    rows = Proposal.objects.select_related("api__account", "api__current", "seen", "proposer", "change", "reverts")
    return get_object_or_404(rows, pk=pk)


def _page(request: PageRequest, row: Proposal, form: DecisionForm | None = None) -> HttpResponse:
    is_open = row.state in proposals.OPEN
    made = plan(row.api, row.policy, row.seen_policy) if is_open else None
    why_not = proposals.why_not_approve(row, request.user)
    # Who may approve does so, with or without a time; the other buttons are for those who need no one.
    decides = row.state == Proposal.State.WAITING and not why_not
    newest = list(row.events.order_by("-at", "-id")[: None if request.GET.get("all") else EVENTS + 1])
    events = newest if request.GET.get("all") else newest[:EVENTS]
    context = {
        "proposal": row,
        "api": row.api,
        "plan": made,
        "diff": made.diff if made else diff(row.seen_policy, row.policy),
        "impact": [one for one in made.shown if one.changes] if made else [],
        "impact_left_out": sum(one.changes for one in made.impact[len(made.shown) :]) if made else 0,
        "events": events[::-1],
        "earlier_events": len(newest) > len(events),
        "is_open": is_open,
        "is_mine": row.proposer_id == request.user.pk,
        "may_approve": is_open and not why_not,
        "why_not": why_not,
        "may_schedule": not decides and proposals.may_schedule(row, request.user),
        "may_edit": can(request.user, "edit"),
        "alone": row.state == Proposal.State.WAITING and _no_other_approver(row),
        "form": form or DecisionForm(auto_id="%s"),
        "problem": next(iter(form.non_field_errors()), "") if form else "",
        "given": request.POST,
        "moving": _moves(row),
    }
    template = "editing/review/proposal.html#live" if request.htmx else "editing/review/proposal.html"
    return render(request, template, context, status=422 if form else 200)


def _no_other_approver(row: Proposal) -> bool:
    """Return whether only the proposer could approve."""
    return not proposals.approvers().exclude(pk=row.proposer_id or 0).exists()


def _approve(user: User, row: Proposal, form: DecisionForm) -> Proposal:
    given = form.cleaned_data
    return proposals.approve(row, user, given["revision"] or 0, given["due_at"], given["text"])


def _schedule(user: User, row: Proposal, form: DecisionForm) -> Proposal:
    given = form.cleaned_data
    if not given["now"] and given["due_at"] is None:
        raise InvalidInput("Choose a time.", "when")
    return proposals.schedule(row, user, None if given["now"] else given["due_at"])


ACTS: dict[str, Callable[[User, Proposal, DecisionForm], Any]] = {
    "comment": lambda user, row, form: proposals.comment(row, user, form.cleaned_data["text"]),
    "approve": _approve,
    "schedule": _schedule,
    "decline": lambda user, row, form: proposals.decline(row, user, form.cleaned_data["text"]),
    "withdraw": lambda user, row, form: proposals.withdraw(row, user, form.cleaned_data["text"]),
    "replan": lambda user, row, form: proposals.replan(row, user),
}
"""What a person can do with a proposal, by the last part of its address."""


@require_POST
def act(request: PageRequest, pk: int, verb: str) -> HttpResponse:
    """Comment on, approve, schedule, decline, withdraw or replan a proposal; a refusal keeps what was typed."""
    if verb not in ACTS:
        raise Http404("A proposal has no such action.")
    row, form = _row(pk), DecisionForm(request.POST, auto_id="%s")
    if not form.is_valid():
        return _page(request, row, form=form)
    try:
        done = ACTS[verb](request.user, row, form)
    except AppError as error:
        add_errors(form, error, {"at": "when"})
        return _page(request, _row(pk), form=form)
    if verb in ("approve", "schedule") and not enqueue_proposal(done):
        messages.warning(request, STARTS_LATER)
    return redirect("proposal", pk)
