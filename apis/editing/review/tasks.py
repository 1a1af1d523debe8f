"""Celery tasks."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from apis.editing.apply.tasks import verify_change
from apis.editing.grants import lifecycle
from apis.editing.review import scheduled
from apis.editing.review.models import Proposal
from apis.inventory.models import Change
from apis.jobs.queue import enqueue_task


@shared_task
def apply_proposal(pk: int) -> None:
    """Apply a proposal that is due, then verify its change."""
    change = scheduled.carry_out(pk)
    if change is not None and change.status == Change.Status.APPLIED:
        lifecycle.follow()
        verify_change(change.pk)


def enqueue_proposal(proposal: Proposal) -> bool:
    """Hand a proposal that is due to the workers; False when the broker does not answer: the sweep does it then."""
    if proposal.state == Proposal.State.SCHEDULED and proposal.try_at and proposal.try_at <= timezone.now():
        return enqueue_task(apply_proposal, proposal.pk)
    return True
