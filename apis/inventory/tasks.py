"""Celery tasks. Those of the background queue let calls that a person waits for go first at AWS."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task
from django.conf import settings

from apis.aws import in_background
from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun
from apis.inventory.reading import attribution, live_read
from apis.inventory.reading import sync as verbs
from apis.jobs.pause import is_paused
from apis.jobs.queue import UNREACHABLE, enqueue_task


@shared_task
def sync() -> None:
    """Start the scheduled sync."""
    run = verbs.due()
    if run is not None:
        enqueue(run)


@shared_task
def sync_region(pk: int) -> None:
    """Sync one account's region of a run, unless the run gave it up."""
    region = SyncRegion.objects.select_related("account", "run").filter(pk=pk).first()
    if region is None or region.state in (SyncRegion.State.DONE, SyncRegion.State.FAILED):
        return
    if is_paused(settings.DATA) and enqueue_task(sync_region, pk, countdown=1):
        return
    if region.run.asked_by_id:
        verbs.run_region(region)
    else:
        with in_background():
            verbs.run_region(region)
    # The next sync asks again for what is not read or attributed until then.
    again = settings.CORSDASH_SYNC_SECONDS
    if apis := verbs.needing_details(region.account, region.region):
        enqueue_task(details, apis, expires=again)
    if attribution.unattributed(region.account, region.region).exists():
        enqueue_task(attribute, region.account_id, region.region, expires=again)


@shared_task
def details(apis: list[int]) -> None:
    """Read the first of these APIs with its details, then hand on the others.

    One after the other: an account's calls wait for their turns, and whatever waits holds a thread.
    """
    first, *others = apis
    api = HttpApi.objects.select_related("account").filter(pk=first, details_at=None).first()
    try:
        if api is not None:
            with in_background():
                verbs.refresh(api)
    finally:
        if others:
            enqueue_task(details, others, expires=settings.CORSDASH_SYNC_SECONDS)


@shared_task
def attribute(account: int, region: str) -> None:
    """Ask CloudTrail who made a region's drift, unless it was asked a moment ago."""
    row = Account.objects.filter(pk=account).first()
    if row is not None and attribution.is_due(row, region):
        with in_background():
            attribution.attribute(row, region)


@shared_task
def refresh(pk: int) -> None:
    """Read one API with its details, as a person asked for it."""
    api = HttpApi.objects.select_related("account").filter(pk=pk).first()
    if api is not None:
        verbs.refresh(api)


@shared_task
def refresh_in_background(pk: int, asked_at: float) -> None:
    """Read one API with its details for a viewer, unless it was read since `asked_at`."""
    api = HttpApi.objects.select_related("account").filter(pk=pk).first()
    if api is not None and not verbs.read_since(api, datetime.fromtimestamp(asked_at, UTC)):
        with in_background():
            verbs.refresh(api)


@shared_task
def read_live(pk: int, asked_at: float) -> None:
    """Read one API's configuration for someone who waits for it, unless it was read since `asked_at`."""
    live_read.carry_out(pk, datetime.fromtimestamp(asked_at, UTC))


def enqueue(run: SyncRun) -> None:
    """Hand a run's regions to the workers; when the broker does not answer, the run says so and ends.

    A person's run goes before the scheduled ones.
    """
    options = {"queue": "requested"} if run.asked_by_id else {}
    for region in run.regions.all():
        if not enqueue_task(sync_region, region.pk, **options):
            verbs.give_up(region, UNREACHABLE)
