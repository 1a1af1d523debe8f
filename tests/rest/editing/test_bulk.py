"""Bulk edits over REST: one operation on many APIs as a job, and the whole group reverted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing.bulk.models import BulkJob
from apis.inventory.models import Account, Change, HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import new_api
from tests.rest.conftest import Program
from tests.support.mirrored import START
from tests.support.servers import until

ADD = {"AllowOrigins": ["https://new.example"]}


@pytest.fixture
def two(demo: Demo, account: Account) -> Iterator[list[HttpApi]]:
    """Two APIs, both with START."""
    with new_api(demo, CorsConfiguration=START) as one, new_api(demo, CorsConfiguration=START) as other:
        rows = []
        for api_id in (one, other):
            row = HttpApi.objects.create(account=account, region="us-east-1", api_id=api_id, name=api_id)
            sync.refresh(row)
            rows.append(row)
        yield rows


def followed(writer: Program, job: int) -> Any:
    """The job once it is done."""
    return until(lambda: (found := writer.get(f"bulk/{job}").good())["state"] == "done" and found, "the job is done")


def origins(writer: Program, rows: list[HttpApi]) -> list[list[str]]:
    return [writer.get(f"apis/{row.pk}").good()["cors"]["AllowOrigins"] for row in rows]


def test_a_job_changes_each_api_and_is_reverted_as_one(worker: Any, writer: Program, two: list[HttpApi]) -> None:
    ids = [row.pk for row in two]
    started = writer.post("bulk", {"apis": ids, "add": ADD, "note": "ticket 9"}).good(202)
    done = followed(writer, started["job"])
    assert {"state": "done", "done": 2, "total": 2, "skipped": [], "failed": []}.items() <= done.items()
    assert origins(writer, two) == [["https://a.example", "https://new.example"]] * 2
    [rows] = writer.pages("changes?limit=200")
    ours = [row for row in rows if row["group"] == done["group"]]
    assert sorted(row["api"] for row in ours) == sorted(ids)
    assert {(row["kind"], row["note"], row["status"]) for row in ours} == {("bulk", "ticket 9", "applied")}

    back = writer.post(f"groups/{done['group']}/revert", {"note": "oh no"}).good(202)
    assert followed(writer, back["job"])["done"] == 2
    assert origins(writer, two) == [["https://a.example"]] * 2


def test_says_why_an_api_was_skipped_or_failed(
    worker: Any, writer: Program, two: list[HttpApi], faults: Faults
) -> None:
    faults.add("refuse", operation="UpdateApi", api=two[1].api_id)
    off = HttpApi.objects.create(account=two[0].account, region="us-east-1", api_id="none000000", name="off")
    job = writer.post("bulk", {"apis": [row.pk for row in [*two, off]], "add": ADD}).good(202)["job"]
    done = followed(writer, job)
    assert [(row["api"], bool(row["why"])) for row in done["failed"]] == [(two[1].pk, True)]
    assert [(row["api"], bool(row["why"])) for row in done["skipped"]] == [(off.pk, True)]
    assert (done["total"], done["applied"]) == (3, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"apis": [], "add": ADD}, "apis"),
        ({"add": ADD}, "apis"),
        ({"apis": ["x"], "add": ADD}, "apis.0"),
        ({"apis": [4711], "add": ADD}, "apis"),
        ({"apis": [10**30], "add": ADD}, "apis"),
        ({"apis": [-1], "add": ADD}, "apis"),
        ({"apis": [0]}, "add"),
        ({"apis": [0], "add": {}}, "add"),
        ({"apis": [0], "add": {"MaxAge": ["5"]}}, "add.MaxAge"),
        ({"apis": [0], "add": {"AllowOrigins": "x"}}, "add.AllowOrigins"),
        ({"apis": [0], "remove": {"Origins": ["x"]}}, "remove.Origins"),
        ({"apis": [0], "set": {"MaxAge": "x"}}, "MaxAge"),
        ({"apis": [0], "copy": {"Nope": 1}}, "Nope"),
        ({"apis": [0], "add": ADD, "note": "x" * 501}, "note"),
    ],
)
def test_names_the_field_at_fault(writer: Program, api: HttpApi, body: dict[str, Any], field: str) -> None:
    body = {**body, "apis": [api.pk if one == 0 else one for one in body["apis"]]} if "apis" in body else body
    writer.post("bulk", body).problem(422, field)
    assert not BulkJob.objects.exists()


def test_pause_and_resume(queued: None, writer: Program, two: list[HttpApi]) -> None:
    """Without a worker nothing moves, so that there is time to pause."""
    job = writer.post("bulk", {"apis": [row.pk for row in two], "add": ADD}).good(202)["job"]
    assert writer.post(f"bulk/{job}/pause").good()["state"] == "paused"
    assert writer.post(f"bulk/{job}/resume").good()["state"] == "running"
    assert writer.get(f"bulk/{job}").good()["done"] == 0


def test_what_is_not_there(writer: Program, api: HttpApi) -> None:
    writer.get("bulk/4711").problem(404)
    writer.post("bulk/4711/pause").problem(404)
    group = "00000000-0000-4000-8000-000000000000"
    writer.post(f"groups/{group}/revert", {"note": ""}).problem(404)
    assert Change.objects.exclude(kind="discovered").count() == 0
