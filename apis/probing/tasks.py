"""Celery tasks."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apis.jobs.queue import enqueue_task
from apis.probing.models import Probe
from apis.probing.runs import compaction, connectivity, live_check, pruning, runner, schedule

log = logging.getLogger(__name__)


@shared_task
def tick() -> None:
    """Hand what is due to the workers."""
    schedule.beat()
    waiting = schedule.claim_ahead()
    while waiting:
        start, ids = waiting[0]
        # A worker takes it at once, and lets it wait for its second.
        wait = max(0.0, start - timezone.now().timestamp())
        options = {"countdown": wait} if wait else {}
        if not enqueue_task(run, ids, "schedule", start, expires=schedule.MAX_INTERVAL, **options):
            break
        del waiting[0]
    # Without a broker they stay due; the next tick hands them out.
    schedule.make_due(*(pk for _, ids in waiting for pk in ids))


@shared_task
def run(ids: list[int], cause: str = "schedule", start: int | None = None) -> None:
    """Run these probes; with the database away, note later that they were not run.

    `start` is the Unix time for which the schedule claimed them. Those whose next run is due meanwhile are left to it.
    """
    try:
        runner.run(ids, cause, start=start)
    except runner.NotStored as lost:
        log.warning("The results of %s probes could not be stored", len(ids), exc_info=True)
        if not enqueue_task(note_not_run, ids, lost.at.isoformat(), cause, countdown=10):
            log.warning("Neither the database nor the broker can be reached: %s results are lost", len(ids))


@shared_task(autoretry_for=(OperationalError, InterfaceError), retry_backoff=10, retry_backoff_max=300, max_retries=200)
def note_not_run(ids: list[int], at: str, cause: str) -> None:
    """Store that these probes were not run, as soon as the database is back."""
    moment: datetime | None = parse_datetime(at)
    if moment is not None:
        runner.note_not_run(ids, moment, cause)


@shared_task
def check_live(key: str) -> None:
    """Try one call for a person who waits for it."""
    live_check.run(key)


@shared_task
def learn_endpoints() -> None:
    """Learn which AWS endpoints answer this machine."""
    connectivity.learn_endpoints()


@shared_task
def prune() -> None:
    """Delete old results, then compact past days, for a limited time; the next task continues."""
    if pruning.prune() or compaction.compact():
        enqueue_task(prune)


def run_now(probe: Probe) -> bool:
    """Hand a person's run to the workers, in place of one that is due; False when the broker cannot be reached."""
    was_due = schedule.claim(probe)
    if enqueue_task(run, [probe.pk], "person", queue="interactive"):
        return True
    if was_due:
        schedule.make_due(probe.pk)
    return False
