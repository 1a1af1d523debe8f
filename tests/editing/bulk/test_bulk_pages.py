"""Bulk edits in the browser: what is chosen, what is planned, and the way between the job and the history."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apis.editing.bulk import bulk_jobs
from apis.editing.bulk.models import BulkItem, BulkJob
from apis.editing.bulk.operation import Operation
from apis.editing.grants.models import Grant
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible
from tests.support.pages import flat

pytestmark = pytest.mark.once

START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}
ADD = Operation.from_json({"add": {"AllowOrigins": ["https://new.example"]}})


@pytest.fixture
def apis(db: None) -> list[HttpApi]:
    """Three APIs of one account: two that allow https://a.example, one with CORS off."""
    account = an_account()
    return [an_api(account, "shop", START), an_api(account, "orders", START), an_api(account, "silent", None)]


@pytest.fixture
def planned(signed_in: Client) -> Callable[..., str]:
    """The plan's page for a form."""

    def plan(**form: Any) -> str:
        answer = signed_in.post("/bulk/", form)
        assert answer.status_code == 200, answer.content.decode()
        return flat(answer)

    return plan


def test_what_an_origin_finds_is_planned(apis: list[HttpApi], planned: Callable[..., str]) -> None:
    page = planned(origin="https://a.example", verb="add", field="AllowOrigins", entries="https://new.example")
    assert "2 of 2 will change, 0 skipped" in page
    assert page.count("Add https://new.example") == 2
    assert "silent" not in page


def test_what_is_skipped_says_why(apis: list[HttpApi], planned: Callable[..., str]) -> None:
    page = planned(api=[one.pk for one in apis], verb="remove", field="AllowMethods", entries="GET")
    assert "2 of 3 will change, 1 skipped" in page
    assert "CORS is off" in page


def test_without_apis_there_is_nothing_to_fill_in(signed_in: Client) -> None:
    page = signed_in.get("/bulk/", {"search": "no-such-api"}).content.decode()
    assert 'name="verb"' not in page and 'href="/apis/"' in page.partition("<main")[2]


def test_a_mistake_that_is_there_already_is_called_that(planned: Callable[..., str], db: None) -> None:
    api = an_api(an_account(), "slashed", {**START, "AllowOrigins": ["https://a.example/"]})
    page = planned(api=api.pk, verb="add", field="AllowOrigins", entries="https://b.example")
    assert "Has an existing error; fix it first." in page


def test_a_finding_that_it_brings_is_named(apis: list[HttpApi], planned: Callable[..., str]) -> None:
    page = planned(api=apis[0].pk, verb="add", field="AllowOrigins", entries="*")
    assert "alongside other origins" in page


def test_a_field_is_set(apis: list[HttpApi], planned: Callable[..., str]) -> None:
    page = planned(api=apis[0].pk, verb="set", max_age="86400", credentials="on")
    assert "Max-age 600 → 86400, credentials on" in page


def test_a_configuration_is_copied_also_to_where_cors_is_off(apis: list[HttpApi], planned: Callable[..., str]) -> None:
    page = planned(api=[one.pk for one in apis], verb="copy", source="shop")
    assert "1 of 3 will change, 2 skipped" in page
    assert "Turn CORS on" in page


def test_inputs_of_another_action_do_not_matter(planned: Callable[..., str], apis: list[HttpApi]) -> None:
    page = planned(api=apis[0].pk, verb="set", max_age="86400", count="soon", source="nowhere", entries="")
    assert "Max-age 600 → 86400" in page


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"verb": "add", "field": "AllowOrigins", "entries": " "}, "entries"),
        ({"verb": "add", "field": "AllowOrigins", "entries": "https://a.example", "count": "soon"}, "count"),
        ({"verb": "add", "field": "AllowOrigins", "entries": "https://a.example", "count": "9" * 5000}, "count"),
        ({"verb": "remove", "field": "Origins", "entries": "https://a.example"}, "field"),
        ({"verb": "set", "max_age": "soon"}, "max_age"),
        ({"verb": "set", "max_age": "9" * 5000}, "max_age"),
        ({"verb": "set"}, "max_age"),
        ({"verb": "set", "credentials": "maybe"}, "credentials"),
        ({"verb": "copy"}, "source"),
        ({"verb": "copy", "source": "nowhere"}, "source"),
        ({"verb": "dance"}, "verb"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    signed_in: Client, apis: list[HttpApi], form: dict[str, str], field: str
) -> None:
    answer = signed_in.post("/bulk/", {"api": apis[0].pk, **form})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert list(answer.context["form"].errors) == [field]
    assert f'id="{field}_errors"' in page
    assert all(f'value="{value}"' in page for value in form.values() if value in ("soon", "nowhere"))


def test_the_history_leads_to_the_job_and_back(signed_in: Client, admin: User, apis: list[HttpApi]) -> None:
    job = bulk_jobs.start(apis[:2], ADD, admin)
    for api in apis[:2]:
        change = history.begin(api, START, Author(Change.Kind.BULK, user=admin, group=job.group))
        history.settle(change, {**START, "AllowOrigins": ["https://a.example", "https://new.example"]})
        job.items.filter(api=api).update(change=change, state=BulkItem.State.APPLIED)
    change_page = signed_in.get(change.get_absolute_url()).content.decode()
    assert f'href="/bulk/groups/{job.group}/"' in change_page
    assert signed_in.get(f"/bulk/groups/{job.group}/").headers["Location"] == job.get_absolute_url()
    job_page = signed_in.get(job.get_absolute_url()).content.decode()
    address = f"/changes/?group={job.group}"
    assert f'href="{address}"' in job_page
    assert signed_in.get(address).content.decode().count('data-label="Source"') == 2


def test_a_revert_and_what_it_reverts_know_each_other(signed_in: Client, admin: User, apis: list[HttpApi]) -> None:
    job = bulk_jobs.start(apis[:1], ADD, admin)
    change = history.begin(apis[0], START, Author(Change.Kind.BULK, user=admin, group=job.group))
    history.settle(change, {**START, "MaxAge": 5})
    BulkJob.objects.update(state=BulkJob.State.DONE)
    back = bulk_jobs.start_revert(job.group, admin)
    assert f'href="{job.get_absolute_url()}"' in signed_in.get(back.get_absolute_url()).content.decode()
    assert f'href="{back.get_absolute_url()}"' in signed_in.get(job.get_absolute_url()).content.decode()


def test_a_job_that_runs_is_not_reverted(signed_in: Client, admin: User, apis: list[HttpApi]) -> None:
    """It would go on with the APIs that are left: an incident's page offers the revert before the job has ended."""
    job = bulk_jobs.start(apis[:1], ADD, admin)
    change = history.begin(apis[0], START, Author(Change.Kind.BULK, user=admin, group=job.group))
    history.settle(change, {**START, "MaxAge": 5})
    signed_in.post(f"/bulk/groups/{job.group}/revert/")
    assert list(BulkJob.objects.all()) == [job]


def test_what_failed_is_tried_again_in_the_same_group(signed_in: Client, admin: User, apis: list[HttpApi]) -> None:
    job = bulk_jobs.start(apis[:2], ADD, admin)
    job.items.update(state=BulkItem.State.FAILED, why="AWS was away.")
    BulkJob.objects.update(state=BulkJob.State.DONE)
    assert "Retry 2 failed</button>" in signed_in.get(job.get_absolute_url()).content.decode()
    signed_in.post(f"/bulk/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.state == "running"
    assert set(job.items.values_list("state", "why")) == {("waiting", "")}


FORM = {"verb": "add", "field": "AllowOrigins", "entries": "https://new.example"}


def agreed_in(page: str) -> str:
    """What the plan's form carries."""
    found = re.search(r'name="agreed" value="([^"]+)"', page)
    assert found
    return found[1]


def test_what_was_planned_is_applied_and_nothing_else(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str]
) -> None:
    """An API that a sync finds between the plan and its Apply was in no plan."""
    seen = agreed_in(planned(search="s", **FORM))
    an_api(apis[0].account, "sideboard", START)
    answer = signed_in.post("/bulk/", FORM | {"search": "s", "agreed": seen, "go": "1"})
    job = BulkJob.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert sorted(job.items.values_list("api__name", flat=True)) == ["orders", "shop", "silent"]


def test_a_copy_is_of_what_the_plan_showed(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str], admin: User
) -> None:
    form = {"verb": "copy", "source": "orders", "api": apis[0].pk}
    source = {**START, "AllowOrigins": ["https://shown.example"]}
    history.settle(history.begin(apis[1], source, Author("panel", user=admin)), source)
    seen = agreed_in(planned(**form))
    newer = {**START, "AllowOrigins": ["*"]}
    history.settle(history.begin(apis[1], newer, Author("panel", user=admin)), newer)
    signed_in.post("/bulk/", form | {"agreed": seen, "go": "1"})
    assert BulkJob.objects.get().operation["copy"]["AllowOrigins"] == ["https://shown.example"]


def test_a_copy_of_another_api_of_the_same_name_is_planned_first(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str]
) -> None:
    twin = an_api(apis[0].account, "orders", {**START, "AllowOrigins": ["https://twin.example"]}, api_id="twin000000")
    form = {"verb": "copy", "source": apis[1].api_id, "api": apis[2].pk}
    seen = agreed_in(planned(**form))
    answer = signed_in.post("/bulk/", form | {"source": twin.api_id, "agreed": seen, "go": "1"})
    assert answer.status_code == 422
    assert "The operation changed" in answer.content.decode()


def test_an_origin_that_is_allowed_temporarily_is_not_copied_permanently(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str], admin: User
) -> None:
    preview = "https://pr-1.example"
    source = {**START, "AllowOrigins": ["https://a.example", preview]}
    change = history.settle(history.begin(apis[1], source, Author("panel", user=admin)), source)
    Grant.objects.create(
        api=apis[1], origin=preview, state="active", lasts=60, granted_by_name="ada", at=change.at, change=change
    )
    form = {"verb": "copy", "source": "orders", "api": apis[2].pk}
    page = planned(**form)
    assert f"Not copied, because orders ({apis[1].api_id}) allows it only temporarily: {preview}." in page
    signed_in.post("/bulk/", form | {"agreed": agreed_in(page), "go": "1"})
    assert BulkJob.objects.get().operation["copy"]["AllowOrigins"] == ["https://a.example"]


def test_an_operation_that_was_not_planned_is_planned_first(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str]
) -> None:
    seen = agreed_in(planned(search="s", **FORM))
    for form, message in (
        (FORM | {"agreed": seen, "entries": "https://other.example"}, "The operation changed"),
        (FORM, "Review the new plan first"),
        (FORM | {"agreed": seen[:-3] + "abc"}, "Review the new plan first"),
    ):
        answer = signed_in.post("/bulk/", form | {"search": "s", "go": "1"})
        assert answer.status_code == 422
        assert message in answer.content.decode() and 'id="plan-title"' in answer.content.decode()
    assert not BulkJob.objects.exists()


def test_a_refused_job_loses_nothing(
    signed_in: Client, apis: list[HttpApi], planned: Callable[..., str], settings: Any
) -> None:
    settings.CORSDASH_NOTE_REQUIRED = True
    seen = agreed_in(planned(search="s", **FORM))
    answer = signed_in.post("/bulk/", FORM | {"search": "s", "agreed": seen, "go": "1", "note": " "})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "A note is required" in page and "https://new.example</textarea>" in page


def test_ids_that_are_none_choose_nothing(planned: Callable[..., str], apis: list[HttpApi]) -> None:
    page = planned(api="abc", **FORM)
    assert "will change" not in page and "No APIs selected" in page


def test_entries_that_are_too_long_are_reported(signed_in: Client, apis: list[HttpApi]) -> None:
    answer = signed_in.post("/bulk/", FORM | {"entries": "a" * 300_000})
    assert answer.status_code == 422 and "longer than 262,144 characters" in answer.content.decode()


def test_pausing_twice_does_not_let_it_go_on(signed_in: Client, apis: list[HttpApi]) -> None:
    job = bulk_jobs.start(apis[:2], ADD)
    for _ in range(2):
        signed_in.post(f"/bulk/jobs/{job.pk}/pause/", {"do": "pause"})
        job.refresh_from_db()
        assert job.state == "paused"
    signed_in.post(f"/bulk/jobs/{job.pk}/pause/", {"do": "go-on"})
    job.refresh_from_db()
    assert job.state == "running"


def test_a_viewer_sees_the_job_and_starts_nothing(client: Client, viewer: User, apis: list[HttpApi]) -> None:
    job = bulk_jobs.start(apis[:2], ADD)
    client.force_login(viewer)
    assert client.get(job.get_absolute_url()).status_code == 200
    for address in ("pause", "retry"):
        assert client.post(f"/bulk/jobs/{job.pk}/{address}/").status_code == 403
    client.post("/bulk/", {"api": apis[0].pk, "verb": "set", "max_age": "5", "go": "1"})
    assert BulkJob.objects.count() == 1


def test_a_job_over_many_costs_a_constant_number_of_queries(
    signed_in: Client, admin: User, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    account = an_account()
    job = bulk_jobs.start([an_api(account, f"api-{number:03}", START) for number in range(150)], ADD, admin)
    for address in (job.get_absolute_url(), "/bulk/jobs/"):
        with django_assert_max_num_queries(14):
            answer = signed_in.get(address)
        assert len(answer.content) < 150_000


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(signed_in_page: Any, live_server: Any, admin: User, apis: list[HttpApi]) -> None:
    page = signed_in_page
    page.goto(f"{live_server.url}/bulk/?search=s")
    page.get_by_role("radio", name="Set").check()
    page.get_by_label("Access-Control-Max-Age").fill("60")
    accessible(page)
    page.get_by_role("button", name="Review plan").click()
    page.get_by_role("heading", name="Plan", exact=True).wait_for()
    accessible(page)
    job = bulk_jobs.start(apis, ADD, admin)
    bulk_jobs.pause(job)
    for address in (job.get_absolute_url(), "/bulk/jobs/"):
        page.goto(live_server.url + address)
        accessible(page)
