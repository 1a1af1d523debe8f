"""Times at both ends of the calendar, which UTC or a second more takes out of it, wherever a time is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apis.access import tokens
from apis.inventory.history import history
from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api

MOMENTS = (
    "9999-12-31",
    "9999-12-31T23:59:59",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
)
SECONDS = ("253402300799", "253402300798.999", "-62135596800", "nan", "inf", "1e400", "9" * 400)
pytestmark = pytest.mark.once


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API with a drift."""
    made = an_api(an_account(), "orders", {"AllowOrigins": ["https://a.example"]})
    history.record_live(made, {"AllowOrigins": ["https://b.example"]}, timezone.now())
    return made


@pytest.fixture
def browser(admin: User) -> Client:
    """An admin's, for whom an exception is an answer with the status 500."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


@pytest.fixture
def post(admin: User) -> Callable[[str, dict[str, Any]], int]:
    """Post to the JSON API; the status."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"}
    client = Client(raise_request_exception=False)
    return lambda path, body: client.post(f"/api/v1/{path}", body, "application/json", headers=headers).status_code


@pytest.mark.parametrize("moment", MOMENTS)
def test_in_pages(browser: Client, api: HttpApi, moment: str) -> None:
    drift = api.changes.latest("id")
    for path in ("/changes/", "/changes/export.csv", reverse("api_changes", args=[api.pk])):
        for name in ("since", "until", "at"):
            assert browser.get(path, {name: moment}).status_code < 500, (path, name)
    for zone in ("", "Pacific/Kiritimati", "America/Los_Angeles"):
        given = {"at": moment, "until": moment, "zone": zone}
        assert browser.get(reverse("restore", args=[api.pk]), given).status_code < 500
        assert browser.post(reverse("drift_ignore", args=[drift.pk]), given).status_code < 500
    assert browser.get(drift.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("moment", MOMENTS)
def test_in_rest(post: Callable[[str, dict[str, Any]], int], api: HttpApi, moment: str) -> None:
    drift = api.changes.latest("id")
    assert post(f"changes/{drift.pk}/ignore", {"until": moment}) < 500
    assert post(f"apis/{api.pk}/restore", {"at": moment}) < 500
    assert post(f"apis/{api.pk}/grants", {"origin": "https://c.example", "seconds": 600, "until": moment}) < 500
    assert post(f"apis/{api.pk}/proposals", {"cors": None, "version": 2, "at": moment}) < 500


@pytest.mark.parametrize("seconds", SECONDS)
def test_as_the_mark_of_a_read(browser: Client, api: HttpApi, seconds: str) -> None:
    follow = reverse("plan_live", args=[api.pk])
    assert browser.post(f"{follow}?asked={seconds}", {"version": "2"}).status_code < 500
    assert browser.get(reverse("api_routes", args=[api.pk]), {"reading": seconds}).status_code < 500
