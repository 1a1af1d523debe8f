"""Celery's ways in: each calls a verb."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apis.jobs.queue import enqueue_task
from apis.probing import runner as running
from apis.probing import schedule
from apis.probing.models import Result

KEEP_RESULTS = timedelta(days=14)


@shared_task
def tick() -> None:
    """Hand what is due to the workers."""
    schedule.beat()
    for ids in schedule.batches(schedule.claim_due()):
        enqueue_task(run, ids, expires=schedule.MAX_INTERVAL)


@shared_task
def run(ids: list[int], cause: str = "schedule") -> None:
    """Run these probes."""
    running.run(ids, cause)


@shared_task
def prune() -> None:
    """Forget results older than KEEP_RESULTS; flips and changes stay."""
    Result.objects.filter(at__lt=timezone.now() - KEEP_RESULTS).delete()
