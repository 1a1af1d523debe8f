"""What happened on a probe's time axis: changes, drift, deployments, incidents and flips, whichever room keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from apis.inventory.models import Account, Change, HttpApi
from apis.probing.models import Flip, Probe

Scope = Probe | HttpApi | Account | None
"""What a history is about; None: everything."""
Kind = Literal["change", "drift", "deployment", "incident", "flip"]
MOST_EVENTS = 200
"""The newest of each kind that a history names."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its row's `id`, and what happened in one line."""

    at: datetime
    kind: Kind
    id: int
    summary: str


Source = Callable[[Scope, datetime, datetime], Iterable[Event]]
_sources: list[Source] = []


def event_source(source: Source) -> Source:
    """Register a function that gives a scope's events from one time to before another, newest first."""
    _sources.append(source)
    return source


def events(scope: Scope, since: datetime, until: datetime) -> list[Event]:
    """Return the events of a scope in their order, the newest `MOST_EVENTS` of each kind."""
    found = [event for source in _sources for event in source(scope, since, until)]
    return sorted(found, key=lambda event: (event.at, event.kind, event.id))


def api_filter(scope: Scope, api: str = "api") -> dict[str, int]:
    """Return how to filter rows of APIs, which the field `api` names, to those of a scope."""
    if isinstance(scope, Probe):
        return {api: scope.api_id}
    if isinstance(scope, HttpApi):
        return {api: scope.pk}
    return {f"{api}__account": scope.pk} if scope else {}


def probe_filter(scope: Scope, probe: str = "probe") -> dict[str, int]:
    """Return how to filter rows of probes, which the field `probe` names, to those of a scope."""
    return {probe: scope.pk} if isinstance(scope, Probe) else api_filter(scope, f"{probe}__api")


@event_source
def changes(scope: Scope, since: datetime, until: datetime) -> Iterable[Event]:
    """Return applied changes and drift."""
    rows = Change.objects.filter(at__gte=since, at__lt=until, status=Change.Status.APPLIED, **api_filter(scope))
    for row in rows.exclude(kind=Change.Kind.DISCOVERED).order_by("-at", "-id")[:MOST_EVENTS]:
        yield Event(row.at, "drift" if row.kind == Change.Kind.DRIFT else "change", row.pk, str(row))


@event_source
def flips(scope: Scope, since: datetime, until: datetime) -> Iterable[Event]:
    """Return changes of probes' states."""
    labels = {str(state): str(label) for state, label in Probe.State.choices}
    rows = Flip.objects.filter(at__gte=since, at__lt=until, **probe_filter(scope)).select_related("probe")
    for row in rows.order_by("-at", "-id")[:MOST_EVENTS]:
        words = f"{labels.get(row.before, row.before)} → {labels.get(row.after, row.after)}"
        yield Event(row.at, "flip", row.pk, f"{row.probe.name}: {words}")
