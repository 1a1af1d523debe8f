"""Sweep over editing: resume what a dead worker or a lost broker left."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from celery import shared_task
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apis.editing.apply import deployments, verification
from apis.editing.apply.tasks import apply_change, deploy_stage, verify_change
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.tasks import work_on_bulk_job
from apis.editing.grants import expiry, lifecycle
from apis.editing.grants.tasks import end_grant
from apis.editing.review import proposals, scheduled
from apis.editing.review.tasks import apply_proposal
from apis.inventory.models import Change
from apis.jobs import clock
from apis.jobs.queue import enqueue_task
from apis.probing.sets import in_step

LOST_AFTER = timedelta(seconds=60)
"""A change that has been pending for longer was being applied by a process that died."""


@shared_task
def sweep() -> None:
    """Take up what a dead worker or a lost broker left half-way.

    Each sweep hands it out again until someone has it, so what waits in a long queue expires and does not pile up.
    """
    again = partial(enqueue_task, expires=60)
    now = timezone.now()
    # One that begins in the future was stored by a clock that was set back, or follows one that was.
    old = Q(at__lt=now - LOST_AFTER) | Q(at__gt=now + clock.AHEAD)
    lost = Change.objects.filter(old, status=Change.Status.PENDING)
    # Those of a job that runs are taken up by it; one that is paused leaves no change of an API half-way.
    running = BulkItem.objects.filter(change=OuterRef("pk"), job__state=BulkJob.State.RUNNING)
    for pk in lost.exclude(Exists(running)).values_list("pk", flat=True):
        again(apply_change, pk)
    for job, account in bulk_jobs.forgotten():
        again(work_on_bulk_job, job, account)
    proposals.suspend_conflicts()
    for pk in scheduled.waiting():
        again(apply_proposal, pk)
    lifecycle.follow()
    in_step.sweep()
    for pk in expiry.waiting():
        again(end_grant, pk)
    for pk in verification.pending():
        again(verify_change, pk)
    for pk in deployments.forgotten():
        again(deploy_stage, pk)
