"""Celery tasks."""

from __future__ import annotations

from celery import shared_task

from apis.editing.apply.tasks import verify_change
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkJob
from apis.editing.grants import lifecycle
from apis.jobs.queue import enqueue_task


@shared_task
def work_on_bulk_job(job: int, account: int) -> None:
    """Work on one account's part of a bulk job for a limited time; the next task continues. Each change is verified.

    In the background: the probes of a thousand changes would delay all others.
    """
    more = bulk_jobs.run_items(
        job, account, bulk_jobs.SLICE_S, lambda change: enqueue_task(verify_change, change.pk, queue="background")
    )
    lifecycle.follow()
    if more:
        enqueue_task(work_on_bulk_job, job, account)


def enqueue_bulk_job(job: BulkJob) -> bool:
    """Hand a bulk job to the workers; False when the broker is away: the sweep does it then."""
    return all(enqueue_task(work_on_bulk_job, job.pk, account) for account in bulk_jobs.accounts_of(job))
