"""Bulk jobs and groups of changes."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.cors.policy import PolicyError
from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.operation import Operation
from apis.editing.bulk.tasks import enqueue_bulk_job
from apis.inventory.models import HttpApi
from apis.rest.api import ERRORS, allow
from apis.rest.exchanges import Finding
from apis.rest.paging import page
from apis.rest.problems import missing
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, NoteBody, Page, Text, Time
from apis.rest.values import Cors

router = Router(tags=["bulk"])
MOST_APIS = 10_000
JobState = Literal["running", "paused", "done"]


class BulkBody(Body):
    """One operation on many APIs: entries to add or remove by field, fields to set, or a configuration to copy."""

    apis: list[int] = Field(min_length=1, max_length=MOST_APIS)
    add: dict[str, list[str]] | None = None
    remove: dict[str, list[str]] | None = None
    set: Cors | None = None
    copy_: Cors | None = Field(None, alias="copy")
    lasts: int | None = Field(None, description="Seconds after which the added origins are removed again.")
    note: str = Field("", max_length=500)


class Job(Answer):
    """A bulk job that was started, and the group of its changes."""

    job: int = Field(validation_alias="id")
    group: uuid.UUID


class JobSummary(Job):
    """A bulk job in the list."""

    title: str
    state: JobState
    total: int
    note: str
    by: Text = Field(validation_alias="created_by_name")
    created_at: Time
    finished_at: Time | None


class Why(Answer):
    """An API that a job leaves as it is, and why."""

    api: int
    why: str


class JobProgress(Job):
    """How far a bulk job got."""

    state: JobState
    done: int
    total: int
    applied: int
    skipped: list[Why]
    failed: list[Why]


class PlannedChange(Answer):
    """What a job would change of one API, and the findings new to it."""

    api: int
    summary: str
    new: list[Finding]


class BulkPlan(Answer):
    """What a job would change and what it would skip."""

    changing: list[PlannedChange]
    skipped: list[Why]


@router.post("bulk/plan", response={200: BulkPlan, **ERRORS})
def plan_job(request: HttpRequest, payload: BulkBody) -> dict[str, Any]:
    """What a job would change of each API, with the errors and warnings new to it, and which it would skip and why."""
    planned = bulk_jobs.plan(_apis(payload), _operation(payload))
    return {
        "changing": [
            {"api": one.api.pk, "summary": one.summary, "new": one.new} for one in planned if one.after is not None
        ],
        "skipped": [{"api": one.api.pk, "why": one.why} for one in planned if one.after is None],
    }


@router.post("bulk", response={202: Job, **ERRORS})
def start_job(request: HttpRequest, payload: BulkBody) -> Status[Any]:
    """Start a job; follow it at `bulk/{job}`."""
    user = allow(request, "edit")
    operation = _operation(payload)
    job = bulk_jobs.start(_apis(payload), operation, user, payload.note)
    enqueue_bulk_job(job)
    return Status(202, job)


def _operation(payload: BulkBody) -> Operation:
    return Operation.from_json(payload.model_dump(by_alias=True, exclude_unset=True, exclude={"apis", "note"}))


def _apis(payload: BulkBody) -> list[HttpApi]:
    known = [pk for pk in payload.apis if 0 < pk <= MOST_ID]
    rows = list(HttpApi.objects.filter(pk__in=known).select_related("account", "current").order_by("pk"))
    unknown = sorted(set(payload.apis) - {row.pk for row in rows})
    if unknown:
        raise PolicyError("apis", f"there is no API {unknown[0]}")
    return rows


@router.get("bulk", response={200: Page[JobSummary], **ERRORS})
def list_jobs(request: HttpRequest, listing: Query[Listing]) -> dict[str, Any]:
    """The jobs, newest first."""
    return page(request, BulkJob.objects.all(), ("-created_at", "-id"), listing)


@router.get("bulk/{int:pk}", response={200: JobProgress, **ERRORS})
def read_job(request: HttpRequest, pk: int) -> dict[str, Any]:
    """How far a job got, and which APIs were skipped or failed, and why."""
    job = _job(pk)
    counts = bulk_jobs.progress(job)
    return {
        "id": job.pk,
        "state": job.state,
        "done": counts["done"],
        "total": job.total,
        "applied": counts["applied"],
        "skipped": _rows(job, BulkItem.State.SKIPPED),
        "failed": _rows(job, BulkItem.State.FAILED),
        "group": job.group,
    }


@router.post("bulk/{int:pk}/pause", response={200: JobProgress, **ERRORS})
def pause_job(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Pause a running job after its current API."""
    allow(request, "edit")
    bulk_jobs.pause(_job(pk))
    return read_job(request, pk)


@router.post("bulk/{int:pk}/resume", response={200: JobProgress, **ERRORS})
def resume_job(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Resume a paused job."""
    allow(request, "edit")
    job = _job(pk)
    if bulk_jobs.resume(job):
        enqueue_bulk_job(job)
    return read_job(request, pk)


@router.post("bulk/{int:pk}/retry", response={200: JobProgress, **ERRORS})
def retry_job(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Retry the failed APIs, in the same group."""
    allow(request, "edit")
    job = _job(pk)
    if bulk_jobs.retry(job):
        enqueue_bulk_job(job)
    return read_job(request, pk)


@router.post("groups/{uuid:group}/revert", response={202: Job, **ERRORS})
def revert_group(request: HttpRequest, group: uuid.UUID, payload: NoteBody | None = None) -> Status[Any]:
    """Revert a group of changes as one job."""
    payload = payload or NoteBody()
    user = allow(request, "edit")
    job = bulk_jobs.start_revert(group, user, payload.note)
    enqueue_bulk_job(job)
    return Status(202, job)


def _job(pk: int) -> BulkJob:
    found = BulkJob.objects.filter(pk=pk).first()
    if found is None:
        raise missing("bulk job")
    return found


def _rows(job: BulkJob, state: str) -> list[dict[str, Any]]:
    return [{"api": item.api_id, "why": item.why} for item in job.items.filter(state=state)]
