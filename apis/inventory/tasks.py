"""Celery's ways in: each calls a verb."""

from __future__ import annotations

from celery import shared_task

from apis.inventory import sync as verbs
from apis.inventory.models import HttpApi, SyncRegion, SyncRun


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
    for api in verbs.needing_details(region.account, region.region):
        refresh.delay(api)


@shared_task
def refresh(pk: int) -> None:
    """One API, with its details."""
    api = HttpApi.objects.select_related("account").filter(pk=pk).first()
    if api is not None:
        verbs.refresh(api)


def enqueue(run: SyncRun) -> None:
    """Hand a run's regions to the workers."""
    for pk in run.regions.values_list("pk", flat=True):
        sync_region.delay(pk)
