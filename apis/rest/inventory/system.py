"""Sync and health."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from apis.inventory.models import Account, SyncRegion, SyncRun
from apis.inventory.reading import sync
from apis.inventory.tasks import enqueue
from apis.rest import health as state
from apis.rest.api import ERRORS, allow
from apis.rest.problems import Problem, missing
from apis.rest.schemas import Answer, Body, Text, Time

router = Router(tags=["system"])


class SyncBody(Body):
    """What to sync; everything when empty."""

    account: str = ""
    region: str = ""


class Run(Answer):
    """A sync that was started."""

    run: int = Field(validation_alias="id")


class RegionProgress(Answer):
    """One account's region in a sync."""

    account: str
    region: str
    state: Literal["waiting", "running", "done", "failed"]
    found: int
    changed: int
    drifted: int
    gone: int
    error: Text

    @staticmethod
    def resolve_account(row: SyncRegion) -> str:
        """Return the account's name."""
        return row.account.name


class RunProgress(Run):
    """The progress of a sync."""

    state: Literal["running", "done", "failed"]
    started_at: Time
    finished_at: Time | None
    regions: list[RegionProgress]

    @staticmethod
    def resolve_state(row: SyncRun) -> str:
        """Return whether it runs, is done, or has failed in some region."""
        if row.finished_at is None:
            return "running"
        return "failed" if any(region.state == "failed" for region in row.regions.all()) else "done"


class Health(Answer):
    """What works and what does not."""

    status: Literal["ok", "degraded"]
    database: Literal["ok", "full", "unreachable"]
    broker: Literal["ok", "full", "unreachable"]
    scheduler: Literal["ok", "late", "unknown"]


@router.post("sync", response={202: Run, **ERRORS})
def start_sync(request: HttpRequest, payload: SyncBody | None = None) -> Status[Any]:
    """Start a sync; follow it at `sync/{run}`."""
    user = allow(request, "edit")
    asked = payload or SyncBody()
    account = None
    if asked.account:
        account = Account.objects.filter(name=asked.account).first()
        if account is None:
            message = "there is no account of this name"
            raise Problem(422, f"account: {message}", [{"field": "account", "message": message}])
    try:
        run = sync.start(user, account, asked.region)
    except ValueError as error:
        raise Problem(422, f"region: {error}", [{"field": "region", "message": str(error)}]) from error
    enqueue(run)
    return Status(202, run)


@router.get("sync/{int:pk}", response={200: RunProgress, **ERRORS})
def read_sync(request: HttpRequest, pk: int) -> SyncRun:
    """Return the progress of a sync."""
    run = SyncRun.objects.prefetch_related("regions__account").filter(pk=pk).first()
    if run is None:
        raise missing("sync")
    return run


class Alive(Answer):
    """A sign of life."""

    status: Literal["ok"]


@router.get("health/live", auth=None, response={200: Alive})
def check_liveness(request: HttpRequest) -> dict[str, str]:
    """Whether the web process answers at all, for orchestrators that restart it otherwise."""
    return {"status": "ok"}


@router.get("health/ready", auth=None, response={200: Health, 503: Health})
def check_readiness(request: HttpRequest) -> Status[Any]:
    """Whether requests can be served and work handed on, for load balancers: 503 without database or broker."""
    parts = state.parts()
    serves = parts["database"] != "unreachable" and parts["broker"] != "unreachable"
    status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    return Status(200 if serves else 503, {"status": status, **parts})


@router.get("health", auth=None, response={200: Health, 503: Health})
def check_health(request: HttpRequest) -> Status[Any]:
    """Whether corsdash works, for load balancers and people: 503 only when it cannot serve pages at all."""
    parts = state.parts()
    status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    return Status(503 if parts["database"] == "unreachable" else 200, {"status": status, **parts})
