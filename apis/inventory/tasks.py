"""Celery's ways in: each calls a verb."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from apis.inventory import attribution
from apis.inventory import sync as verbs
from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun


@shared_task
def sync() -> None:
    """The scheduled sync."""
    run = verbs.due()
    if run is not None:
        enqueue(run)


@shared_task
def sync_region(pk: int) -> None:
    """One account's region of a run."""
    region = SyncRegion.objects.select_related("account", "run").filter(pk=pk).first()
    if region is None:
        return
    verbs.run_region(region)
    if apis := verbs.needing_details(region.account, region.region):
        later(details, apis)
    if attribution.unattributed(region.account, region.region).exists():
        later(attribute, region.account_id, region.region)


@shared_task
def details(apis: list[int]) -> None:
    """The first of these APIs, with its details; then the next task goes on with the others.

    One after the other: an account's calls wait for their turns, and whatever waits holds a thread.
    """
    first, *others = apis
    try:
        refresh(first)
    finally:
        if others:
            later(details, others)


@shared_task
def attribute(account: int, region: str) -> None:
    """Ask CloudTrail who made a region's drift."""
    row = Account.objects.filter(pk=account).first()
    if row is not None:
        attribution.attribute(row, region)


@shared_task
def refresh(pk: int) -> None:
    """One API, with its details."""
    api = HttpApi.objects.select_related("account").filter(pk=pk).first()
    if api is not None:
        verbs.refresh(api)


def later(task: Task, *args: Any, **how: Any) -> bool:
    """Hand work to the workers; False when the broker cannot be reached, so that the caller can say so.

    `how` is Celery's: the `queue`, or after how many seconds it `expires`.
    """
    try:
        task.apply_async(args, **how)
    except OperationalError:
        return False
    return True


def enqueue(run: SyncRun) -> None:
    """Hand a run's regions to the workers; with the broker away the run says so and ends."""
    for region in run.regions.all():
        if not later(sync_region, region.pk):
            verbs.give_up(region, "The task queue cannot be reached. Check that the broker and a worker are running.")
