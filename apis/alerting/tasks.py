"""Celery tasks."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_shutdown
from django.utils import timezone

from apis.alerting.alerts import baseline_violations, certificates, channel_health, happenings, pruning
from apis.alerting.incidents import incidents, reminders, suspected_change
from apis.alerting.sending import outbox
from apis.alerting.sending.senders import senders
from apis.jobs.queue import enqueue_task
from apis.probing.models import Flip


@shared_task
def sweep() -> None:
    """Settle the flips, take up violations and what happened to proposals, and hand what is due to the workers.

    What a lost broker forgot is still in the tables.
    """
    _settle()
    baseline_violations.announce()
    outbox.announce_proposals()
    happenings.announce_happenings()
    reminders.write_reminders()
    channel_health.announce_channels(timezone.now())
    certificates.announce_certificates(timezone.now())
    _hand_out()


@shared_task
def settle() -> None:
    """Settle new flips, and hand what is due to the workers: a quick part of `sweep` that runs more often."""
    if Flip.objects.filter(handled_at=None).exists():
        _settle()
    _hand_out()


def _settle() -> None:
    suspected_change.read_apis_of_flips()
    incidents.settle_flips()


def _hand_out() -> None:
    for channel, has_failed in outbox.due_channels():
        # Not kept for long: until its messages are sent, each sweep hands the channel out again.
        enqueue_task(deliver, channel, has_failed, expires=30)


@shared_task
def deliver(channel: int, has_failed: bool = False) -> None:
    """Begin to send what is due to a channel; no task waits for a receiver."""
    senders.start(channel, has_failed)


@shared_task
def prune() -> None:
    """Delete what no one needs to know any more."""
    pruning.prune_alerts()


@worker_shutdown.connect
def stop_senders(**_: Any) -> None:
    """Let a worker that stops finish the messages that it is sending."""
    senders.stop()
