"""Channels that fail for an hour: an alert on the other channels, and one when they deliver again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from apis.alerting.alerts.occasions import CHANNEL
from apis.alerting.alerts.ongoing import Condition, close_alert, open_alert, open_alerts
from apis.alerting.models import Channel, Delivery, OngoingAlert
from apis.alerting.sending import events

FAILS_FOR = timedelta(hours=1)
"""A channel that delivers nothing, and fails, for so long raises an alert."""
_PREFIX = "channel:"


def note_outcome(delivery: Delivery, error: str, now: datetime) -> None:
    """Store on its channel how an attempt went. A test that fails is for the person who sent it alone."""
    channel = Channel.objects.filter(pk=delivery.channel_id)
    if not error:
        channel.exclude(failing_since=None, last_error="").update(failing_since=None, last_error="")
    elif delivery.event != events.TEST:
        # A time in the future is from before the clock was set back.
        begun = channel.filter(Q(failing_since=None) | Q(failing_since__gt=now), enabled=True)
        begun.update(failing_since=now)
        channel.filter(enabled=True).update(last_error=error)


def announce_channels(now: datetime) -> int:
    """Open and close the alerts about channels; any number of processes may do this at once."""
    failing = {row.pk: row for row in Channel.objects.filter(_failing(now))}
    alerts = open_alerts(_PREFIX)
    written = sum(open_alert(one, now) for pk, one in _conditions(failing) if pk not in alerts)
    over = Channel.all_objects.filter(pk__in=alerts.keys() - failing.keys())
    for channel in over.filter(Q(failing_since=None) | Q(enabled=False)):
        written += close_alert(alerts[channel.pk], _condition(channel), events.CHANNEL_RECOVERED, now)
    return written


def alert_of(channel: Channel) -> OngoingAlert | None:
    """Return the open alert about a channel."""
    return OngoingAlert.objects.filter(key=f"{_PREFIX}{channel.pk}", closed_at=None).first()


def _failing(now: datetime) -> Q:
    """Match the channels that fail for long, and those that corsdash itself disabled."""
    return Q(enabled=True, failing_since__lte=now - FAILS_FOR) | (Q(enabled=False) & ~Q(disabled_reason=""))


def _conditions(rows: dict[int, Channel]) -> Iterator[tuple[int, Condition]]:
    for pk, channel in rows.items():
        yield pk, _condition(channel)


def _condition(channel: Channel) -> Condition:
    data = events.about_channel(channel)
    # Never on itself.
    return Condition(f"{_PREFIX}{channel.pk}", CHANNEL, events.CHANNEL_FAILING, data, frozenset({channel.pk}))
