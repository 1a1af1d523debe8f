"""Test messages."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from apis.access import audit
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import events


def test(channel: Channel, user: AbstractBaseUser) -> Delivery:
    """Ask for a test message to a channel, enabled or not; the next sweep sends it, once and without retries."""
    now = timezone.now()
    data = events.about_test(channel, user.get_username())
    row = Delivery.objects.create(channel=channel, event=events.TEST, data=data, created_at=now, next_attempt_at=now)
    audit.record(user, "tested a channel", channel.name)
    return row
