"""Bulk jobs stay within an account's call budget, measured where the calls arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.auth.models import User

from apis.demo.serve import Demo
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkJob
from apis.editing.bulk.operation import Operation
from apis.editing.bulk.tasks import enqueue_bulk_job
from apis.inventory.history import history
from apis.inventory.models import Account, HttpApi
from tests.demo.clients import new_api
from tests.support.mirrored import START
from tests.support.servers import until

MOST_IN_A_SECOND = 5


@pytest.fixture
def apis(demo: Demo, transactional_db: None, settings: Any) -> Iterator[list[HttpApi]]:
    """Twelve APIs of one account, which is asked at the pace at which AWS's accounts are."""
    settings.CORSDASH_DEMO_ENDPOINT = demo.endpoint
    account = Account.objects.create(name="paced", regions=["us-east-1"], endpoint_url=demo.endpoint)
    with ExitStack() as stack:
        rows = []
        for number in range(12):
            api_id = stack.enter_context(new_api(demo, "GET /items", CorsConfiguration=START))
            row = HttpApi.objects.create(account=account, region="us-east-1", api_id=api_id, name=f"paced-{number}")
            history.record_live(row, START, row.first_seen_at)
            rows.append(HttpApi.objects.select_related("account", "current").get(pk=row.pk))
        yield rows


def test_two_jobs_at_once_never_make_more_than_five_calls_in_a_second(
    apis: list[HttpApi], demo: Demo, editor: User, worker: Any
) -> None:
    demo.calls.clear()
    jobs = [
        bulk_jobs.start(
            apis[part::2], Operation.from_json({"add": {"AllowOrigins": [f"https://{part}.example"]}}), editor
        )
        for part in (0, 1)
    ]
    for job in jobs:
        assert enqueue_bulk_job(job)
    until(lambda: BulkJob.objects.filter(state="done").count() == 2, "both jobs are done", 60)
    ours = {api.api_id for api in apis}
    came = sorted(call.at for call in demo.calls if call.api in ours)
    assert len(came) == 2 * len(apis), "one reading and one writing for each API"
    most = max(sum(start <= at < start + 1 for at in came) for start in came)
    assert most <= MOST_IN_A_SECOND
    assert came[-1] - came[0] < 2 * len(apis) / 3, "the budget is used, too"
    assert [job.items.filter(state="applied").count() for job in jobs] == [6, 6]
