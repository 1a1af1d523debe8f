"""Every kind of work is taken up by one worker at a time, and by another one when that worker dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.editing.apply import deployments, verification
from apis.editing.apply.models import Deployment, Verification
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.grants import expiry
from apis.editing.grants.models import Grant
from apis.editing.review import scheduled
from apis.editing.review.models import Proposal
from apis.inventory.models import Account, Change, HttpApi
from apis.jobs import lease
from apis.jobs.claims import Claims, Retry

WORKERS = 6


def mirrored() -> HttpApi:
    """An API without anything around it."""
    account = Account.objects.create(name="claims", regions=["us-east-1"])
    return HttpApi.objects.create(account=account, region="us-east-1", api_id="x", name="claimed")


def proposal(api: HttpApi, now: Any) -> Proposal:
    return Proposal.objects.create(api=api, state="scheduled", kind="panel", proposer_name="ann", at=now, try_at=now)


def grant(api: HttpApi, now: Any) -> Grant:
    return Grant.objects.create(api=api, origin="https://a.example", state="active", lasts=60, at=now, try_at=now)


def item(api: HttpApi, now: Any) -> BulkItem:
    job = BulkJob.objects.create(operation={}, title="a job", created_at=now, state="running", total=1)
    return BulkItem.objects.create(job=job, api=api)


def deployment(api: HttpApi, now: Any) -> Deployment:
    return Deployment.objects.create(api=api, stage="prod", asked_by_name="ann", at=now)


def pending_verification(api: HttpApi, now: Any) -> Verification:
    change = Change.objects.create(api=api, kind="panel", status="applied", at=now, settled_at=now, actor_name="ann")
    return Verification.objects.create(change=change, try_at=now)


def delivery(api: HttpApi, now: Any) -> Delivery:
    channel = Channel.objects.create(kind="webhook", name="ops", url="https://hooks.example")
    return Delivery.objects.create(channel=channel, event="test", data={}, created_at=now, next_attempt_at=now)


KINDS: dict[str, tuple[Claims[Any], Callable[[HttpApi, Any], Model]]] = {
    "proposal": (scheduled.CLAIMS, proposal),
    "grant": (expiry.CLAIMS, grant),
    "bulk item": (bulk_jobs.CLAIMS, item),
    "deployment": (deployments.CLAIMS, deployment),
    "verification": (verification.CLAIMS, pending_verification),
    "delivery": (deliveries.CLAIMS, delivery),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[Claims[Any], Callable[[HttpApi, Any], Model]]:
    return KINDS[request.param]


def made(kind: Any) -> tuple[Claims[Any], Any]:
    """A row that is due a second ago, and how its kind is claimed."""
    claims, make = kind
    return claims, make(mirrored(), timezone.now() - timedelta(seconds=1))


def test_of_many_workers_one_gets_it(kind: Any, transactional_db: None) -> None:
    claims, row = made(kind)
    start = threading.Barrier(WORKERS)

    def work(_: int) -> Any:
        start.wait(10)
        try:
            return claims.claim(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        got = [one for one in pool.map(work, range(WORKERS)) if one is not None]
    assert [one.pk for one in got] == [row.pk]


def test_it_is_another_workers_when_the_first_dies(kind: Any, db: None) -> None:
    claims, row = made(kind)
    first = claims.claim(row.pk)
    assert first is not None
    assert claims.claim(row.pk) is None
    assert not claims.due_rows().exists()
    with time_machine.travel(timezone.now() + claims.lasts + timedelta(seconds=1), tick=True):
        assert [one.pk for one in claims.due_rows()] == [row.pk]
        second = claims.claim(row.pk)
        assert second is not None
        assert not claims.mine(first).exists(), "the first worker comes back late"
        assert claims.mine(second).exists()


def test_a_worker_that_comes_back_late_stores_nothing(kind: Any, db: None) -> None:
    claims, row = made(kind)
    late = claims.claim(row.pk)
    assert late is not None
    with time_machine.travel(timezone.now() + claims.lasts + timedelta(seconds=1), tick=True):
        second = claims.claim(row.pk)
        assert second is not None
        assert claims.finish(late) is False
        assert claims.finish(second) is True
    row.refresh_from_db()
    assert row.leased_until is None


def test_a_lease_of_a_clock_that_was_set_back_holds_nothing_up(kind: Any, db: None) -> None:
    claims, row = made(kind)
    with time_machine.travel(timezone.now() + lease.LONGEST + timedelta(hours=1), tick=True):
        assert claims.claim(row.pk) is not None
    assert claims.claim(row.pk) is not None


RETRIES: dict[str, tuple[Retry, Callable[[], list[int]]]] = {
    "proposal": (scheduled.RETRY, scheduled.waiting),
    "grant": (expiry.RETRY, expiry.waiting),
    "verification": (verification.RETRY, verification.pending),
    "delivery": (outbox.RETRY, outbox.due),
}
"""The kinds that are tried again later, and what their sweep finds due; the others are ready until they are done."""


@pytest.fixture(params=RETRIES)
def waiting(request: pytest.FixtureRequest, db: None) -> tuple[Any, Retry, Callable[[], bool]]:
    """A row that was tried once, how its kind waits, and whether its sweep finds it."""
    retry, sweep = RETRIES[request.param]
    _, row = made(KINDS[request.param])
    if retry.tries:
        type(row).objects.filter(pk=row.pk).update(tries=1)
    found = row.change_id if request.param == "verification" else row.pk
    return row, retry, lambda: sweep() == [found]


def put(row: Any, **ahead: timedelta) -> None:
    """Store times so far from now."""
    now = timezone.now()
    type(row).objects.filter(pk=row.pk).update(**{name: now + wait for name, wait in ahead.items()})


def test_a_pause_is_waited_for(waiting: Any) -> None:
    row, retry, is_due = waiting
    assert is_due()
    put(row, **{retry.column: retry.pauses[min(1, len(retry.pauses) - 1)]})
    assert not is_due()


def test_a_retry_time_of_a_clock_that_was_set_back_is_pulled_back(waiting: Any) -> None:
    row, retry, is_due = waiting
    put(row, **{retry.column: retry.pauses[-1] + timedelta(hours=1)})
    assert is_due()
    if retry.tries:
        put(row, **{retry.column: retry.pauses[1] + timedelta(minutes=2)})
        assert is_due(), "longer than the pause after its first try"


def test_a_delivery_that_was_last_tried_in_the_future_is_due(db: None) -> None:
    _, row = made(KINDS["delivery"])
    put(row, next_attempt_at=timedelta(hours=1))
    assert outbox.due() == []
    now = timezone.now()
    row.attempts.create(at=now + timedelta(minutes=59), error="HTTP 500")
    assert outbox.due() == [row.pk]
    row.attempts.create(at=now, error="HTTP 500")
    assert outbox.due() == [], "the latest attempt counts"


def test_what_is_planned_for_later_waits_however_far_ahead(waiting: Any) -> None:
    row, retry, is_due = waiting
    if retry.planned:
        put(row, **{retry.column: timedelta(days=30), retry.planned: timedelta(days=30)})
        assert not is_due()
