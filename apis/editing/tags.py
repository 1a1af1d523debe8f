"""What other rooms' pages show of editing: `{% load editing %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.db.models import FETCH_PEERS
from django.template.context import Context
from django.utils.safestring import SafeString

from apis.cors.policy import CorsPolicy
from apis.editing.apply import approval, deployments
from apis.editing.grants import lifecycle
from apis.editing.grants.models import Grant
from apis.editing.panel import panel_form
from apis.editing.plan.editability import refusal_reason
from apis.editing.review import proposals
from apis.editing.review.models import Proposal
from apis.inventory.models import HttpApi
from apis.ui.tags import state

register = template.Library()


@register.simple_tag
def note_optional() -> SafeString:
    """Return what stands after the word Note: nothing where CORSDASH_NOTE_REQUIRED asks for one."""
    return SafeString("" if settings.CORSDASH_NOTE_REQUIRED else ' <span class="optional">– optional</span>')


@register.simple_tag
def note_required() -> SafeString:
    """Return the attribute of a note's input."""
    return SafeString(" required" if settings.CORSDASH_NOTE_REQUIRED else "")


@register.inclusion_tag("editing/review/open_proposals.html")
def open_proposals(api: HttpApi) -> dict[str, Any]:
    """Show an API's open proposals."""
    states = (*proposals.OPEN, Proposal.State.APPLYING)
    return {"proposals": list(api.proposals.filter(state__in=states)[:10]), "api": api}


@register.inclusion_tag("editing/review/api_approval.html", takes_context=True)
def api_approval(context: Context, api: HttpApi) -> dict[str, Any]:
    """Return whether changes of an API need approval, and the admin's switch for it."""
    return {"api": api, "why": approval.approval_reason(api), "request": context["request"]}


@register.inclusion_tag("editing/grants/api_grants.html", takes_context=True)
def api_grants(context: Context, api: HttpApi) -> dict[str, Any]:
    """Show an API's temporary access, including the last grants that ended."""
    # Most APIs have none: proposals and removals are read for those that have, not joined for all.
    every = api.grants.all().fetch_mode(FETCH_PEERS)
    rows = list(every.filter(state__in=lifecycle.OPEN).order_by("ends_at")[:50])
    ended = every.exclude(state__in=lifecycle.OPEN)[:3]
    return {"api": api, "grants": [*rows, *ended], "count": len(rows), "request": context["request"]}


@register.simple_tag
def grant_state(grant: Grant) -> SafeString:
    """Draw a grant's state."""
    return state("grant", "removed" if grant.is_out else "stuck" if grant.is_stuck else grant.state)


@register.inclusion_tag("editing/apply/deploy.html", takes_context=True)
def deploy_stages(context: Context, api: HttpApi, offer: bool = True) -> dict[str, Any]:
    """List an API's stages that need a manual deployment and what waits for it; with `offer`, a button for each.

    Without `offer` it is only pointed out: where something is being typed, or where nothing is applied yet.
    """
    stages = deployments.stages_by_hand(api)
    return {
        "api": api,
        "stages": stages,
        "busy": offer and any(stage.busy for stage in stages),
        "refusal": refusal_reason(api),
        "offer": offer,
        "next": context["request"].get_full_path(),
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def for_drafts(policy: CorsPolicy) -> str:
    """Return a configuration as the panel's script compares its drafts with."""
    return panel_form.for_drafts(policy)
