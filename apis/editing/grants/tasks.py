"""Celery tasks."""

from __future__ import annotations

from celery import shared_task

from apis.editing.apply.tasks import apply_change, verify_change
from apis.editing.grants import expiry, lifecycle
from apis.editing.grants.models import Grant
from apis.inventory.models import Change
from apis.jobs.queue import enqueue_task


@shared_task
def apply_grant(pk: int) -> None:
    """Apply the change that allows a grant's origin, then begin the grant."""
    apply_change(pk)
    lifecycle.follow()


@shared_task
def end_grant(pk: int) -> None:
    """End a grant that is due, then verify the change."""
    change = expiry.carry_out(pk)
    if change is not None and change.status == Change.Status.APPLIED:
        verify_change(change.pk)


def enqueue_grant_end(grant: Grant) -> bool:
    """Hand a grant that is to end now to the workers; False when the broker does not answer: the sweep does it then."""
    return enqueue_task(end_grant, grant.pk)
