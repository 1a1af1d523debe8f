"""Celery tasks."""

from __future__ import annotations

from celery import shared_task

from apis.editing.apply import applying, deployments, verification
from apis.editing.apply.models import Deployment
from apis.inventory.models import Change
from apis.inventory.tasks import refresh
from apis.jobs.queue import enqueue_task


@shared_task
def apply_change(pk: int) -> None:
    """Send a pending change to AWS, then verify it."""
    change = Change.objects.filter(pk=pk).first()
    if change is not None and applying.carry_out(change).status == Change.Status.APPLIED:
        verify_change(pk)


@shared_task
def verify_change(pk: int) -> None:
    """Run the probes because of an applied change. The sweep takes up what is lost or due for a retry."""
    verification.verify(Change.objects.select_related("api", "before", "after").get(pk=pk))


@shared_task
def deploy_stage(pk: int) -> None:
    """Deploy a stage, then read what AWS has of it and run the API's probes."""
    row = deployments.carry_out(pk)
    if row is not None and row.state == Deployment.State.DONE:
        enqueue_task(refresh, row.api_id)
        verification.verify_deployment(row.api_id, row.pk)
