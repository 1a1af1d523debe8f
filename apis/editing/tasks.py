"""Celery's ways in: each calls a verb."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from celery import shared_task
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apis.editing.apply import applying, deployments, verification
from apis.editing.bulk import bulk_jobs
from apis.editing.grants import expiry, lifecycle
from apis.editing.models import BulkItem, BulkJob, Deployment, Grant, Proposal
from apis.editing.review import proposals, scheduled
from apis.inventory.models import Change
from apis.inventory.tasks import refresh
from apis.jobs.queue import enqueue_task

# A change that has been pending for longer was being applied by a process that died.
LOST_AFTER = timedelta(seconds=60)


@shared_task
def apply(pk: int) -> None:
    """Send a pending change to AWS, then prove it."""
    change = Change.objects.filter(pk=pk).first()
    if change is not None and applying.carry_out(change).status == Change.Status.APPLIED:
        lifecycle.follow()
        prove_change(pk)


@shared_task
def prove_change(pk: int) -> None:
    """Run the probes because of an applied change. If this is lost, or has to be tried again, the sweep sees to it."""
    verification.prove(Change.objects.select_related("api", "before", "after").get(pk=pk))


@shared_task
def bulk_work(job: int, account: int) -> None:
    """One account's part of a bulk job, for a while; then the next task goes on. Each change is proven.

    In the background as well: the probes of a thousand changes would hold up everybody else's.
    """
    if bulk_jobs.work(
        job, account, bulk_jobs.SLICE_S, lambda change: enqueue_task(prove_change, change.pk, queue="background")
    ):
        enqueue_task(bulk_work, job, account)


@shared_task
def apply_proposal(pk: int) -> None:
    """Apply a proposal that is due, then prove it."""
    change = scheduled.carry_out(pk)
    if change is not None and change.status == Change.Status.APPLIED:
        lifecycle.follow()
        prove_change(change.pk)


@shared_task
def end_grant(pk: int) -> None:
    """End a grant that is due, then prove it."""
    change = expiry.carry_out(pk)
    if change is not None and change.status == Change.Status.APPLIED:
        prove_change(change.pk)


@shared_task
def deploy(pk: int) -> None:
    """Deploy a stage, then read what AWS has of it and run the API's probes."""
    row = deployments.carry_out(pk)
    if row is not None and row.state == Deployment.State.DONE:
        enqueue_task(refresh, row.api_id)
        verification.prove_deployment(row.api_id, row.pk)


@shared_task
def sweep() -> None:
    """Take up what a dead worker or a lost broker left half-way.

    Each sweep hands it out again until somebody has it, so what waits in a long queue expires and does not pile up.
    """
    again = partial(enqueue_task, expires=60)
    lost = Change.objects.filter(status=Change.Status.PENDING, at__lt=timezone.now() - LOST_AFTER)
    # Those of a job that runs are taken up by it; one that is paused leaves no change of an API half-way.
    running = BulkItem.objects.filter(change=OuterRef("pk"), job__state=BulkJob.State.RUNNING)
    for pk in lost.exclude(Exists(running)).values_list("pk", flat=True):
        again(apply, pk)
    for job, account in bulk_jobs.forgotten():
        again(bulk_work, job, account)
    proposals.suspend_conflicts()
    for pk in scheduled.waiting():
        again(apply_proposal, pk)
    lifecycle.follow()
    for pk in expiry.waiting():
        again(end_grant, pk)
    for pk in verification.owed():
        again(prove_change, pk)
    for pk in deployments.forgotten():
        again(deploy, pk)


def hand_over_grant(grant: Grant) -> bool:
    """Hand a grant that is to end now to the workers; False when the broker does not answer: the sweep does it then."""
    return enqueue_task(end_grant, grant.pk)


def hand_over(proposal: Proposal) -> bool:
    """Hand a proposal that is due to the workers; False when the broker does not answer: the sweep does it then."""
    if proposal.state == Proposal.State.SCHEDULED and proposal.try_at and proposal.try_at <= timezone.now():
        return enqueue_task(apply_proposal, proposal.pk)
    return True


def enqueue(job: BulkJob) -> bool:
    """Hand a bulk job to the workers; False when the broker does not answer: the sweep does it then."""
    return all(enqueue_task(bulk_work, job.pk, account) for account in bulk_jobs.accounts_of(job))
