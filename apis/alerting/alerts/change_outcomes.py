"""Alerts about what a change brought: new findings, and a verification that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apis.alerting.alerts.occasions import FINDING, VERIFICATION, Happening, Occasion, rank
from apis.alerting.channels.message import Severity
from apis.alerting.models import AlertNotice, Incident
from apis.alerting.sending import events
from apis.cors import lint
from apis.cors.policy import CorsPolicy
from apis.editing.apply.models import Verification
from apis.editing.apply.verification import ProbeCheck, checks
from apis.editing.bulk.models import BulkJob
from apis.inventory.lint_context import context_of
from apis.inventory.models import BaselineViolation, Change

RECENT = timedelta(hours=1)
SETTLES_IN = timedelta(minutes=2)
"""So long an incident that names the change may open; it says more, so that nothing else is sent."""
AT_ONCE = 100
MOST_IN_GROUP = 200
"""Changes of a bulk change that its message looks at."""
ALERTED: dict[str, Severity] = {"error": "error", "warning": "warning"}
"""The severities of findings that are news, as severities of alerts; notes are not."""


def findings(now: datetime) -> Iterator[Happening]:
    """Yield errors and warnings that a change brought; one message for all of a bulk change."""
    # A message about drift says what it brought; about drift from a baseline there is no such message.
    departed = BaselineViolation.objects.filter(Q(change=OuterRef("pk")) | Q(ended_by=OuterRef("pk")))
    rows = _settled(now).filter(settled_at__lte=now - SETTLES_IN).exclude(kind=Change.Kind.GUARD)
    rows = rows.filter(~Q(kind=Change.Kind.DRIFT) | Exists(departed))
    for key, changes in _by_cause(rows, "finding"):
        found = None if _is_named(changes[0]) else finding_of(key, changes)
        yield found or Happening(key, events.FINDING, None, {})


def finding_of(key: str, changes: Sequence[Change]) -> Happening | None:
    """Return the alert about the findings that these changes brought, None when there are none."""
    brought = [(change, new_findings(change)) for change in changes]
    brought = [(change, found) for change, found in brought if found]
    if not brought:
        return None
    every = [finding for _, found in brought for finding in found]
    worst = max((ALERTED[finding.severity] for finding in every), key=rank)
    apis = [change.api for change, _ in brought]
    change, found = brought[0]
    data = events.about_findings(change, sorted(found, key=lambda one: one.severity != "error"), apis)
    return Happening(key, events.FINDING, Occasion.about(apis, FINDING, worst), data)


def new_findings(change: Change) -> list[lint.Finding]:
    """Return the errors and warnings of a change's configuration that the one before it did not have."""
    context = context_of(change.api)
    before, after = (one.policy if one else CorsPolicy.off() for one in (change.before, change.after))
    known = {(one.code, one.field, one.value) for one in lint.findings(before, context)}
    found = [one for one in lint.findings(after, context) if one.severity in ALERTED]
    return [one for one in found if (one.code, one.field, one.value) not in known]


def verifications(now: datetime) -> Iterator[Happening]:
    """Changes after which probes fail that passed before, unless they were reverted automatically."""
    ended = {"verification__done_at__gt": now - RECENT, "verification__done_at__lte": now - SETTLES_IN}
    reverted = Change.objects.filter(reverts=OuterRef("pk"), kind=Change.Kind.GUARD)
    rows = _settled(now).filter(**ended).exclude(kind=Change.Kind.GUARD).exclude(Exists(reverted))
    for key, changes in _by_cause(rows, "verification"):
        yield _verification(key, changes)


def _verification(key: str, changes: Sequence[Change]) -> Happening:
    failed: list[tuple[Change, list[ProbeCheck]]] = []
    if not _is_named(changes[0]):
        failed = [(change, [one for one in checks(change) if one.regressed]) for change in changes]
        failed = [(change, regressed) for change, regressed in failed if regressed]
    if not failed:
        return Happening(key, events.VERIFICATION_FAILED, None, {})
    apis = [change.api for change, _ in failed]
    probes = [check.probe for _, regressed in failed for check in regressed]
    data = events.about_verification(failed[0][0], probes, apis)
    return Happening(key, events.VERIFICATION_FAILED, Occasion.about(apis, VERIFICATION), data)


def _settled(now: datetime) -> QuerySet[Change]:
    rows = Change.objects.filter(at__gt=now - 2 * RECENT, settled_at__gt=now - RECENT, status=Change.Status.APPLIED)
    rows = rows.exclude(kind=Change.Kind.DISCOVERED).order_by("at", "id")
    return rows.select_related("api__account", "attribution", "before", "after")


def _by_cause(rows: QuerySet[Change], name: str) -> Iterator[tuple[str, list[Change]]]:
    """Yield those that nobody was notified of: each change alone, those of a bulk change together once it has ended."""
    for change in _unnoticed(rows.filter(group=None), name):
        yield f"{name}:{change.pk}", [change]
    running = BulkJob.objects.filter(group=OuterRef("group"), finished_at=None)
    unverified = Verification.objects.filter(change__group=OuterRef("group"), done_at=None)
    grouped = rows.exclude(group=None).exclude(Exists(running)).exclude(Exists(unverified))
    groups: list[Any] = list(grouped.order_by().values_list("group", flat=True).distinct()[:AT_ONCE])
    keys = {f"{name}-group:{group}": group for group in groups}
    known = set(AlertNotice.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in keys.keys() - known:
        changes = list(rows.filter(group=keys[key])[:MOST_IN_GROUP])
        if changes:
            yield key, changes


def _unnoticed(rows: QuerySet[Change], name: str) -> QuerySet[Change]:
    key = Concat(Value(f"{name}:"), Cast(OuterRef("pk"), CharField()))
    return rows.exclude(Exists(AlertNotice.objects.filter(key=key)))[:AT_ONCE]


def _is_named(change: Change) -> bool:
    """Return whether an incident suspects the change, or the bulk change that it is part of."""
    suspected = Q(suspected_change=change)
    if change.group is not None:
        suspected |= Q(suspected_change__group=change.group)
    return Incident.objects.filter(suspected).exists()
