"""One operation over many APIs: what is skipped, what is changed, and that each is changed once anyone who dies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from redis import Redis

from apis.cors.policy import CorsPolicy, PolicyError
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing import tasks
from apis.editing.apply import applying
from apis.editing.apply.tasks import apply_change
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.operation import Operation, Skip
from apis.editing.bulk.tasks import enqueue_bulk_job, work_on_bulk_job
from apis.inventory.history.history import Author
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from apis.jobs import lease
from tests.demo.clients import control, new_api
from tests.support.mirrored import START

ADD = Operation.from_json({"add": {"AllowOrigins": ["https://new.example"]}})


@pytest.fixture
def apis(demo: Demo, account: Account) -> Iterator[list[HttpApi]]:
    """Five APIs: three alike, one that has the origin already, one with CORS off."""
    has = {**START, "AllowOrigins": ["https://a.example", "https://new.example"]}
    given: list[dict[str, Any]] = [{"CorsConfiguration": START}] * 3 + [{"CorsConfiguration": has}, {}]
    with ExitStack() as stack:
        rows = []
        for number, fields in enumerate(given):
            api_id = stack.enter_context(new_api(demo, "GET /items", **fields))
            row = HttpApi.objects.create(account=account, region="us-east-1", api_id=api_id, name=f"bulk-{number}")
            sync.reread_api(row)
            rows.append(HttpApi.objects.get(pk=row.pk))
        yield rows


def work(job: BulkJob) -> BulkJob:
    """Do what is left of a job, as its workers would."""
    for account in bulk_jobs.accounts_of(job):
        bulk_jobs.run_items(job.pk, account)
    job.refresh_from_db()
    return job


def states(job: BulkJob) -> list[str]:
    return list(job.items.order_by("api__name").values_list("state", flat=True))


def origins(demo: Demo, row: HttpApi) -> tuple[str, ...]:
    return CorsPolicy.from_aws(control(demo).get_api(ApiId=row.api_id).get("CorsConfiguration")).allow_origins


def test_the_plan_says_what_changes_and_why_the_rest_is_skipped(apis: list[HttpApi]) -> None:
    planned = bulk_jobs.plan(apis, ADD)
    assert [one.summary for one in planned[:3]] == ["add https://new.example"] * 3
    assert planned[3].after is None and "Already" in planned[3].why
    assert planned[4].after is None and "CORS is off" in planned[4].why


def test_what_another_tool_owns_is_left_to_it_where_the_account_says_so(apis: list[HttpApi]) -> None:
    apis[0].tags = {"managed-by": "terraform"}
    apis[0].account.refuse_owned = True
    planned = bulk_jobs.plan(apis, ADD)
    assert planned[0].after is None and "Terraform" in planned[0].why
    assert planned[1].after is not None


def test_a_job_changes_each_api_once_as_one_group(apis: list[HttpApi], demo: Demo, editor: User) -> None:
    job = work(bulk_jobs.start(apis, ADD, editor, "new front end"))
    assert states(job) == ["applied"] * 3 + ["skipped"] * 2
    assert job.state == "done"
    changes = Change.objects.filter(group=job.group)
    assert {(one.kind, one.status, one.note, one.actor) for one in changes} == {
        ("bulk", "applied", "new front end", editor)
    }
    assert len(changes) == 3
    assert origins(demo, apis[0]) == ("https://a.example", "https://new.example")


def test_what_others_changed_meanwhile_is_kept(apis: list[HttpApi], demo: Demo, editor: User) -> None:
    job = bulk_jobs.start(apis[:1], ADD, editor)
    control(demo).update_api(ApiId=apis[0].api_id, CorsConfiguration={"AllowOrigins": ["https://theirs.example"]})
    assert states(work(job)) == ["applied"]
    assert origins(demo, apis[0]) == ("https://theirs.example", "https://new.example")


def test_one_that_fails_does_not_stop_the_others(apis: list[HttpApi], faults: Faults, editor: User) -> None:
    faults.add("refuse", operation="UpdateApi", api=apis[1].api_id)
    job = work(bulk_jobs.start(apis[:3], ADD, editor))
    assert states(job) == ["applied", "failed", "applied"]
    failed = job.items.get(state="failed")
    assert "grant" in failed.why and "apigateway:PATCH" in failed.why


def test_a_worker_that_died_in_the_middle_of_an_api_is_taken_over(
    apis: list[HttpApi], demo: Demo, editor: User
) -> None:
    job = bulk_jobs.start(apis[:3], ADD, editor)
    # A worker leased the first, began its change, and is gone; its lease has run out.
    item = bulk_jobs._lease(job.pk, apis[0].account_id)
    assert item is not None
    change = bulk_jobs._begin(job, item)
    BulkItem.objects.filter(pk=item.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert change.status == "pending"
    BulkJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert bulk_jobs.forgotten() == [(job.pk, apis[0].account_id)]
    assert states(work(job)) == ["applied"] * 3
    assert Change.objects.filter(group=job.group).count() == 3
    assert origins(demo, apis[0]).count("https://new.example") == 1


def test_what_the_only_worker_held_is_free_for_its_successor(apis: list[HttpApi], editor: User) -> None:
    job, paused = (bulk_jobs.start(apis[:2], ADD, editor) for _ in range(2))
    for one in (job, paused):
        assert bulk_jobs._lease(one.pk, apis[0].account_id) is not None
    bulk_jobs.pause(paused)
    assert states(work(job)) == ["running", "applied"]
    assert lease.release("interactive") == 0, "that worker is alive"
    assert lease.release("requested") == 3, "what each job is at, and the one that is done and leased still"
    assert states(work(job)) == ["applied"] * 2
    assert states(paused) == ["running", "waiting"]


def test_a_worker_that_dies_between_a_change_and_its_item_leaves_neither(apis: list[HttpApi], editor: User) -> None:
    job = bulk_jobs.start(apis[:1], ADD, editor)
    item = bulk_jobs._lease(job.pk, apis[0].account_id)
    assert item is not None

    class Died(Exception):
        """The process is gone."""

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "apis_bulkitem" in sql and "change_id" in sql:
            raise Died
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die), pytest.raises(Died):
        bulk_jobs._begin(job, item)
    assert not Change.objects.filter(status="pending").exists()
    BulkItem.objects.filter(pk=item.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert states(work(job)) == ["applied"]


def test_a_lease_keeps_a_second_worker_away(apis: list[HttpApi], editor: User) -> None:
    job = bulk_jobs.start(apis[:1], ADD, editor)
    assert bulk_jobs._lease(job.pk, apis[0].account_id) is not None
    assert bulk_jobs._lease(job.pk, apis[0].account_id) is None


def test_what_is_worked_on_is_not_handed_out_again(apis: list[HttpApi], editor: User) -> None:
    job = bulk_jobs.start(apis[:3], ADD, editor)
    BulkJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert bulk_jobs.forgotten() == [(job.pk, apis[0].account_id)]
    # One API is done, and the worker is about to take the next.
    assert bulk_jobs.run_items(job.pk, apis[0].account_id, seconds=0)
    assert bulk_jobs.forgotten() == []
    BulkItem.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert bulk_jobs.forgotten() == [(job.pk, apis[0].account_id)]


def test_a_lease_of_a_clock_that_was_set_back_holds_no_one_up(apis: list[HttpApi], editor: User) -> None:
    job = bulk_jobs.start(apis[:1], ADD, editor)
    assert bulk_jobs._lease(job.pk, apis[0].account_id) is not None
    BulkItem.objects.filter(job=job).update(leased_until=timezone.now() + timedelta(days=1))
    BulkJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert bulk_jobs.forgotten() == [(job.pk, apis[0].account_id)]
    assert states(work(job)) == ["applied"]


def test_a_paused_job_waits_and_goes_on(apis: list[HttpApi], editor: User) -> None:
    job = bulk_jobs.start(apis[:3], ADD, editor)
    assert bulk_jobs.pause(job)
    assert states(work(job)) == ["waiting"] * 3
    assert bulk_jobs.resume(job)
    assert states(work(job)) == ["applied"] * 3


def test_a_group_is_reverted_as_one_but_not_over_later_changes(apis: list[HttpApi], demo: Demo, editor: User) -> None:
    job = work(bulk_jobs.start(apis[:3], ADD, editor))
    later = HttpApi.objects.get(pk=apis[1].pk)
    author = Author("panel", user=editor)
    applying.carry_out(
        applying.begin(later, CorsPolicy.from_aws({"AllowOrigins": ["https://z.example"]}), None, author)
    )
    back = work(bulk_jobs.start_revert(job.group, editor))
    assert states(back) == ["applied", "skipped", "applied"]
    assert origins(demo, apis[0]) == ("https://a.example",)
    assert origins(demo, apis[1]) == ("https://z.example",)
    assert {one.kind for one in Change.objects.filter(group=back.group)} == {"revert"}


def test_a_change_made_while_a_revert_waits_is_not_reverted_either(
    apis: list[HttpApi], demo: Demo, editor: User
) -> None:
    job = work(bulk_jobs.start(apis[:2], ADD, editor))
    back = bulk_jobs.start_revert(job.group, editor)
    bulk_jobs.pause(back)
    urgent = CorsPolicy.from_aws({"AllowOrigins": ["https://urgent.example"]})
    applying.carry_out(applying.begin(HttpApi.objects.get(pk=apis[1].pk), urgent, None, Author("panel", user=editor)))
    bulk_jobs.resume(back)
    assert states(work(back)) == ["applied", "skipped"]
    assert origins(demo, apis[1]) == ("https://urgent.example",)
    assert back.items.get(api=apis[1]).why == bulk_jobs.CHANGED_SINCE


def test_a_user_who_may_not_change_apis_any_more_changes_none(apis: list[HttpApi], demo: Demo, editor: User) -> None:
    job = bulk_jobs.start(apis[:2], ADD, editor)
    editor.groups.clear()
    assert states(work(job)) == ["skipped", "skipped"]
    assert "may no longer change APIs" in job.items.all()[0].why
    assert job.state == "done" and origins(demo, apis[0]) == ("https://a.example",)


def test_one_that_breaks_does_not_stop_the_others(
    apis: list[HttpApi], editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, real = bulk_jobs.start(apis[:3], ADD, editor), applying.carry_out

    def broken(change: Change) -> Change:
        if change.api_id == apis[0].pk:
            raise RuntimeError("unforeseen")
        return real(change)

    monkeypatch.setattr(applying, "carry_out", broken)
    assert states(work(job)) == ["failed", "applied", "applied"]
    assert "RuntimeError" in job.items.get(api=apis[0]).why


def test_an_origin_that_gets_in_through_a_wider_entry_is_not_called_removed(apis: list[HttpApi]) -> None:
    policy = CorsPolicy.from_aws({"AllowOrigins": ["*"]})
    with pytest.raises(Skip, match="stays allowed by the entry"):
        Operation.from_json({"remove": {"AllowOrigins": ["https://a.example"]}}).apply(policy)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"remove": {"AllowOrigins": ["https://a.example"]}}, "nothing to remove"),
        ({"set": {"MaxAge": 5}}, "turn it on"),
    ],
)
def test_where_cors_is_off_each_operation_says_what_it_would_do(operation: dict[str, Any], message: str) -> None:
    with pytest.raises(Skip, match=message):
        Operation.from_json(operation).apply(CorsPolicy.off())


def test_a_job_and_its_verifications_wait_in_the_background(apis: list[HttpApi], editor: User, broker: Redis) -> None:
    """Behind other jobs and syncs; probes, messages and single changes never wait behind it."""
    broker.flushdb()
    job = bulk_jobs.start(apis, ADD, editor)
    enqueue_bulk_job(job)
    # A sweep hands out what no one has begun, and does not let that pile up in a queue that is long.
    BulkJob.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep()
    work_on_bulk_job(job.pk, apis[0].account_id)

    def waiting(queue: str) -> list[tuple[str, bool]]:
        headers = [json.loads(one)["headers"] for one in reversed(broker.lrange(queue, 0, -1))]
        return [(one["task"].rpartition(".")[2], bool(one["expires"])) for one in headers]

    assert waiting("requested") == [("work_on_bulk_job", False), ("work_on_bulk_job", True)]
    assert waiting("background") == [("verify_change", False)] * 3
    assert broker.llen("celery") == 0
    broker.flushdb()


def test_a_paused_job_leaves_no_change_half_way(
    apis: list[HttpApi], editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker died between the intent and the write; the API must not stay locked until someone lets it go on."""
    job = bulk_jobs.start(apis[:1], ADD, editor)
    item = bulk_jobs._lease(job.pk, apis[0].account_id)
    assert item is not None
    change = bulk_jobs._begin(job, item)
    Change.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(minutes=2))
    handed: list[int] = []
    monkeypatch.setattr(
        tasks, "enqueue_task", lambda task, pk, *_, **__: handed.append(pk) if task is apply_change else None
    )
    tasks.sweep()
    assert handed == []
    bulk_jobs.pause(job)
    tasks.sweep()
    assert handed == [change.pk]


def test_a_group_that_is_back_already_says_so(apis: list[HttpApi], editor: User) -> None:
    job = work(bulk_jobs.start(apis[:2], ADD, editor))
    work(bulk_jobs.start_revert(job.group, editor))
    again = work(bulk_jobs.start_revert(job.group, editor))
    assert {item.why for item in again.items.all()} == {"Already as requested."}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"set": {"AllowOrigins": None}}, "set.AllowOrigins"),
        ({"set": {"MaxAge": None}}, "set.MaxAge"),
        ({"add": {"AllowOrigins": ["https://a.example\0"]}}, "add.AllowOrigins"),
        ({"add": {"AllowOrigins": ["https://" + "a" * 600 + ".example"]}, "lasts": 3600}, "lasts"),
        ({}, "add"),
        ({"add": {"MaxAge": [1]}}, "add.MaxAge"),
        ({"add": {"AllowOrigins": "x"}}, "AllowOrigins"),
        ({"set": {"MaxAge": "soon"}}, "MaxAge"),
        ({"drop": 1}, "drop"),
    ],
)
def test_an_operation_that_is_none_names_the_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(PolicyError) as found:
        Operation.from_json(given)
    assert found.value.field == field
