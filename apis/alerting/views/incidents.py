"""Pages of incidents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from apis.access.page_request import PageRequest, text_of
from apis.access.roles import can, needs
from apis.alerting import desktop
from apis.alerting.forms import LONGEST_SNOOZE_H, AcknowledgeForm, SnoozeForm
from apis.alerting.incidents import incident_actions as verbs
from apis.alerting.incidents import suspected_change
from apis.alerting.incidents.incident_report import report_of
from apis.alerting.incidents.outages import about_outage
from apis.alerting.incidents.timeline import story
from apis.alerting.models import Channel, Incident, IncidentProbe
from apis.alerting.sending.events import reason_of
from apis.cors.explain import Cause
from apis.errors import AppError, InvalidInput
from apis.inventory.reading import on_demand
from apis.inventory.search import Pages
from apis.probing.models import Result
from apis.probing.runs.cause import CONFIGURATION, MOST_EXPLAINED, cause_of
from apis.probing.runs.last_results import load_last_results
from apis.probing.runs.runner import url_of

PER_PAGE = 50
MOST_DECISIONS = 200
_RELATED = ("api__account", "suspected_change__before", "suspected_change__attribution", "acknowledged_by")


def incidents(request: HttpRequest) -> HttpResponse:
    """Show all incidents, newest first, or those that are open or closed; by the name of their API."""
    state, search = request.GET.get("state", ""), text_of(request.GET, "search").strip()
    found = Incident.objects.filter(api__name__icontains=search) if search else Incident.objects.all()
    counts = dict(found.order_by().values_list("state").annotate(number=Count("pk")))
    if state in Incident.State.values:
        found = found.filter(state=state)
    rows = found.select_related("api__account", "suspected_change", "acknowledged_by")
    first_down = IncidentProbe.objects.filter(incident=OuterRef("pk")).order_by("down_at").values("down_at")[:1]
    page = Pages(rows.annotate(since=Subquery(first_down)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "search": search,
        "open_count": counts.get(Incident.State.OPEN, 0),
        "now": timezone.now(),
        "has_channel": Channel.objects.filter(enabled=True).exists(),
    }
    return render(request, "alerting/incidents/incidents.html", context)


@require_safe
def open_alerts(request: HttpRequest) -> JsonResponse:
    """Return the incidents that a browser shows as desktop notifications; see static/alerting/desktop.js."""
    alerts = [
        {
            "id": alert.incident.pk,
            "title": f"{alert.incident.api.name}: probe down",
            "body": alert.incident.summary,
            "url": alert.incident.get_absolute_url(),
            "silent": alert.is_silent,
        }
        for alert in desktop.open_alerts(timezone.now())
    ]
    return JsonResponse({"alerts": alerts, "all": reverse("incidents")})


def incident(request: PageRequest, pk: int) -> HttpResponse:
    """Show one incident: its probes, the change before it, its timeline. An open one's page updates itself."""
    rows = Incident.objects.select_related(*_RELATED)
    row = get_object_or_404(rows, pk=pk)
    if request.htmx and row.state != Incident.State.OPEN:
        # It is closed: the page's title and actions change too, so it is loaded again.
        return HttpResponseClientRefresh()
    template = "alerting/incidents/incident.html#live" if request.htmx else "alerting/incidents/incident.html"
    shown = _shown(row, can(request.user, "admin"))
    if shown["unread"]:
        on_demand.refresh_soon(row.api)
    return render(request, template, shown)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the report of a closed incident as Markdown."""
    row = get_object_or_404(Incident.objects.select_related(*_RELATED), pk=pk)
    answer = HttpResponse(report_of(row), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="incident-{row.pk}.md"'
    return answer


@require_POST
@needs("edit")
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one takes care."""
    row = get_object_or_404(Incident, pk=pk)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The note can have at most 500 characters.")
        return redirect(row)
    verbs.acknowledge(row, request.user, form.cleaned_data["note"])  # type: ignore[arg-type]
    messages.success(request, "Incident acknowledged.")
    return redirect(row)


@require_POST
@needs("edit")
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Snooze, end a snooze, assign or comment."""
    row, user = get_object_or_404(Incident, pk=pk), request.user
    try:
        if action == "snooze":
            form = SnoozeForm(request.POST)
            if not form.is_valid():
                raise InvalidInput(f"Choose a time from 1 to {LONGEST_SNOOZE_H} hours.", "hours")
            until = timezone.now() + timedelta(hours=form.cleaned_data["hours"])
            verbs.snooze(row, user, until)  # type: ignore[arg-type]
        elif action == "wake":
            verbs.wake(row, user)  # type: ignore[arg-type]
        elif action == "assign":
            verbs.assign(row, user, text_of(request.POST, "user").strip())  # type: ignore[arg-type]
        else:
            verbs.comment(row, user, text_of(request.POST, "text"))  # type: ignore[arg-type]
    except AppError as error:
        messages.error(request, str(error))
    return redirect(row)


def _cause(member: IncidentProbe) -> Cause | None:
    """Return the cause of the probe's last failed run within the incident."""
    runs = Result.objects.filter(probe=member.probe, passed=False, at__gte=member.down_at)
    if member.up_at:
        runs = runs.filter(at__lt=member.up_at)
    failed = runs.select_related(*CONFIGURATION).order_by("-at", "-id").first()
    if failed is None:
        return None
    failed.probe = member.probe
    return cause_of(failed)


def _shown(row: Incident, for_admin: bool) -> dict[str, Any]:
    members = list(row.members.select_related("probe__api__account"))
    load_last_results([member.probe for member in members])
    for member in members:
        last = member.probe.last_result
        failing = last is not None and last.passed is False
        member.last_reason = reason_of(member.probe, last) if failing and not row.closed_at else member.reason  # type: ignore[attr-defined]
        member.target = url_of(member.probe)  # type: ignore[attr-defined]
    for member in members[:MOST_EXPLAINED]:
        member.cause = _cause(member)  # type: ignore[attr-defined]
    since = min((member.down_at for member in members), default=row.opened_at)
    fixed_by = suspected_change.fix_of(row, since)
    return {
        "incident": row,
        "api": row.api,
        "apis": list({member.probe.api_id: member.probe.api for member in members}.values()) or [row.api],
        "members": members,
        "since": since,
        "down_for": ((row.closed_at or timezone.now()) - since).total_seconds(),
        "recovered": bool(members) and all(member.up_at for member in members),
        "change": row.suspected_change,
        "fixed_by": fixed_by,
        "outage": about_outage(row, members),
        "unread": suspected_change.is_unread(row, since),
        "story": story(row, for_admin, fixed_by),
        # The bar of actions is for these two.
        "actions_key": f"{row.suspected_change_id or ''}-{'acknowledged' if row.acknowledged_at else ''}",
        "form": AcknowledgeForm(),
        "snoozed": row.snoozed_until is not None and row.snoozed_until > timezone.now(),
        "people": _assignable(),
        "decisions": row.decisions.select_related("rule", "channel", "delivery")[:MOST_DECISIONS],
    }


def _assignable() -> list[str]:
    """Return the people who may edit, by user name."""
    people = User.objects.filter(is_active=True).prefetch_related("groups").order_by("username")[:200]
    return [person.username for person in people if can(person, "edit")]
