"""Deploying a stage over REST: asked for, followed, refused."""

from __future__ import annotations

from typing import Any

import pytest

from apis.demo.serve import Demo
from apis.editing.apply.models import Deployment
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import control
from tests.rest.conftest import Program
from tests.support.servers import until


@pytest.fixture
def staged(api: HttpApi, demo: Demo) -> HttpApi:
    """The API with a stage that is deployed by hand."""
    control(demo).create_stage(ApiId=api.api_id, StageName="prod", AutoDeploy=False)
    sync.refresh(api)
    return api


def test_a_stage_is_deployed(worker: Any, staged: HttpApi, writer: Program) -> None:
    asked = writer.post(f"apis/{staged.pk}/deployments", {"stage": "prod"}).good(202)
    assert (asked["stage"], asked["actor"], asked["api"]) == ("prod", "ed", staged.pk)

    def ended() -> Any:
        found = writer.get(f"deployments/{asked['id']}").good()
        return found if found["state"] in ("done", "failed") else None

    found = until(ended, "the deployment ends")
    assert (found["state"], found["error"]) == ("done", None)
    assert found["deployment"] and found["finished_at"]


def test_what_cannot_be_deployed_names_the_field(writer: Program, staged: HttpApi) -> None:
    writer.post(f"apis/{staged.pk}/deployments", {"stage": "$default"}).problem(422, "stage")
    writer.post(f"apis/{staged.pk}/deployments", {}).problem(422, "stage")
    writer.get("deployments/999999").problem(404)


def test_only_editors_deploy_and_not_in_a_read_only_account(reader: Program, writer: Program, staged: HttpApi) -> None:
    reader.post(f"apis/{staged.pk}/deployments", {"stage": "prod"}).problem(403)
    type(staged.account).objects.filter(pk=staged.account_id).update(read_only=True)
    writer.post(f"apis/{staged.pk}/deployments", {"stage": "prod"}).problem(409)
    assert not Deployment.objects.exists()
