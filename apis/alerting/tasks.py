"""Celery tasks."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apis.alerting import baseline_violations, channel_health, happenings, incidents, outbox, reminders
from apis.alerting import deliveries as sending
from apis.jobs.queue import enqueue_task


@shared_task
def sweep() -> None:
    """Settle the flips, take up departures and what happened to proposals, and hand what is due to the workers.

    What a lost broker forgot is still in the tables.
    """
    incidents.settle_flips()
    baseline_violations.announce()
    outbox.announce_proposals()
    happenings.announce_happenings()
    reminders.write_reminders()
    channel_health.announce_channels(timezone.now())
    for delivery in outbox.due():
        # Not kept for long: until it is sent, each sweep hands it out again, and only one sender gets it.
        enqueue_task(deliver, delivery, expires=30)


@shared_task
def deliver(delivery: int) -> None:
    """Send one message."""
    sending.send(delivery)
