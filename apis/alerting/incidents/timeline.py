"""An incident's story: what happened when, from the change before it to the last message about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from apis.alerting.incidents import suspected_change
from apis.alerting.models import Delivery, Incident, IncidentNote, IncidentProbe
from apis.alerting.sending.events import call_of
from apis.editing.apply import verification
from apis.editing.apply.models import Deployment, Verification
from apis.inventory.models import Change
from apis.probing.models import Flip, Probe, Result

MOST_CHANGES = 50
MOST_FLIPS = 100
"""Flips that the story mentions; a probe that flaps for days makes thousands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: its kind of status, icon, text and link."""

    at: datetime
    kind: str
    icon: str
    what: str
    note: str = ""
    url: str = ""


FLIPS = {
    Probe.State.DOWN: ("error", "circle-x", "is down"),
    Probe.State.FLAPPING: ("warning", "triangle-alert", "is flapping and counts as down until it is stable"),
    Probe.State.UP: ("success", "circle-check", "is passing again"),
}


DEPLOYED = {
    Deployment.State.DONE: ("info", "upload", "deployed"),
    Deployment.State.FAILED: ("error", "circle-x", "could not deploy"),
}


NOTES = {
    IncidentNote.Kind.ACKNOWLEDGED: ("check", "acknowledged the incident"),
    IncidentNote.Kind.SNOOZED: ("bell", "snoozed it"),
    IncidentNote.Kind.WOKEN: ("bell", "ended the snooze"),
    IncidentNote.Kind.ASSIGNED: ("user", "assigned it"),
    IncidentNote.Kind.COMMENT: ("pencil", "commented"),
}


def story(incident: Incident, for_admin: bool = False, fixed_by: Change | None = None) -> list[Entry]:
    """Return all events of an incident, oldest first. Only admins see why a channel failed: it may name hosts."""
    members = list(incident.members.select_related("probe"))
    since = min((member.down_at for member in members), default=incident.opened_at)
    changes = _changes_of(incident, since, fixed_by)
    entries = [*_changes(incident, changes), *_verifications(incident, changes), *_deployments(incident, since)]
    entries += [*_failing(incident, members), *_people(incident)]
    entries += _messages(incident, for_admin)
    return sorted(entries, key=lambda entry: entry.at)


def _apis(incident: Incident) -> list[int]:
    joined: list[Any] = list(incident.members.order_by().values_list("probe__api", flat=True).distinct())
    return [incident.api_id, *joined]


def _meanwhile(incident: Incident, since: datetime, field: str) -> Q:
    """Match what happened from shortly before the first failure to the end of an incident."""
    meanwhile = Q(**{f"{field}__gt": since - suspected_change.SLOW_EDGE})
    return meanwhile & Q(**{f"{field}__lte": incident.closed_at}) if incident.closed_at else meanwhile


def _changes_of(incident: Incident, since: datetime, fixed_by: Change | None) -> list[Change]:
    """Return the suspected change, that which fixed it, and every change while it was open."""
    always_shown = Q(pk__in=[incident.suspected_change_id or 0, fixed_by.pk if fixed_by else 0])
    rows = Change.objects.filter(_meanwhile(incident, since, "settled_at") | always_shown, api__in=_apis(incident))
    rows = rows.filter(status=Change.Status.APPLIED).exclude(kind=Change.Kind.DISCOVERED)
    return list(rows.select_related("attribution").order_by("-settled_at", "-id")[:MOST_CHANGES])


def _changes(incident: Incident, changes: list[Change]) -> Iterator[Entry]:
    for change in changes:
        suspected = " (suspected cause)" if change.pk == incident.suspected_change_id else ""
        what = f"{what_happened(change)}{suspected}"
        yield Entry(change.settled_at or change.at, "info", "history", what, change.summary, change.get_absolute_url())


def _verifications(incident: Incident, changes: list[Change]) -> Iterator[Entry]:
    """Yield the verifications of these changes, with what their last calls showed."""
    rows = Verification.objects.filter(change__in=changes, done_at__isnull=False)
    if incident.closed_at:
        rows = rows.filter(done_at__lte=incident.closed_at)
    ended = {verification.cause_of(row.change): row for row in rows.select_related("change")}
    last: dict[str, dict[int, bool]] = {cause: {} for cause in ended}
    runs = Result.objects.filter(cause__in=list(ended), probe__api__in=_apis(incident), passed__isnull=False)
    for cause, probe, passed in runs.order_by("at", "id").values_list("cause", "probe", "passed"):
        last[cause][probe] = bool(passed)
    for cause, row in ended.items():
        if last[cause] and row.done_at is not None:
            failed = list(last[cause].values()).count(False)
            kind, icon = ("error", "circle-x") if failed else ("success", "shield-check")
            note = f"{len(last[cause]) - failed} of {len(last[cause])} probes passed"
            what = "Verification failed" if failed else "Verification passed"
            yield Entry(row.done_at, kind, icon, what, note, row.change.get_absolute_url())


def _deployments(incident: Incident, since: datetime) -> Iterator[Entry]:
    rows = Deployment.objects.filter(_meanwhile(incident, since, "finished_at"), api__in=_apis(incident))
    for row in rows.filter(state__in=DEPLOYED).order_by("-finished_at", "-id")[:MOST_CHANGES]:
        kind, icon, words = DEPLOYED[Deployment.State(row.state)]
        yield Entry(row.finished_at or row.at, kind, icon, f"{row.asked_by_name} {words} stage {row.stage}", row.error)


def what_happened(change: Change) -> str:
    """Return who made a change, in a few words; of an ARN its last part."""
    who = change.who.rpartition(":")[2]
    if change.kind == Change.Kind.DRIFT:
        known = bool(change.who) and change.who != change.actor_name
        return (
            f"{who} changed the configuration outside corsdash" if known else "Configuration changed outside corsdash"
        )
    if change.kind == Change.Kind.GUARD:
        return "Change reverted automatically"
    return f"{who or 'Someone'} changed the configuration"


def _failing(incident: Incident, members: list[IncidentProbe]) -> Iterator[Entry]:
    if not members:
        return
    probes = {member.probe_id: member.probe for member in members}
    first = members[0]
    yield Entry(first.down_at, "warning", "triangle-alert", "First failure", f"{call_of(first.probe)}. {first.reason}")
    flips = Flip.objects.filter(probe__in=probes, at__gte=first.down_at, after__in=FLIPS)
    if incident.closed_at:
        flips = flips.filter(at__lte=incident.closed_at)
    for flip in flips.order_by("at", "id")[:MOST_FLIPS]:
        kind, icon, words = FLIPS[Probe.State(flip.after)]
        probe = probes[flip.probe_id]
        yield Entry(flip.at, kind, icon, f"{probe.name} {words}", url=probe.get_absolute_url())


def _people(incident: Incident) -> Iterator[Entry]:
    notes = list(incident.notes.all())
    for note in notes:
        icon, words = NOTES[IncidentNote.Kind(note.kind)]
        until = f" until {note.until:%d %b %Y, %H:%M} UTC" if note.until else ""
        yield Entry(note.at, "info", icon, f"{note.by_name} {words}{until}", note.text)
    # Acknowledged before there were notes.
    if incident.acknowledged_at and not any(note.kind == IncidentNote.Kind.ACKNOWLEDGED for note in notes):
        who = incident.acknowledged_by.get_username() if incident.acknowledged_by else "Someone"
        yield Entry(
            incident.acknowledged_at, "info", "check", f"{who} acknowledged the incident", incident.acknowledged_note
        )
    if incident.closed_at:
        yield Entry(incident.closed_at, "success", "circle-check", "Incident closed")


def _messages(incident: Incident, for_admin: bool) -> Iterator[Entry]:
    rows = incident.deliveries.select_related("channel").prefetch_related("attempts")
    for delivery in rows:
        attempts = list(delivery.attempts.all())
        error = attempts[-1].error if attempts and for_admin else ""
        url = reverse("delivery", args=[delivery.pk]) if for_admin else ""
        if delivery.state == Delivery.State.SENT:
            at = delivery.sent_at or delivery.created_at
            yield Entry(at, "success", "send", f"Notified {delivery.channel.name}", url=url)
        elif delivery.state == Delivery.State.FAILED:
            at = attempts[-1].at if attempts else delivery.created_at
            yield Entry(at, "error", "circle-x", f"{delivery.channel.name} could not be notified", error, url)
        else:
            tries = f" after {len(attempts)} failed attempts" if len(attempts) > 1 else ""
            words = f"{delivery.channel.name} is not notified yet{tries}"
            yield Entry(delivery.created_at, "pending", "clock", words, error, url)
