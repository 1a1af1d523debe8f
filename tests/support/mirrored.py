"""An account of the demo AWS in the mirror, and an API of the test's own in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from apis.aws import rate_limit
from apis.cors.policy import CorsPolicy
from apis.demo.emulator import store
from apis.demo.emulator.faults import Faults
from apis.demo.emulator.ids import new_id
from apis.demo.serve import Demo
from apis.inventory.history import history
from apis.inventory.models import Account, HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import control, new_api

ROUTES = ("GET /items", "POST /items")
# What a sync reads of an API besides its configuration.
_READ = (
    "name", "description", "endpoint", "disable_execute_api_endpoint", "managed", "tags", "routes", "stages",
    "integrations", "authorizers", "domains", "created_in_aws_at", "details_at", "last_seen_at",
)  # fmt: skip
_first: dict[str, dict[str, Any]] = {}
START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}


@pytest.fixture
def account(demo: Demo, db: None, settings: Any) -> Account:
    """The demo's first account, asked as fast as it answers."""
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    settings.CORSDASH_DEMO_ENDPOINT = demo.endpoint
    return Account.objects.create(name="demo", regions=["us-east-1"], endpoint_url=demo.endpoint)


@pytest.fixture
def api(demo: Demo, account: Account) -> Iterator[HttpApi]:
    """One API with START as its configuration, mirrored with its details.

    The first is made by AWS's own calls and read by a sync. Those after it are put where it was, and into the mirror as
    it was read: hundreds of tests begin so, and how APIs are made and read is not what they are about.
    """
    row = HttpApi.objects.create(account=account, region="us-east-1", api_id="x", name="mine")
    with _as_the_first(demo, row) if _first else new_api(demo, *ROUTES, CorsConfiguration=START) as api_id:
        if not _first:
            HttpApi.objects.filter(pk=row.pk).update(api_id=api_id)
            row.refresh_from_db()
            sync.refresh(row)
        row.refresh_from_db()
        _first.setdefault("seen", {name: getattr(row, name) for name in _READ} | {"api_id": api_id})
        yield row


@contextmanager
def _as_the_first(demo: Demo, row: HttpApi) -> Iterator[str]:
    held, seen, now = store.backend("123456789012", "us-east-1"), _first["seen"], timezone.now()
    made = held.create_api(
        "", {name[0].lower() + name[1:]: value for name, value in START.items()}, "", False, False,
        seen["name"], "HTTP", "", {}, "",
    )  # fmt: skip
    store.rename(made, new_id(), demo.gateway_port)
    for key in ROUTES:
        made.create_route(False, [], key, None, authorization_type="NONE")
    made.create_stage({"stageName": "$default", "autoDeploy": True})
    read = {name: seen[name] for name in _READ} | {"last_seen_at": now, "details_at": now, "created_in_aws_at": now}
    HttpApi.objects.filter(pk=row.pk).update(
        **read | {"api_id": made.api_id, "endpoint": seen["endpoint"].replace(seen["api_id"], made.api_id)}
    )
    history.record_live(row, START, now)
    try:
        yield made.api_id
    finally:
        held.apis.pop(made.api_id, None)


@pytest.fixture
def faults(demo: Demo) -> Iterator[Faults]:
    """What is to go wrong; all is well again afterwards."""
    yield demo.faults
    demo.faults.clear()


@pytest.fixture
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS that had too many calls is called again at once: how long it is left alone is tried with the budget."""
    monkeypatch.setattr(rate_limit, "back_off", partial(rate_limit.back_off, seconds=0.01))


@pytest.fixture
def live(demo: Demo, api: HttpApi) -> Callable[[], CorsPolicy]:
    """What AWS holds of it."""

    def ask() -> CorsPolicy:
        return CorsPolicy.from_aws(control(demo).get_api(ApiId=api.api_id).get("CorsConfiguration"))

    return ask


@pytest.fixture
def outside(demo: Demo, api: HttpApi) -> Callable[..., None]:
    """Someone changes it with another tool."""

    def change(**fields: Any) -> None:
        control(demo).update_api(ApiId=api.api_id, CorsConfiguration=fields)

    return change
