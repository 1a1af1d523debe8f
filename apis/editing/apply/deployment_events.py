"""Deployments of stages on the time axis of probes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from apis.editing.apply.models import Deployment
from apis.probing.history.events import MOST_EVENTS, Event, Scope, api_filter, event_source


@event_source
def deployments(scope: Scope, since: datetime, until: datetime) -> Iterable[Event]:
    """Return the deployments that AWS has finished."""
    rows = Deployment.objects.filter(
        state=Deployment.State.DONE, finished_at__gte=since, finished_at__lt=until, **api_filter(scope)
    )
    for row in rows.order_by("-finished_at", "-id")[:MOST_EVENTS]:
        yield Event(row.finished_at or row.at, "deployment", row.pk, f"{row.stage} deployed by {row.asked_by_name}")
