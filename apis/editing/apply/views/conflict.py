"""The conflict's page: AWS moved on, and a person picks what is to become of both sides."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest
from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying
from apis.editing.plan import merging
from apis.editing.plan.planning import Conflict
from apis.inventory.models import Change, HttpApi

KEPT_FIELDS = ("note", "guard", "when", "zone")
"""What was filled in besides the six fields: it goes along to the next plan."""
SHOWN = 5


def show(
    request: PageRequest, api: HttpApi, conflict: Conflict, version: int, reverted: Change | None = None
) -> HttpResponse:
    """Show the page on which to pick; its form leads to a plan on what is live. `version` is the one that was seen."""
    form_values = {name: request.POST[name] for name in KEPT_FIELDS if request.POST.get(name)}
    if reverted is not None:
        form_values = {
            "note": f"Restores the configuration before “{reverted.summary}”"[:500],
            "reverts": str(reverted.pk),
        } | form_values
    return _page(request, api, conflict, version, form_values, 409)


@require_GET
def change_conflict(request: PageRequest, pk: int) -> HttpResponse:
    """Show the conflict page for a change that AWS's own state stopped: against what is live by now."""
    change = get_object_or_404(Change.objects.select_related("api__account", "api__current"), pk=pk)
    stored = change.conflict
    if not stored:
        messages.info(request, "This change has no conflict.")
        return redirect("change", pk)
    api, seen = change.api, CorsPolicy.from_aws(stored["seen"])
    conflict = Conflict(seen, api.policy, CorsPolicy.from_aws(stored["proposed"]))
    if conflict.live == conflict.proposed:
        messages.info(request, "The requested configuration is live; this change applied it.")
        return redirect("change", (applying.last_change_to(api) or change).pk)
    if conflict.live == seen:
        messages.info(request, "The other change was reverted; your proposal fits again.")
        if change.reverts_id:
            # The panel would call it a new edit, and our rules may refuse what a revert may go back to.
            return redirect("revert", change.reverts_id)
        return redirect(f"{reverse('configure', args=[api.pk])}?{urlencode({'cors': json.dumps(stored['proposed'])})}")
    form_values = {"note": change.note, "guard": "1" if change.guard else "", "reverts": str(change.reverts_id or "")}
    return _page(
        request, api, conflict, _number_of(api, seen), {name: text for name, text in form_values.items() if text}
    )


def _number_of(api: HttpApi, seen: CorsPolicy) -> int:
    """Return the newest version that held what was seen."""
    rows = api.configurations.order_by("-number")[:50]
    return next((row.number for row in rows if row.policy == seen), api.version)


def _page(
    request: PageRequest, api: HttpApi, conflict: Conflict, version: int, form_values: dict[str, str], status: int = 200
) -> HttpResponse:
    switch, *fields = merging.merge(conflict)
    context = {
        "api": api,
        "switch": switch,
        "fields": [field for field in fields if field.differs],
        "same": [field for field in fields if not field.differs],
        "clashes": [field for field in (switch, *fields) if field.clash],
        "conflict": conflict,
        "mine": json.dumps(conflict.proposed.to_aws()),
        "form_values": form_values,
        "meanwhile": api.changes.filter(status=Change.Status.APPLIED, after__number__gt=version)[:SHOWN],
    }
    return render(request, "editing/apply/conflict.html", context, status=status)
