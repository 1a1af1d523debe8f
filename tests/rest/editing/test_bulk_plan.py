"""A bulk edit's plan, its pauses and another try, over REST."""

from __future__ import annotations

from typing import Any

from apis.editing.bulk.models import BulkItem, BulkJob
from apis.inventory.models import HttpApi
from tests.rest.conftest import Program


def test_a_plan_says_what_changes_what_is_new_and_what_is_skipped(reader: Program, api: HttpApi) -> None:
    body = {"apis": [api.pk], "add": {"AllowOrigins": ["*"]}}
    notified = reader.post("bulk/plan", body).good()
    [row] = notified["changing"]
    assert (row["api"], row["summary"], notified["skipped"]) == (api.pk, "add *", [])
    assert {one["field"] for one in row["new"]} == {"AllowOrigins"}
    notified = reader.post("bulk/plan", {"apis": [api.pk], "set": {"MaxAge": 600}}).good()
    assert notified == {"changing": [], "skipped": [{"api": api.pk, "why": "Already as requested."}]}
    reader.post("bulk/plan", {"apis": [0], "set": {"MaxAge": 5}}).problem(422, "apis")
    assert not BulkJob.objects.exists()


def test_a_job_is_paused_goes_on_and_tries_again(queued: None, writer: Program, api: HttpApi) -> None:
    job: Any = writer.post("bulk", {"apis": [api.pk], "set": {"MaxAge": 5}}).good(202)["job"]
    assert writer.post(f"bulk/{job}/pause").good()["state"] == "paused"
    assert writer.post(f"bulk/{job}/resume").good()["state"] == "running"
    BulkItem.objects.update(state="failed", why="AWS was away.")
    BulkJob.objects.update(state="done")
    assert writer.get(f"bulk/{job}").good()["failed"] == [{"api": api.pk, "why": "AWS was away."}]
    notified = writer.post(f"bulk/{job}/retry").good()
    assert (notified["state"], notified["failed"], notified["done"]) == ("running", [], 0)
    [rows] = writer.pages("bulk")
    assert [row["job"] for row in rows] == [job]
