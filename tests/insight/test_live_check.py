"""Check it live: the very call, sent once by a worker through the guard, besides what was predicted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access.models import AuditEvent
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing.models import Probe, Result
from apis.probing.runs import live_check
from tests.support.mirrored import account, api, faults, live, outside
from tests.support.servers import until

__all__ = ["account", "api", "faults", "live", "outside"]


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its routes and addresses read."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


def call(api: HttpApi, **parts: Any) -> dict[str, Any]:
    """What the button sends."""
    base = {"api": api.pk, "origin": "https://a.example", "method": "GET", "base_url": api.endpoint, "path": "/items"}
    return base | parts


def checked(client: Client, api: HttpApi, **parts: Any) -> Any:
    """The page of a check that has been carried out."""
    address = client.post("/explain/live/", call(api, **parts))["Location"]
    live_check.run(address.strip("/").rpartition("/")[2])
    return client.get(address)


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_it_and_the_page_follows(signed_in: Client, known: HttpApi, worker: Any) -> None:
    address = signed_in.post("/explain/live/", call(known))["Location"]
    shown = until(lambda: _done(signed_in.get(address).content.decode()), "the result is there")
    assert 'data-differences="0"' in shown
    assert (Probe.objects.count(), Result.objects.count()) == (0, 0)
    assert AuditEvent.objects.filter(action="checked a call live").count() == 1


def _done(page: str) -> str:
    return page if "data-differences" in page else ""


@pytest.mark.parametrize(
    ("parts", "code", "only_preflight"),
    [
        ({}, None, False),
        ({"origin": "https://evil.example"}, "origin-not-allowed", False),
        ({"method": "PUT"}, "method-not-allowed", False),
        ({"method": "POST"}, None, True),
        ({"path": "/nowhere"}, "no-route", False),
    ],
)
def test_what_was_observed_is_judged_and_compared(
    signed_in: Client, known: HttpApi, parts: dict[str, str], code: str | None, only_preflight: bool
) -> None:
    page = checked(signed_in, known, **parts)
    found = page.context["cause"]
    assert (found.code if found else None) == code
    assert page.context["check"].is_preflight_only is only_preflight
    assert page.context["differences"] == ()
    assert page.context["sequence"]


def test_a_difference_from_the_prediction_is_shown(signed_in: Client, known: HttpApi, outside: Any) -> None:
    outside(AllowOrigins=["https://b.example"])
    page = checked(signed_in, known)
    assert page.context["check"].verdict["allowed"] is False
    assert int(re.search(r'data-differences="(\d+)"', page.content.decode())[1]) > 0  # type: ignore[index]


def test_the_guard_of_probes_holds(signed_in: Client, known: HttpApi, settings: Any) -> None:
    refused = signed_in.post("/explain/live/", call(known, base_url="http://169.254.169.254"), follow=True)
    assert "live/" not in refused.request["PATH_INFO"]
    settings.CORSDASH_ALLOWED_NETWORKS = []
    page = checked(signed_in, known)
    assert page.context["check"].error and page.context["check"].exchange is None


def test_only_editors_send(client: Client, viewer: User, known: HttpApi) -> None:
    client.force_login(viewer)
    assert client.post("/explain/live/", call(known)).status_code == 403
    assert client.get("/explain/live/unknown/").status_code == 404


def test_without_a_broker_it_says_so(signed_in: Client, known: HttpApi, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    page = signed_in.post("/explain/live/", call(known), follow=True)
    assert "live/" not in page.request["PATH_INFO"] and "broker" in page.content.decode()
