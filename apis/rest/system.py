"""Sync and health."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from apis.inventory import sync
from apis.inventory.models import Account, SyncRun
from apis.inventory.tasks import enqueue
from apis.rest import health as state
from apis.rest import request_schemas, response_schemas, serializers
from apis.rest.api import ERRORS, allow
from apis.rest.problems import Problem, missing

router = Router(tags=["system"])


@router.post("sync", response={202: response_schemas.Run, **ERRORS})
def start(request: HttpRequest, payload: request_schemas.SyncBody | None = None) -> Status[Any]:
    """Start a sync; follow it at `sync/{run}`."""
    user = allow(request, "edit")
    asked = payload or request_schemas.SyncBody()
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
    return Status(202, {"run": run.pk})


@router.get("sync/{int:pk}", response={200: response_schemas.RunProgress, **ERRORS})
def progress(request: HttpRequest, pk: int) -> dict[str, Any]:
    """How far a sync got."""
    run = SyncRun.objects.filter(pk=pk).first()
    if run is None:
        raise missing("sync")
    return serializers.sync_run(run)


@router.get("health", auth=None, response={200: response_schemas.Health, 503: response_schemas.Health})
def health(request: HttpRequest) -> Status[Any]:
    """Whether corsdash works, for load balancers and people: 503 only when it cannot serve pages at all."""
    parts = state.parts()
    status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    return Status(503 if parts["database"] == "unreachable" else 200, {"status": status, **parts})
