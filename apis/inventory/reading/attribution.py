"""Attribution: find who caused drift, from CloudTrail.

CloudTrail shows an operation up to 15 minutes late, so a drift is looked for after every sync of its region until it
is found or an hour has passed. One look-up serves all drift of an account's region.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from apis.aws import AwsError, Event, events
from apis.inventory.models import Account, Attribution, Change
from apis.inventory.reading.sync import reach_of
from apis.jobs import clock

ASK_EVERY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(hours=1)
# Clocks differ, and CloudTrail's times are cut to seconds.
SLACK = timedelta(seconds=2)
LONGEST_LOOK_BACK = timedelta(days=1)
OURS = "corsdash"
"""What our own calls have in their user agent."""

NOT_SEEN = "CloudTrail shows no operation on this API in that time."
TOO_MANY = "CloudTrail has too many operations in that time; none of those read is on this API."


def unattributed(account: Account, region: str) -> QuerySet[Change]:
    """Return the drift of a region for which CloudTrail is still to be asked."""
    rows = Change.objects.filter(kind=Change.Kind.DRIFT, status="applied", api__account=account, api__region=region)
    open_rows = rows.filter(Q(attribution=None) | Q(attribution__settled=False))
    # Older drift was given up, or was there before anyone asked CloudTrail.
    return open_rows.filter(at__gt=timezone.now() - 2 * GIVE_UP_AFTER).select_related("api", "before").order_by("at")


def is_due(account: Account, region: str) -> bool:
    """Return whether some of a region's drift was not looked for within the last minute."""
    now = timezone.now()
    rows = unattributed(account, region)
    asked = Q(attribution__looked_at__gte=now - ASK_EVERY, attribution__looked_at__lte=now + clock.AHEAD)
    return rows.exclude(asked).exists()


def attribute(account: Account, region: str) -> int:
    """Ask CloudTrail once about all drift of a region without a known author; returns how many it attributed.

    The reason for a missing author is stored for the change's page.
    """
    changes = list(unattributed(account, region))
    if not changes:
        return 0
    now = timezone.now()
    since = max(min(_began(change) for change in changes), now - LONGEST_LOOK_BACK)
    # Not up to now: our own reading since fills CloudTrail's pages, newest first.
    until = min(max(change.at for change in changes) + SLACK, now)
    try:
        found, all_of_them = events(reach_of(account), region, since - SLACK, until)
        why = "" if all_of_them else TOO_MANY
    except AwsError as failure:
        found, why = [], str(failure)
    return sum(_note(change, _author(change, found), why, now) for change in changes)


def _began(change: Change) -> datetime:
    """Return when AWS cannot have been changed yet: the configuration before was seen then."""
    return change.before.at if change.before else change.at - LONGEST_LOOK_BACK


def _author(change: Change, found: Sequence[Event]) -> Event | None:
    """Return the last operation of someone else on the change's API before it was seen; `found` comes newest first.

    Prefer an operation on CORS over others: renaming an API does not change its CORS settings.
    """
    theirs = [
        event
        for event in found
        if change.api.api_id in event.names
        and _began(change) - SLACK <= event.at <= change.at + SLACK
        and OURS not in event.agent
    ]
    return next((event for event in theirs if event.on_cors), theirs[0] if theirs else None)


def _note(change: Change, event: Event | None, why: str, now: datetime) -> bool:
    values: dict[str, object] = {"looked_at": now, "settled": event is not None or now > change.at + GIVE_UP_AFTER}
    if event is None:
        values["why"] = why or NOT_SEEN
    else:
        values |= {
            "user": event.user[:500],
            "agent": event.agent[:500],
            "source_ip": event.source_ip[:100],
            "event_name": event.name[:60],
            "event_id": event.id[:100],
            "event_at": event.at,
            "why": "",
        }
    Attribution.objects.get_or_create(change=change, defaults=values)
    # Another process may have settled it first: settled changes stay.
    Attribution.objects.filter(change=change, settled=False).update(**values)
    return event is not None
