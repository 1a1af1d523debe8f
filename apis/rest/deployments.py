"""Deploying the stages that do not deploy by themselves."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from apis.editing.apply import deployments
from apis.editing.apply.models import Deployment
from apis.editing.apply.tasks import deploy_stage
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.rest import response_schemas
from apis.rest.api import ERRORS, allow
from apis.rest.apis import find_api
from apis.rest.problems import missing
from apis.rest.request_schemas import Body
from apis.rest.serializers import time
from apis.rest.values import Time

router = Router(tags=["apis"])


class DeploymentBody(Body):
    """The stage to deploy; everything that waits in the API goes live in it."""

    stage: str = Field(min_length=1, max_length=128)


class DeploymentAnswer(response_schemas.Answer):
    """A deployment; `deployment` is AWS's id, once it is done."""

    id: int
    api: int
    stage: str
    state: Literal["waiting", "running", "done", "failed"]
    actor: str
    at: Time
    finished_at: Time | None
    deployment: str | None
    error: str | None


@router.post("apis/{int:pk}/deployments", response={202: DeploymentAnswer, **ERRORS})
def start(request: HttpRequest, pk: int, payload: DeploymentBody) -> Status[Any]:
    """Deploy a stage that does not deploy by itself; follow it at `deployments/{id}`."""
    user, api = allow(request, "edit"), find_api(pk)
    row = deployments.ask(api, payload.stage, user)
    if not enqueue_task(deploy_stage, row.pk):
        row = deployments.give_up(row, NOTHING_SENT)
    return Status(202, shape(row))


@router.get("deployments/{int:pk}", response={200: DeploymentAnswer, **ERRORS})
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    """How a deployment goes."""
    row = Deployment.objects.filter(pk=pk).first()
    if row is None:
        raise missing("deployment")
    return shape(row)


def shape(row: Deployment) -> dict[str, Any]:
    """A deployment."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "stage": row.stage,
        "state": row.state,
        "actor": row.asked_by_name,
        "at": time(row.at),
        "finished_at": time(row.finished_at) if row.finished_at else None,
        "deployment": row.deployment_id or None,
        "error": row.error or None,
    }
