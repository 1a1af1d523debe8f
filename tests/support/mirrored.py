"""An account of the demo AWS in the mirror, and an API of the test's own in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apis.cors.policy import CorsPolicy
from apis.demo.faults import Faults
from apis.demo.serve import Demo
from apis.inventory import sync
from apis.inventory.models import Account, HttpApi
from tests.demo.clients import control, new_api

START = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 600}


@pytest.fixture
def account(demo: Demo, db: None, settings: Any) -> Account:
    """The demo's first account, asked as fast as it answers."""
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    return Account.objects.create(name="demo", regions=["us-east-1"], endpoint_url=demo.endpoint)


@pytest.fixture
def api(demo: Demo, account: Account) -> Iterator[HttpApi]:
    """One API with START as its configuration."""
    with new_api(demo, "GET /items", "POST /items", CorsConfiguration=START) as api_id:
        row = HttpApi.objects.create(account=account, region="us-east-1", api_id=api_id, name="mine")
        sync.refresh(row)
        row.refresh_from_db()
        yield row


@pytest.fixture
def faults(demo: Demo) -> Iterator[Faults]:
    """What is to go wrong; all is well again afterwards."""
    yield demo.faults
    demo.faults.clear()


@pytest.fixture
def live(demo: Demo, api: HttpApi) -> Callable[[], CorsPolicy]:
    """What AWS holds of it."""

    def ask() -> CorsPolicy:
        return CorsPolicy.from_aws(control(demo).get_api(ApiId=api.api_id).get("CorsConfiguration"))

    return ask


@pytest.fixture
def outside(demo: Demo, api: HttpApi) -> Callable[..., None]:
    """Somebody changes it with another tool."""

    def change(**fields: Any) -> None:
        control(demo).update_api(ApiId=api.api_id, CorsConfiguration=fields)

    return change
