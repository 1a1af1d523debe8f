"""Alerts about what happened once, such as drift, a failed change, a new finding, an unreadable region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from apis.alerting.alerts import change_outcomes
from apis.alerting.alerts.occasions import CHANGE, DRIFT, GRANT, UNREADABLE, Happening, Occasion
from apis.alerting.models import AlertNotice
from apis.alerting.sending import events
from apis.alerting.sending.notifying import Notifier
from apis.editing.grants.models import Grant
from apis.inventory.models import BaselineViolation, Change, SyncRegion

RECENT = timedelta(hours=1)
"""What happened longer ago is no news: nobody is notified of it when corsdash was off for a while."""
AT_ONCE = 100
REGIONS_END_IN = timedelta(minutes=2)
"""So long a message about a region waits for the other regions of its account in the same sync."""


def announce_happenings(now: datetime | None = None) -> int:
    """Write the messages about what happened recently, once each; any number of processes may do this at once."""
    now = now or timezone.now()
    # Most of the time there are none, and then one question answers four.
    changed = Change.objects.filter(at__gt=now - 2 * RECENT).exclude(kind=Change.Kind.DISCOVERED).exists()
    finders = [*OF_OTHERS, *(OF_CHANGES if changed else ())]
    return sum(_announce(one, now) for find in finders for one in find(now))


def _announce(happening: Happening, now: datetime) -> int:
    try:
        with transaction.atomic():
            AlertNotice.objects.create(key=happening.key, at=now)
            said = [AlertNotice(key=key, at=now) for key in happening.covers]
            AlertNotice.objects.bulk_create(said, ignore_conflicts=True)
            notifier = Notifier(now)
            reached: set[int] = set()
            view: Happening | None = happening
            while view is not None:
                if view.occasion is not None:
                    reached |= notifier.add(view.occasion, view.event, view.data, already=reached)
                view = view.also
            return notifier.write()
    except IntegrityError:
        # Another sweep was faster.
        return 0


def _unnoticed[Row: Model](rows: QuerySet[Row], prefix: str) -> QuerySet[Row]:
    """Return those that nobody was notified of, at most AT_ONCE."""
    key = Concat(Value(f"{prefix}:"), Cast(OuterRef("pk"), CharField()))
    return rows.exclude(Exists(AlertNotice.objects.filter(key=key)))[:AT_ONCE]


def _recent_changes(now: datetime) -> QuerySet[Change]:
    # By `at`, which is indexed; a change settles within the hour.
    rows = Change.objects.filter(at__gt=now - 2 * RECENT, settled_at__gt=now - RECENT)
    return rows.select_related("api__account", "attribution", "before", "after").order_by("at", "id")


def _drift(now: datetime) -> Iterator[Happening]:
    """Yield drift, unless a message about the API's baseline says the same."""
    announced = BaselineViolation.objects.filter(Q(change=OuterRef("pk")) | Q(ended_by=OuterRef("pk")))
    rows = _recent_changes(now).filter(kind=Change.Kind.DRIFT, status=Change.Status.APPLIED).exclude(Exists(announced))
    for change in _unnoticed(rows, "drift"):
        key, data = f"drift:{change.pk}", events.about_change(change)
        if also := change_outcomes.finding_of(key, [change]):
            data |= {name: also.data[name] for name in ("findings", "findings_total")}
        yield Happening(key, events.DRIFTED, Occasion.about(change.api, DRIFT), data, also)


def _changes(now: datetime) -> Iterator[Happening]:
    """Changes that failed, and those that the guard reverted; of a bulk change one for all."""
    reverted = Q(kind=Change.Kind.GUARD, status=Change.Status.APPLIED)
    rows = _recent_changes(now).filter(Q(status=Change.Status.FAILED) | reverted)
    for change in _unnoticed(rows.filter(group=None), "change"):
        yield _change(f"change:{change.pk}", change)
    groups = set(rows.exclude(group=None).order_by().values_list("group", flat=True).distinct()[:AT_ONCE])
    keys = {f"group:{group}": group for group in groups}
    for key in keys.keys() - set(AlertNotice.objects.filter(key__in=keys).values_list("key", flat=True)):
        first = rows.filter(group=keys[key]).first()
        if first is not None:
            yield _change(key, first)


def _change(key: str, change: Change) -> Happening:
    event = events.CHANGE_FAILED if change.status == Change.Status.FAILED else events.CHANGE_REVERTED
    return Happening(key, event, Occasion.about(change.api, CHANGE), events.about_change(change))


def _regions(now: datetime) -> Iterator[Happening]:
    """Yield regions that cannot be read any more: one message for those of an account in one sync."""
    earlier = SyncRegion.objects.filter(
        account=OuterRef("account"), region=OuterRef("region"), pk__lt=OuterRef("pk"), finished_at__isnull=False
    ).order_by("-pk")
    rows = SyncRegion.objects.filter(
        state=SyncRegion.State.FAILED, run__started_at__gt=now - 2 * RECENT, finished_at__gt=now - RECENT
    )
    # Others of the account may fail by the same cause in a moment.
    unfinished = SyncRegion.objects.filter(run=OuterRef("run"), account=OuterRef("account"), finished_at=None)
    rows = rows.filter(Q(finished_at__lte=now - REGIONS_END_IN) | ~Exists(unfinished))
    fresh = rows.annotate(before=Subquery(earlier.values("state")[:1])).exclude(before=SyncRegion.State.FAILED)
    found: dict[tuple[int, int], list[SyncRegion]] = {}
    for row in _unnoticed(fresh.select_related("account").order_by("pk"), "region"):
        found.setdefault((row.run_id, row.account_id), []).append(row)
    for (_, account), group in found.items():
        first, *others = [f"region:{row.pk}" for row in group]
        occasion = Occasion(UNREADABLE, "error", account=account)
        yield Happening(first, events.UNREADABLE, occasion, events.about_regions(group), covers=tuple(others))


def _grants(now: datetime) -> Iterator[Happening]:
    """Yield grants whose end has passed and could not be carried out."""
    rows = Grant.objects.filter(ends_at__gt=now - RECENT, ends_at__lte=now, removal=None).exclude(error="")
    if not rows.exists():
        return
    for grant in _unnoticed(rows.select_related("api__account").order_by("pk"), "grant"):
        occasion = Occasion.about(grant.api, GRANT)
        yield Happening(f"grant:{grant.pk}", events.GRANT_STUCK, occasion, events.about_grant(grant))


OF_CHANGES = (_drift, _changes, change_outcomes.findings, change_outcomes.verifications)
OF_OTHERS = (_regions, _grants)
