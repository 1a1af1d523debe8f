"""Incidents: opened, grown and closed by the flips of probes, acknowledged by people."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apis.access import audit
from apis.alerting import events, outbox, suspected_change
from apis.alerting.models import Incident, IncidentProbe
from apis.errors import AppError
from apis.inventory.models import HttpApi
from apis.probing.models import Flip, Probe

log = logging.getLogger(__name__)

# A flapping probe counts as down until it has settled, so that people are told once and not at each flap.
DOWN = {Probe.State.DOWN, Probe.State.FLAPPING}
FLIPS_AT_ONCE = 500

# A member that keeps its incident open: its recovery has not been seen, and somebody still looks.
HOLDING = Q(up_at=None, probe__enabled=True, probe__api__gone_at=None)


class Raced(Exception):
    """Another process settled the same flips; nothing was done here."""


def settle_flips(now: datetime | None = None) -> int:
    """Turn the flips that nobody has handled into incidents and the messages about them; returns how many flips.

    Any number of processes may do this at once. What belongs together is settled in one transaction per API, so a
    process that dies leaves nothing half told.
    """
    now = now or timezone.now()
    fresh = Flip.objects.filter(handled_at=None).order_by().values("probe__api").annotate(first=Min("pk"))
    settled = 0
    apis: list[Any] = list(fresh.order_by("first").values_list("probe__api", flat=True))
    for api in apis:
        try:
            settled += _settle(api, now)
        except Raced:
            continue
        except Exception:
            # One API that cannot be settled must not keep the others' alerts back.
            log.exception("The flips of API %s could not be settled; they are tried again", api)
    suspected_change.adopt_late_drift(now)
    _close_unwatched(now)
    _take_up_again(now)
    return settled


def acknowledge(incident: Incident, user: AbstractBaseUser, note: str = "") -> Incident:
    """Note that somebody takes care. Raises AppError."""
    row = Incident.objects.filter(pk=incident.pk, acknowledged_at=None)
    hit = row.update(acknowledged_at=timezone.now(), acknowledged_by=user, acknowledged_note=note.strip()[:500])
    incident.refresh_from_db()
    if not hit:
        who = incident.acknowledged_by.get_username() if incident.acknowledged_by else "somebody"
        raise AppError(f"{who} has already acknowledged this incident.")
    audit.record(user, "acknowledged an incident", f"{incident.api.name}: {incident.summary}", incident=incident.pk)
    return incident


def _settle(api_id: int, now: datetime) -> int:
    with transaction.atomic():
        api = _locked(api_id)
        if api is None:
            return 0
        unhandled = Flip.objects.filter(handled_at=None, probe__api=api).order_by("pk")
        flips = list(unhandled.select_related("probe__last_result", "result")[:FLIPS_AT_ONCE])
        claim = Flip.objects.filter(pk__in=[flip.pk for flip in flips], handled_at=None)
        # The claim must hit every row: otherwise somebody else has begun on them.
        if claim.update(handled_at=now) != len(flips):
            raise Raced
        incident, told = Incident.objects.filter(api=api, state=Incident.State.OPEN).first(), True
        for flip in flips:
            if flip.after in DOWN and flip.probe.enabled:
                if incident is None:
                    incident, told = _open(api, flip), False
                _join(incident, flip)
            elif flip.after == Probe.State.UP and incident is not None:
                incident.members.filter(probe=flip.probe, up_at=None).update(up_at=flip.at)
                if not incident.members.filter(HOLDING).exists():
                    _sum_up(incident, told, now)
                    _close(incident, flip.at, now)
                    incident, told = None, True
        if incident is not None:
            _sum_up(incident, told, now)
        return len(flips)


def _locked(api_id: int) -> HttpApi | None:
    """The API's row, locked so that its incidents are settled by one process at a time; None once it is deleted.

    Not locked against those that only refer to it: a probe's result may come in meanwhile.
    """
    rows = HttpApi.objects.select_for_update(of=("self",), no_key=True).select_related("account")
    return rows.filter(pk=api_id).first()


def _open(api: HttpApi, flip: Flip) -> Incident:
    cause = suspected_change.suspect(api, suspected_change.onset(flip))
    return Incident.objects.create(api=api, opened_at=flip.at, suspected_change=cause)


def _join(incident: Incident, flip: Flip) -> None:
    """Put the flip's probe among those that are down."""
    member = incident.members.filter(probe=flip.probe).first()
    if member is None:
        member = IncidentProbe(incident=incident, probe=flip.probe, down_at=suspected_change.onset(flip).failed_at)
    elif member.up_at is None:
        return
    member.up_at = None
    member.reason = events.reason_of(flip.probe, flip.result or flip.probe.last_result)
    member.save()


def _sum_up(incident: Incident, told: bool, now: datetime) -> None:
    """Put the incident into one line, and tell the channels when it has just opened."""
    incident.summary = events.summary_of(incident)
    incident.save(update_fields=["summary"])
    if not told:
        outbox.announce(incident, events.OPENED, now)


def _close(incident: Incident, at: datetime, now: datetime) -> None:
    incident.state, incident.closed_at = Incident.State.CLOSED, at
    incident.save(update_fields=["state", "closed_at"])
    outbox.announce(incident, events.CLOSED, now)


def _close_unwatched(now: datetime) -> None:
    """Close what nobody watches any more: its probes were deleted or switched off, or their API is gone from AWS."""
    for incident in _unwatched():
        with transaction.atomic():
            _locked(incident.api_id)
            row = _unwatched().filter(pk=incident.pk).select_related("api__account").first()
            # A flip that came in meanwhile is told first; the next sweep looks again.
            if row is None or Flip.objects.filter(handled_at=None, probe__api=row.api_id).exists():
                continue
            _close(row, now, now)


def _take_up_again(now: datetime) -> None:
    """Tell anew of probes that fail again after their incident was closed because nobody watched.

    Their API came back to AWS, say. Their state has not changed since, so that nothing else would tell.
    """
    apis: list[Any] = list(_failing_untold().order_by().values_list("api", flat=True).distinct())
    for api in apis:
        with transaction.atomic():
            if _locked(api) is None:
                continue
            rows = _failing_untold().filter(api=api)[:FLIPS_AT_ONCE]
            Flip.objects.bulk_create(
                Flip(probe=one, at=now, before=one.state, after=one.state, result_id=one.last_result_id) for one in rows
            )


def _failing_untold() -> QuerySet[Probe]:
    held = IncidentProbe.objects.filter(probe=OuterRef("pk"), up_at=None, incident__state=Incident.State.OPEN)
    untold = Flip.objects.filter(probe=OuterRef("pk"), handled_at=None)
    closed = Incident.objects.filter(members__probe=OuterRef("pk"), state=Incident.State.CLOSED).order_by("-closed_at")
    failing = Probe.objects.filter(enabled=True, state__in=DOWN, api__gone_at=None, last_result__passed=False)
    again = failing.annotate(over=Subquery(closed.values("closed_at")[:1])).filter(last_result__at__gt=F("over"))
    return again.exclude(Exists(held)).exclude(Exists(untold))


def _unwatched() -> QuerySet[Incident]:
    held = IncidentProbe.objects.filter(HOLDING, incident=OuterRef("pk"))
    return Incident.objects.filter(~Exists(held), state=Incident.State.OPEN)
