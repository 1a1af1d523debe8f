"""What people do about an incident: acknowledge, snooze, assign, comment. Each is a row of its timeline."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.utils import timezone

from apis.access import audit
from apis.access.roles import can
from apis.alerting.models import Incident, IncidentNote
from apis.alerting.rules.holds import check_again
from apis.errors import AppError, InvalidInput

LONGEST_SNOOZE = timedelta(days=30)
Kind = IncidentNote.Kind


def acknowledge(incident: Incident, user: AbstractBaseUser, note: str = "") -> Incident:
    """Note that someone takes care; reminders end. Raises AppError when someone already has."""
    now = timezone.now()
    with transaction.atomic():
        row = Incident.objects.filter(pk=incident.pk, acknowledged_at=None)
        hit = row.update(acknowledged_at=now, acknowledged_by=user, acknowledged_note=note.strip()[:500])
        incident.refresh_from_db()
        if hit:
            _note(incident, user, Kind.ACKNOWLEDGED, now, note.strip()[:500])
    if not hit:
        who = incident.acknowledged_by.get_username() if incident.acknowledged_by else "someone"
        raise AppError(f"{who} has already acknowledged this incident.")
    _audit(user, "acknowledged an incident", incident)
    return incident


def snooze(incident: Incident, user: AbstractBaseUser, until: datetime, now: datetime | None = None) -> Incident:
    """Send nothing about an open incident until a time. Raises InvalidInput or AppError."""
    now = now or timezone.now()
    if until.tzinfo is None:
        raise InvalidInput("Needs a time zone, such as Z for UTC: 2027-01-31T18:00:00Z.", "until")
    if not now < until <= now + LONGEST_SNOOZE:
        raise InvalidInput("Enter a time within the next 30 days.", "until")
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, state=Incident.State.OPEN).update(snoozed_until=until):
            raise AppError("This incident is closed.")
        check_again(now, incident=incident, hold="snooze")
        _note(incident, user, Kind.SNOOZED, now, until=until)
    incident.refresh_from_db()
    _audit(user, "snoozed an incident", incident)
    return incident


def wake(incident: Incident, user: AbstractBaseUser) -> Incident:
    """End a snooze: what it held back is sent. Raises AppError when there is none."""
    now = timezone.now()
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, snoozed_until__gt=now).update(snoozed_until=None):
            raise AppError("This incident is not snoozed.")
        check_again(now, incident=incident, hold="snooze")
        _note(incident, user, Kind.WOKEN, now)
    incident.refresh_from_db()
    _audit(user, "ended the snooze of an incident", incident)
    return incident


def assign(incident: Incident, user: AbstractBaseUser, username: str) -> Incident:
    """Give an incident to a person who may edit; no one for "". Raises InvalidInput."""
    assignee = User.objects.filter(username=username, is_active=True).first() if username else None
    if username and (assignee is None or not can(assignee, "edit")):
        raise InvalidInput("Enter the user name of an editor or admin.", "user")
    now = timezone.now()
    with transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(assignee=assignee)
        _note(incident, user, Kind.ASSIGNED, now, f"To {username}" if username else "To no one")
    incident.refresh_from_db()
    _audit(user, "assigned an incident", incident)
    return incident


def comment(incident: Incident, user: AbstractBaseUser, text: str) -> IncidentNote:
    """Add a comment to the timeline. Raises InvalidInput."""
    if not text.strip() or len(text) > 2000:
        raise InvalidInput("Enter a comment of at most 2000 characters.", "text")
    return _note(incident, user, Kind.COMMENT, timezone.now(), text.strip())


def _note(
    incident: Incident, user: AbstractBaseUser, kind: str, at: datetime, text: str = "", until: datetime | None = None
) -> IncidentNote:
    return IncidentNote.objects.create(
        incident=incident, kind=kind, at=at, by_id=user.pk, by_name=user.get_username()[:150], text=text, until=until
    )


def _audit(user: AbstractBaseUser, action: str, incident: Incident) -> None:
    audit.record(user, action, f"{incident.api.name}: {incident.summary}", incident=incident.pk)
