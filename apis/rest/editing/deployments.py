"""Deploying stages without auto-deploy."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from apis.editing.apply import deployments
from apis.editing.apply.models import Deployment as DeploymentRow
from apis.editing.apply.tasks import deploy_stage
from apis.jobs.queue import NOTHING_SENT, enqueue_task
from apis.rest.api import ERRORS, allow
from apis.rest.inventory.apis import find_api
from apis.rest.problems import missing
from apis.rest.schemas import Answer, Body, Text, Time

router = Router(tags=["apis"])


class DeploymentBody(Body):
    """The stage to deploy; everything that waits in the API goes live in it."""

    stage: str = Field(min_length=1, max_length=128)


class Deployment(Answer):
    """A deployment; `deployment` is AWS's id, once it is done."""

    id: int
    api: int = Field(validation_alias="api_id")
    stage: str
    state: Literal["waiting", "running", "done", "failed"]
    actor: str = Field(validation_alias="asked_by_name")
    at: Time
    finished_at: Time | None
    deployment: Text = Field(validation_alias="deployment_id")
    error: Text


@router.post("apis/{int:pk}/deployments", response={202: Deployment, **ERRORS})
def start_deployment(request: HttpRequest, pk: int, payload: DeploymentBody) -> Status[Any]:
    """Deploy a stage without auto-deploy; follow it at `deployments/{id}`."""
    user, api = allow(request, "edit"), find_api(pk)
    row = deployments.request_deployment(api, payload.stage, user)
    if not enqueue_task(deploy_stage, row.pk):
        row = deployments.give_up(row, NOTHING_SENT)
    return Status(202, row)


@router.get("deployments/{int:pk}", response={200: Deployment, **ERRORS})
def read_deployment(request: HttpRequest, pk: int) -> DeploymentRow:
    """Return the state of a deployment."""
    row = DeploymentRow.objects.filter(pk=pk).first()
    if row is None:
        raise missing("deployment")
    return row
