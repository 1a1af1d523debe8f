"""What the frame and other rooms' pages show of the inventory: `{% load inventory %}`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.db.models import Count, Q, QuerySet, Subquery
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apis.cors.origins import is_origin
from apis.cors.policy import diff
from apis.inventory import origins
from apis.inventory.history import baseline, drift
from apis.inventory.models import Attribution, Baseline, BaselineViolation, Change, HttpApi, SyncRegion, SyncRun
from apis.ui.tags import ago, point, state, status

register = template.Library()
register.filter(is_origin)


# Drawn here and not by partials: a page of a list has a hundred of them, and a partial takes ten times as long.


@register.simple_tag
def change_kind(change: Change) -> SafeString:
    """Return how a change came about, as a badge."""
    colour = "yellow" if change.kind == Change.Kind.DRIFT else "quiet"
    return format_html('<span class="badge {}">{}</span>', colour, change.get_kind_display())


@register.simple_tag
def change_status(change: Change) -> SafeString:
    """Draw how far a change got."""
    by_guard = (Change.Kind.GUARD, Change.Status.APPLIED)
    if change.guard and any((one.kind, one.status) == by_guard for one in change.reverted_by.all()):
        return state("change", "reverted")
    return state("change", change.status)


@register.simple_tag
def change_point(change: Change) -> SafeString:
    """Draw a change's point in a timeline."""
    return point("change", change.kind if change.status == Change.Status.APPLIED else change.status)


@register.simple_tag
def allowed_since(at: datetime | None, change: Change | None) -> SafeString:
    """Return when an entry of AllowOrigins came in, and by whom."""
    if change is None:
        return ago(at)
    if change.kind == Change.Kind.DISCOVERED:
        return format_html('{}<span class="sub">or earlier</span>', ago(at))
    who = last_part(change.who) or "someone outside corsdash"
    return format_html('{}<span class="sub"><a href="{}">by {}</a></span>', ago(at), change.get_absolute_url(), who)


@register.simple_tag
def origin_link(origin: origins.Origin) -> SafeString:
    """Return the way to the page of an entry in use."""
    asked = "origin" if origin.is_origin else "entry"
    address = f"{reverse('origin')}?{asked}={quote(origin.value, safe='')}"
    return format_html('<a class="mono wrap" href="{}">{}</a>', address, origin.value or "(empty)")


@register.inclusion_tag("inventory/sync/sync_status.html")
def sync_status() -> dict[str, Any]:
    """Return how the last sync went, for the top bar."""
    return {"run": latest_run()}


def latest_run() -> SyncRun | None:
    """Return the latest run with the number of its regions, of those done and of those that failed; one query."""
    return _counted_run().first()


@cache
def _counted_run() -> QuerySet[SyncRun]:
    """Return the query of `latest_run`, which every page asks: to build it takes as long as to ask it."""
    done = Q(regions__state__in=[SyncRegion.State.DONE, SyncRegion.State.FAILED])
    # One that was switched off is not read again, so that its failure would stay for ever.
    failed = Q(regions__state=SyncRegion.State.FAILED, regions__account__enabled=True)
    # The regions of this run alone are counted, however many runs there have been.
    latest = SyncRun.objects.order_by("-started_at", "-id").values("pk")[:1]
    return SyncRun.objects.filter(pk=Subquery(latest)).annotate(
        total=Count("regions"), settled=Count("regions", filter=done), failed=Count("regions", filter=failed)
    )


@register.simple_tag
def finding_counts(api: HttpApi) -> SafeString:
    """Return the API's errors and warnings, each with its icon; a dash when there are none."""
    parts = []
    for kind, count, word in (("error", api.errors, "error"), ("warning", api.warnings, "warning")):
        if count:
            parts.append(status(kind, f"{count} {word}{'' if count == 1 else 's'}"))
    if not parts:
        return SafeString('<span class="muted">–</span>')
    return format_html('<span class="row">{}</span>', format_html_join(" ", "{}", ((part,) for part in parts)))


@register.filter
def last_part(arn: str) -> str:
    """Return the name at the end of an ARN: of arn:aws:iam::123456789012:user/alice, alice."""
    return arn.rpartition("/")[2] or arn


@register.inclusion_tag("inventory/changes/drift_banner.html", takes_context=True)
def drift_banner(context: Context, api: HttpApi) -> dict[str, Any]:
    """Show that an API has unreviewed drift."""
    change = drift.unreviewed_drift(api)
    return {"change": change, "request": context["request"], "short": True, "may_revert": not api.account.read_only}


@register.inclusion_tag("inventory/changes/drift_banner.html", takes_context=True)
def drift_box(context: Context, change: Change, waits: bool) -> dict[str, Any]:
    """Show a drift, its review and, while it waits for one, the possible actions."""
    given = {"request": context["request"], "may_revert": context["may_revert"]}
    return {"change": change, "answer": change.answers.first(), "waits": waits, **given}


@register.inclusion_tag("inventory/changes/change_author.html")
def change_author(change: Change) -> dict[str, Any]:
    """Show who caused drift, if CloudTrail knows."""
    return {"found": Attribution.objects.filter(change=change).first()}


@register.inclusion_tag("inventory/changes/baseline_banner.html", takes_context=True)
def baseline_banner(context: Context, api: HttpApi) -> dict[str, Any]:
    """That a locked API is configured otherwise."""
    violation = baseline.violation_of(api)
    if violation is None:
        return {}
    wanted = violation.baseline.configuration
    return {
        "api": api,
        "violation": violation,
        "baseline": violation.baseline,
        "difference": diff(wanted.policy, api.policy),
        "back": urlencode({"cors": json.dumps(wanted.cors)}),
        "request": context["request"],
    }


@register.inclusion_tag("inventory/apis/api_baseline.html", takes_context=True)
def api_baseline(context: Context, api: HttpApi) -> dict[str, Any]:
    """Return what an API is locked to, and the forms that lock and unlock it."""
    return {"api": api, "baseline": baseline.active_baseline(api), "request": context["request"]}


@register.simple_tag
def load_standing(apis: Iterable[Any]) -> str:
    """Look up drift, baselines and violations of a list's APIs, for `standing`: three queries for the whole list."""
    rows = list(apis)
    keys = [api.pk for api in rows]
    drifted = set(drift.open_drift().filter(api__in=keys).values_list("api", flat=True))
    locked = set(Baseline.objects.filter(api__in=keys, ended_at=None).values_list("api", flat=True))
    departed = set(BaselineViolation.objects.filter(api__in=keys, ended_at=None).values_list("api", flat=True))
    for api in rows:
        api.standing = (api.pk in drifted, api.pk in locked, api.pk in departed)
    return ""


@register.simple_tag
def standing(api: Any) -> SafeString:
    """Show whether an API has drift to review or violates its baseline; nothing when all is quiet."""
    drifted, locked, departed = api.standing
    shown = []
    if drifted:
        shown.append(status("warning", "Drift"))
    if departed:
        shown.append(status("error", "Off baseline"))
    elif locked:
        shown.append(format_html('<span class="badge quiet">{}</span>', "locked"))
    return format_html_join("", '<span class="sub">{}</span>', ((one,) for one in shown))
