"""Incidents on the time axis of probes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apis.alerting.models import Incident
from apis.probing.history.events import MOST_EVENTS, Event, Scope, api_filter, event_source
from apis.probing.models import Probe


@event_source
def incidents(scope: Scope, since: datetime, until: datetime) -> Iterable[Event]:
    """Return the incidents that opened; for a probe those it was part of."""
    rows = Incident.objects.filter(opened_at__gte=since, opened_at__lt=until)
    mine = rows.filter(members__probe=scope) if isinstance(scope, Probe) else rows.filter(**api_filter(scope))
    for row in mine.order_by("-opened_at", "-id")[:MOST_EVENTS]:
        yield Event(row.opened_at, "incident", row.pk, str(row))
