"""Celery's ways in: each calls a verb."""

from __future__ import annotations

from celery import shared_task

from apis.editing import apply as applying
from apis.editing import prove
from apis.inventory.models import Change


@shared_task
def apply(pk: int) -> None:
    """Send a pending change to AWS, then prove it."""
    change = Change.objects.filter(pk=pk).first()
    if change is not None and applying.carry_out(change).status == Change.Status.APPLIED:
        prove_change(pk)


@shared_task
def prove_change(pk: int) -> None:
    """Run the probes because of an applied change."""
    prove.prove(Change.objects.select_related("api", "before").get(pk=pk))
