"""What a status page shows: its APIs with their state and availability, their incidents and planned maintenance.

The one place that says what leaves the inventory. Summaries of incidents, probes' names and notes never do: people
write origins and names into them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q, QuerySet

from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.rules.matching import covers
from apis.alerting.rules.models import Maintenance
from apis.alerting.rules.occurrences import Occurrence, occurrences
from apis.alerting.status_pages.edits import MOST_APIS
from apis.alerting.status_pages.models import StatusPage
from apis.inventory.models import HttpApi
from apis.probing.history import beats
from apis.probing.history.availability import daily_histories
from apis.probing.history.availability_chart import Chart, draw, percent
from apis.probing.models import Probe

State = Literal["passing", "failing", "unknown"]

SPAN = "30d"
DAYS = 30
PAST_INCIDENTS = timedelta(days=DAYS)
PLANNED = timedelta(days=DAYS)
"""How far ahead maintenance is announced."""
MOST_INCIDENTS = 50
MOST_OCCURRENCES = 60
LATE = timedelta(minutes=10)
"""How much later than three intervals a run may be before its outcome no longer counts."""


@dataclass(frozen=True, slots=True)
class ApiStatus:
    """The state of one API: how many of its probes pass, and of those whose outcome is known and recent."""

    id: int
    name: str
    state: State
    passing: int
    known: int
    origins: list[tuple[str, State]] = field(default_factory=list)
    """Origins that should be allowed, if the page shows them."""
    chart: Chart | None = None
    availability: str = ""
    maintenance: datetime | None = None
    """When the maintenance that holds now ends."""


@dataclass(frozen=True, slots=True)
class IncidentStatus:
    """A stretch in which probes of some of the page's APIs failed; `apis` are their names."""

    id: int
    apis: list[str]
    since: datetime
    until: datetime | None

    @property
    def title(self) -> str:
        """What happened, in one line."""
        more = len(self.apis) - 1
        verb = "failed" if self.until else "failing"
        return f"{self.apis[0]}{f' and {more} more' if more else ''}: CORS probes {verb}"


@dataclass(frozen=True, slots=True)
class MaintenanceStatus:
    """One occurrence of a maintenance window, and the names of the page's APIs that it concerns."""

    id: int
    name: str
    apis: list[str]
    api_ids: frozenset[int]
    when: Occurrence
    is_active: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All that a page shows."""

    apis: list[ApiStatus]
    total: int
    incidents: list[IncidentStatus]
    maintenance: list[MaintenanceStatus]

    @property
    def open(self) -> list[IncidentStatus]:
        """The incidents that are not over."""
        return [one for one in self.incidents if one.until is None]

    @property
    def closed(self) -> list[IncidentStatus]:
        """The incidents that are over."""
        return [one for one in self.incidents if one.until is not None]

    @property
    def state(self) -> State:
        """The state of all APIs together."""
        return _together(one.state for one in self.apis)


def report_of(page: StatusPage, now: datetime) -> Report:
    """Return all that a page shows."""
    rows = selected(page)
    apis = list(rows[:MOST_APIS])
    windows = maintenance_of(apis, now, most=3)
    states = _states(apis, page.show_origins, now)
    histories = daily_histories([api.pk for api in apis], DAYS, now)
    shown = [
        replace(
            states[api.pk],
            chart=draw(histories[api.pk], SPAN),
            availability=percent(histories[api.pk].availability),
            maintenance=max(
                (one.when.ends_at for one in windows if one.is_active and api.pk in one.api_ids), default=None
            ),
        )
        for api in apis
    ]
    return Report(shown, rows.count(), incidents_of(apis, now), windows)


def state_of(page: StatusPage, api: int, now: datetime) -> State | None:
    """Return the state of one API of a page; None when the page does not show it."""
    found = list(selected(page).filter(pk=api)[:1])
    return _states(found, False, now)[api].state if found else None


def selected(page: StatusPage) -> QuerySet[HttpApi]:
    """Return the APIs of a page that AWS still has."""
    rows = HttpApi.objects.filter(gone_at=None).select_related("account")
    if page.selection == StatusPage.Selection.APIS:
        return rows.filter(status_pages=page)
    if page.selection == StatusPage.Selection.ACCOUNT:
        return rows.filter(account=page.account_id) if page.account_id else rows.none()
    if not page.tag_key:
        return rows.none()
    if page.account_id:
        rows = rows.filter(account=page.account_id)
    tagged = rows.filter(tags__has_key=page.tag_key).order_by().values_list("pk", "tags")
    wanted = page.tag_value
    return rows.filter(pk__in=[pk for pk, tags in tagged if not wanted or str(tags[page.tag_key]) == wanted])


def incidents_of(apis: Sequence[HttpApi], now: datetime) -> list[IncidentStatus]:
    """Return the open incidents of these APIs, then the closed ones of the last 30 days, newest first."""
    names = {api.pk: printable(api.name) for api in apis}
    rows = Incident.objects.filter(members__probe__api__in=names).distinct()
    rows = rows.filter(Q(state=Incident.State.OPEN) | Q(closed_at__gte=now - PAST_INCIDENTS))
    found = list(rows.order_by("-state", "-opened_at", "-id")[:MOST_INCIDENTS])
    members = IncidentProbe.objects.filter(incident__in=found, probe__api__in=names).values_list(
        "incident", "probe__api__pk", "down_at"
    )
    concerned: dict[int, set[int]] = {}
    since: dict[int, datetime] = {}
    for incident, api, down_at in members:
        concerned.setdefault(incident, set()).add(api)
        since[incident] = min(since.get(incident, down_at), down_at)
    return [
        IncidentStatus(
            row.pk, sorted({names[api] for api in concerned[row.pk]}, key=str.lower), since[row.pk], row.closed_at
        )
        for row in found
    ]


def maintenance_of(apis: Sequence[HttpApi], now: datetime, most: int = MOST_OCCURRENCES) -> list[MaintenanceStatus]:
    """Return the maintenance of these APIs that holds now or begins within 30 days, soonest first.

    Of a window that repeats, the first `most` occurrences.
    """
    windows = Maintenance.objects.select_related("account", "api").exclude(ends_at__lte=now)
    found = []
    for window in windows:
        concerned = [api for api in apis if covers(window, api)]
        if not concerned:
            continue
        names, ids = [printable(api.name) for api in concerned], frozenset(api.pk for api in concerned)
        for when in occurrences(window, now, now + PLANNED, most):
            found.append(MaintenanceStatus(window.pk, printable(window.name), names, ids, when, when.starts_at <= now))
    return sorted(found, key=lambda one: (one.when, one.id))[:MOST_OCCURRENCES]


def printable(text: str) -> str:
    """Return a name without control characters, which neither XML nor iCalendar may contain."""
    kept = "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cs", "Cn"))
    return " ".join(kept.split()) or "unnamed"


def _states(apis: Sequence[HttpApi], with_origins: bool, now: datetime) -> dict[int, ApiStatus]:
    """Return the state of each API by the enabled probes of it."""
    outcomes: dict[int, list[State]] = {api.pk: [] for api in apis}
    origins: dict[int, dict[str, list[State]]] = {api.pk: {} for api in apis}
    for probe in Probe.objects.filter(api__in=outcomes, enabled=True).defer("headers", "secret"):
        outcome = _outcome(probe, now)
        outcomes[probe.api_id].append(outcome)
        if probe.expect == Probe.Expect.ALLOWED:
            origins[probe.api_id].setdefault(printable(probe.origin), []).append(outcome)
    return {
        api.pk: ApiStatus(
            api.pk,
            printable(api.name),
            _together(outcomes[api.pk]),
            outcomes[api.pk].count("passing"),
            len(outcomes[api.pk]) - outcomes[api.pk].count("unknown"),
            [(origin, _together(found)) for origin, found in sorted(origins[api.pk].items())] if with_origins else [],
        )
        for api in apis
    }


def _outcome(probe: Probe, now: datetime) -> State:
    """Return whether a probe passes.

    Unknown: it never passed, so that its expectation may be wrong, or it has not been run for three intervals.
    """
    last = next((beat.at for beat in beats.read(probe.beats)), None)
    if last is None or last < now - 3 * timedelta(seconds=probe.interval) - LATE or probe.last_passed_at is None:
        return "unknown"
    if probe.state in (Probe.State.DOWN, Probe.State.FLAPPING):
        return "failing"
    # One that has failed, but not yet often enough to be down, counts as passing until then.
    return "unknown" if probe.state == Probe.State.NEW else "passing"


def _together(states: Iterable[State]) -> State:
    found = set(states)
    return "failing" if "failing" in found else "passing" if "passing" in found else "unknown"
