"""The overview's section of open incidents."""

from __future__ import annotations

from django.db.models import Count, F
from django.urls import reverse

from apis.alerting.models import Incident
from apis.insight.overview import Item, Section, section


def open_incidents() -> Section:
    """Return open incidents, the newest first, but before them those that no one has acknowledged."""
    rows = Incident.objects.filter(state=Incident.State.OPEN)
    first = rows.select_related("api__account", "suspected_change").annotate(failing=Count("members"))
    ordered = first.order_by(F("acknowledged_at").asc(nulls_first=True), "-opened_at", "-pk")
    return section("incidents", "Open incidents", "error", f"{reverse('incidents')}?state=open", ordered, _item)


def _item(row: Incident) -> Item:
    change = row.suspected_change
    return Item(
        row.pk,
        row.api.name,
        row.get_absolute_url(),
        row.summary,
        row.opened_at,
        row.api,
        suspected_change=change.pk if change else None,
        change=change.summary or "Changed" if change else "",
    )
