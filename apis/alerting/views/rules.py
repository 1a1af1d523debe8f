"""Pages of rules, of who would be notified, and of maintenance windows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apis.access.page_request import text_of
from apis.access.roles import needs
from apis.alerting.alerts.occasions import KINDS, PROBE_DOWN
from apis.alerting.rule_forms import MaintenanceForm, RuleForm
from apis.alerting.rules import edits
from apis.alerting.rules.dry_run import dry_run
from apis.alerting.rules.matching import window_end
from apis.alerting.rules.models import Maintenance, Rule
from apis.errors import InvalidFields, InvalidInput
from apis.inventory.search import Pages, named

PER_PAGE = 50


def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule."""
    found = Rule.objects.select_related("account", "api").prefetch_related("channels")
    page = Pages(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "alerting/rules/rules.html", {"page": page})


@needs("admin")
def rule_add(request: HttpRequest) -> HttpResponse:
    """Add a rule."""
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = edits.create_rule(request.user, form.values())
        except (InvalidFields, InvalidInput) as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{row.name} is added.")
            return redirect("rules")
    return render(request, "alerting/rules/rule.html", {"form": form, "rule": None})


@needs("admin")
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one rule."""
    row = get_object_or_404(Rule.objects.select_related("api"), pk=pk)
    form = RuleForm(request.POST or None, rule=row)
    if request.method == "POST" and form.is_valid():
        try:
            edits.change_rule(request.user, row, form.values())
        except (InvalidFields, InvalidInput) as error:
            _refuse(form, error)
            row.refresh_from_db()
        else:
            messages.success(request, f"{row.name} is saved.")
            return redirect("rules")
    return render(request, "alerting/rules/rule.html", {"form": form, "rule": row})


@require_POST
@needs("admin")
def rule_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a rule."""
    row = get_object_or_404(Rule, pk=pk)
    try:
        edits.delete_rule(request.user, row)
    except InvalidFields as error:
        messages.error(request, next(iter(error.errors.values())))
        return redirect(row)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("rules")


def rule_dry_run(request: HttpRequest) -> HttpResponse:
    """Show who would be notified of an alert now, and why."""
    kind, said = request.GET.get("kind", PROBE_DOWN), text_of(request.GET, "api").strip()
    api, problem = None, ""
    if said:
        try:
            api = named(said, gone_ids=True)
        except InvalidInput as error:
            problem = str(error)
    context: dict[str, Any] = {
        "kinds": [(name, label) for name, (label, _) in KINDS.items()],
        "kind": kind,
        "api": said,
        "problem": problem,
        "steps": None,
        "names": [],
    }
    if kind in KINDS and not problem:
        steps = dry_run(api, kind, None, timezone.now())
        context |= {"steps": steps, "names": sorted({one.channel.name for one in steps if one.channel and one.due})}
    return render(request, "alerting/rules/dry_run.html", context)


def maintenance(request: HttpRequest) -> HttpResponse:
    """Show every maintenance window."""
    found = Maintenance.objects.select_related("account", "api")
    page, now = Pages(found, PER_PAGE).get_page(request.GET.get("page")), timezone.now()
    rows: list[Any] = list(page.object_list)
    for row in rows:
        row.active_until = window_end(row, now)
        row.is_past = row.repeat == Maintenance.Repeat.ONCE and row.ends_at is not None and row.ends_at <= now
    return render(request, "alerting/rules/maintenance.html", {"page": page, "rows": rows})


@needs("edit")
def maintenance_add(request: HttpRequest) -> HttpResponse:
    """Add a maintenance window."""
    form = MaintenanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = edits.create_maintenance(request.user, form.values(timezone.now()))
        except (InvalidFields, InvalidInput) as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{row.name} is added. Probes go on; no one is notified meanwhile.")
            return redirect("maintenance")
    return render(request, "alerting/rules/maintenance_add.html", {"form": form})


@require_POST
@needs("edit")
def maintenance_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a window; one that holds now ends."""
    row = get_object_or_404(Maintenance, pk=pk)
    edits.delete_maintenance(request.user, row)
    messages.success(request, f"{row.name} is deleted.")
    return redirect("maintenance")


def _refuse(form: RuleForm | MaintenanceForm, error: InvalidFields | InvalidInput) -> None:
    form.refuse(error.errors if isinstance(error, InvalidFields) else {error.field: str(error)})
