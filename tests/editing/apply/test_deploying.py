"""A stage without auto-deploy: pointed out, deployed from here, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from apis.access.models import AuditEvent
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing.apply import deployments, verification
from apis.editing.apply.models import Deployment
from apis.errors import AppError
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits as probes
from apis.probing.models import Result
from tests.demo.clients import control
from tests.support.axe import accessible
from tests.support.pages import flat
from tests.support.servers import until

Edit = Callable[..., Change]


@pytest.fixture
def staged(api: HttpApi, demo: Demo) -> HttpApi:
    """The API with a stage that waits for deployments by hand."""
    control(demo).create_stage(ApiId=api.api_id, StageName="prod", AutoDeploy=False)
    sync.refresh(api)
    return HttpApi.objects.select_related("account", "current").get(pk=api.pk)


def deployed(demo: Demo, api: HttpApi) -> list[Any]:
    """What AWS has of deployments to the stage."""
    stages = control(demo).get_stages(ApiId=api.api_id)["Items"]
    return [stage["DeploymentId"] for stage in stages if stage["StageName"] == "prod" and stage.get("DeploymentId")]


def test_a_change_waits_until_its_stage_is_deployed(staged: HttpApi, edit: Edit, demo: Demo, editor: User) -> None:
    (stage,) = deployments.stages_by_hand(staged)
    assert (stage.name, stage.latest, stage.waiting_for) == ("prod", None, None)
    change = edit(AllowOrigins=["https://b.example"])
    (stage,) = deployments.stages_by_hand(staged)
    assert stage.waiting_for == change
    row = deployments.request_deployment(staged, "prod", editor)
    assert deployments.stages_by_hand(staged)[0].busy
    done = deployments.carry_out(row.pk)
    assert done is not None and (done.state, done.error) == ("done", "")
    assert deployed(demo, staged) == [done.deployment_id]
    (stage,) = deployments.stages_by_hand(staged)
    assert (stage.latest, stage.waiting_for, stage.busy) == (row, None, False)
    assert deployments.carry_out(row.pk) is None


def test_a_stage_that_deploys_automatically_is_none(api: HttpApi, editor: User) -> None:
    assert deployments.stages_by_hand(api) == []
    with pytest.raises(AppError, match="No stage"):
        deployments.request_deployment(api, "prod", editor)


def test_a_failure_says_why(staged: HttpApi, faults: Faults, editor: User) -> None:
    faults.add("refuse", operation="CreateDeployment", api=staged.api_id)
    done = deployments.carry_out(deployments.request_deployment(staged, "prod", editor).pk)
    assert done is not None and done.state == "failed"
    assert "apigateway:POST" in done.error


def test_asking_twice_deploys_once(staged: HttpApi, editor: User) -> None:
    assert deployments.request_deployment(staged, "prod", editor) == deployments.request_deployment(
        staged, "prod", editor
    )


def test_what_a_dead_worker_left_is_taken_up(staged: HttpApi, editor: User, demo: Demo) -> None:
    row = deployments.request_deployment(staged, "prod", editor)
    long_ago = timezone.now() - 2 * deployments.CLAIMS.lasts
    Deployment.objects.filter(pk=row.pk).update(
        state="running", leased_until=timezone.now() + deployments.CLAIMS.lasts, at=long_ago
    )
    assert deployments.forgotten() == []
    assert deployments.carry_out(row.pk) is None
    Deployment.objects.filter(pk=row.pk).update(leased_until=long_ago)
    assert deployments.forgotten() == [row.pk]
    assert deployments.carry_out(row.pk) is not None
    assert len(deployed(demo, staged)) == 1


def test_a_read_only_account_refuses(staged: HttpApi, editor: User) -> None:
    staged.account.read_only = True
    with pytest.raises(AppError, match="read-only"):
        deployments.request_deployment(staged, "prod", editor)


def test_only_editors_deploy(client: Client, viewer: User, staged: HttpApi) -> None:
    client.force_login(viewer)
    assert "Deploy prod" not in client.get(f"/apis/{staged.pk}/").content.decode()
    assert client.post(f"/apis/{staged.pk}/deploy/", {"stage": "prod"}).status_code == 403


def test_it_is_pointed_out_where_one_edits(signed_in: Client, staged: HttpApi) -> None:
    for page in (
        signed_in.get(f"/apis/{staged.pk}/configure/"),
        signed_in.post(f"/apis/{staged.pk}/plan/", {"AllowOrigins": "https://b.example", "version": staged.version}),
    ):
        assert "Stage prod does not deploy automatically" in flat(page)
        assert "Deploy prod</button>" not in page.content.decode()


BLIND = "Stage prod needs a deployment first. Automatic revert does not cover it."


def test_the_verification_says_what_the_guard_does_not_watch(staged: HttpApi, edit: Edit, signed_in: Client) -> None:
    """A probe of the stage passes as long as nothing is deployed to it, and the guard is done by then."""
    probes.save(staged, {"origin": "https://a.example", "path": "/items"})
    for guard, shown in ((True, True), (False, False)):
        change = edit(AllowOrigins=["https://a.example"], AllowMethods=["GET"], MaxAge=60 + guard, guard=guard)
        verification.verify(change)
        page = flat(signed_in.get(f"/changes/{change.pk}/verification/"))
        assert (BLIND in page) is shown


def test_a_guard_that_watches_all_stages_says_no_such_thing(api: HttpApi, edit: Edit, signed_in: Client) -> None:
    probes.save(api, {"origin": "https://a.example", "path": "/items"})
    change = edit(AllowOrigins=["https://a.example"], AllowMethods=["GET"], guard=True)
    assert "does not cover" not in signed_in.get(f"/changes/{change.pk}/verification/").content.decode()


def test_it_is_deployed_from_the_changes_page(
    signed_in_page: Page, live_server: Any, worker: Any, staged: HttpApi, edit: Edit, demo: Demo
) -> None:
    change = edit(AllowOrigins=["https://b.example"])
    probes.save(staged, {"origin": "https://b.example", "path": "/items"})
    page = signed_in_page
    page.goto(live_server.url + change.get_absolute_url())
    expect(page.get_by_text("Stage prod needs a deployment")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Deploy prod").click()
    expect(page.get_by_text("by ada", exact=False).first).to_be_visible()
    expect(page.get_by_text("Deployed", exact=True)).to_be_visible()
    until(lambda: deployed(demo, staged), "AWS has a deployment")
    until(lambda: Result.objects.filter(cause__startswith="deployment:").exists(), "the probes run because of it")
    assert AuditEvent.objects.filter(action="deployed a stage", detail__stage="prod").exists()
