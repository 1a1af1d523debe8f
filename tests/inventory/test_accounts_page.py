"""Accounts: who may add one, what the form refuses, and how each region's sync went."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access.models import AuditEvent
from apis.inventory.models import Account, SyncRegion, SyncRun
from tests.inventory.mirror import an_account
from tests.support.axe import accessible

pytestmark = pytest.mark.once

ROLE = "arn:aws:iam::123456789012:role/corsdash"
GOOD = {"name": "production", "method": "role", "role_arn": ROLE, "regions": ["eu-west-1"], "enabled": "on"}


def test_an_added_account_is_synced_and_noted(signed_in: Client) -> None:
    answer = signed_in.post("/accounts/add/", {**GOOD, "other_regions": "us-gov-west-1"})
    account = Account.objects.get()
    assert account.regions == ["eu-west-1", "us-gov-west-1"]
    assert account.aws_account_id == "123456789012"
    run = SyncRun.objects.get(account=account)
    assert answer["Location"] == f"/sync/{run.pk}/"
    assert {one.region for one in run.regions.all()} == set(account.regions)
    assert AuditEvent.objects.filter(action="account added", target="production").exists()


@pytest.mark.parametrize(
    ("change", "notified"),
    [
        ({"name": ""}, "This field is required."),
        ({"role_arn": ""}, "Enter the ARN of the role to assume."),
        ({"role_arn": "corsdash"}, "Enter a role ARN"),
        ({"method": "profile", "role_arn": ""}, "Enter the profile to use."),
        ({"regions": []}, "Choose at least one region."),
        ({"other_regions": "Ireland"}, "Ireland is not a region code"),
        ({"endpoint_url": "file:///etc/passwd"}, "Enter an http or https URL"),
    ],
)
def test_what_the_form_refuses_is_said_at_the_field(signed_in: Client, change: dict[str, Any], notified: str) -> None:
    answer = signed_in.post("/accounts/add/", {**GOOD, **change})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert notified in page
    assert 'class="problem"' in page
    assert not Account.objects.exists()


def test_every_region_of_the_sdk_can_be_chosen(signed_in: Client) -> None:
    page = signed_in.get("/accounts/add/").content.decode()
    codes = re.findall(r'name="regions" value="([a-z0-9-]+)"', page)
    assert len(codes) == len(set(codes)) >= 34
    assert {"eu-west-1", "ap-southeast-7", "mx-central-1", "il-central-1"} <= set(codes)
    assert "eu-west-1 · Europe (Ireland)" in page


def test_a_name_is_taken_once(signed_in: Client) -> None:
    an_account("production")
    assert "already exists" in signed_in.post("/accounts/add/", GOOD).content.decode()


def test_only_admins_add_and_change_accounts(client: Client, editor: User) -> None:
    account = an_account()
    client.force_login(editor)
    assert client.get("/accounts/add/").status_code == 403
    assert client.post("/accounts/add/", GOOD).status_code == 403
    assert client.post(account.get_absolute_url(), GOOD).status_code == 403
    page = client.get(account.get_absolute_url())
    assert page.status_code == 200
    assert '<form class="form"' not in page.content.decode()


def test_an_account_is_changed_in_place(signed_in: Client) -> None:
    account = an_account("old", regions=["us-east-1", "us-gov-west-1"])
    page = signed_in.get(account.get_absolute_url()).content.decode()
    assert 'value="us-gov-west-1"' in page
    signed_in.post(account.get_absolute_url(), {**GOOD, "read_only": "on"})
    account.refresh_from_db()
    assert (account.name, account.read_only, account.regions) == ("production", True, ["eu-west-1"])


def test_each_regions_last_sync_and_its_error_are_shown(signed_in: Client) -> None:
    account = an_account(regions=["eu-west-1", "us-east-1"])
    for error in ("", "AWS refused the credentials of this account: the token is expired."):
        run = SyncRun.objects.create(started_at=timezone.now(), finished_at=timezone.now())
        for region in account.regions:
            state = "failed" if error and region == "us-east-1" else "done"
            SyncRegion.objects.create(
                run=run, account=account, region=region, state=state, finished_at=timezone.now(),
                error=error if state == "failed" else "",
            )  # fmt: skip
    for url in ("/accounts/", account.get_absolute_url()):
        page = signed_in.get(url).content.decode()
        assert page.count("the token is expired") == 1
    assert "Sync failed in 1 region" in page


@pytest.mark.django_db(transaction=True)
def test_the_form_asks_only_for_what_the_way_of_reaching_needs(signed_in_page: Any, live_server: Any) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/accounts/add/")
    assert not page.get_by_label("Role ARN").is_visible()
    page.get_by_label("Assumed role").check()
    assert page.get_by_label("Role ARN").is_visible()
    assert not page.get_by_label("Profile", exact=True).is_visible()


@pytest.mark.django_db(transaction=True)
def test_the_pages_are_accessible(signed_in_page: Any, live_server: Any) -> None:
    page, account = signed_in_page, an_account()
    for url in ("/accounts/", account.get_absolute_url(), "/accounts/add/"):
        page.goto(live_server.url + url)
        accessible(page)
    page.get_by_label("Assumed role").check()
    page.get_by_role("button", name="Add and sync").click()
    page.get_by_label("Name", exact=True).fill("x")
    page.get_by_role("button", name="Add and sync").click()
    page.get_by_text("Enter the ARN of the role to assume.").wait_for()
    accessible(page)
