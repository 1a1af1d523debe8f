"""The impact of a proposal: told for calls that the API's routes serve, whatever these look like."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.editing.impact import MOST_ORIGINS, impact
from apis.editing.plan import plan
from apis.inventory.models import HttpApi
from apis.probing.models import Probe, Result
from tests.inventory.mirror import an_account, an_api

ORIGIN = "https://a.example"
LIVE = {"AllowOrigins": [ORIGIN], "AllowMethods": ["DELETE", "GET", "POST"]}


def an_api_with(*keys: str) -> HttpApi:
    """An API that lets ORIGIN in and has these routes."""
    return an_api(
        an_account(f"production {keys}"),
        "orders",
        LIVE,
        endpoint="https://abc123def4.execute-api.us-east-1.amazonaws.com",
        stages=[{"name": "$default", "auto_deploy": True}],
        routes=[{"key": key, "authorization": "NONE", "authorizer": "", "target": "integrations/a"} for key in keys],
    )


def changed(api: HttpApi, after: CorsPolicy) -> set[str]:
    """The calls that are allowed on one side only."""
    return {row.call for row in impact(api, api.policy, after, ()) if row.changes}


@pytest.mark.parametrize(
    "keys",
    [
        ("GET /items",),
        ("POST /payments",),
        ("GET /items/{id}",),
        ("GET /{proxy+}", "POST /{proxy+}"),
        ("ANY /{proxy+}",),
        ("$default",),
        ("DELETE /items/{id}",),
    ],
)
@pytest.mark.django_db
def test_an_origin_that_goes_is_blocked(keys: tuple[str, ...]) -> None:
    """Also where CORS is switched off as a whole."""
    api = an_api_with(*keys)
    gone = CorsPolicy.from_aws(LIVE | {"AllowOrigins": ["https://b.example"]})
    [first] = [row for row in impact(api, api.policy, gone, ()) if row.origin == ORIGIN][:1]
    assert (first.before.allowed, first.after.allowed) == (True, False)
    assert changed(api, CorsPolicy.off())


@pytest.mark.django_db
def test_a_method_is_tried_on_a_route_that_serves_it() -> None:
    """Not on the first route there is, and not at all when no route serves it."""
    api = an_api_with("GET /health", "DELETE /items/{id}")
    assert changed(api, CorsPolicy.from_aws(LIVE | {"AllowMethods": ["GET"]})) == {"DELETE"}
    assert changed(an_api_with("GET /health"), CorsPolicy.from_aws(LIVE | {"AllowMethods": ["GET"]})) == set()


@pytest.mark.django_db
def test_origins_of_recent_results_count() -> None:
    """A probe that calls from elsewhere by now has left results that know another page."""
    api = an_api_with("GET /items")
    probe = Probe.objects.create(api=api, name="p", origin="https://before.example", path="/items")
    exchange = {"request": {"origin": "https://before.example", "url": "https://x.example/items", "method": "GET"}}
    Result.objects.create(probe=probe, at=timezone.now(), passed=True, exchange=exchange)
    Probe.objects.filter(pk=probe.pk).update(origin=ORIGIN)
    opened = CorsPolicy.from_aws(LIVE | {"AllowOrigins": ["*"]})
    rows = [row for row in plan(api, opened).impact if row.origin == "https://before.example"]
    assert [(row.before.allowed, row.after.allowed) for row in rows][:1] == [(False, True)]


@pytest.mark.django_db
def test_origins_that_are_too_many_are_counted() -> None:
    api = an_api_with("GET /items")
    many = CorsPolicy.from_aws(LIVE | {"AllowOrigins": [f"https://{number}.example" for number in range(70)]})
    made = plan(api, many)
    assert len({row.origin for row in made.impact}) == MOST_ORIGINS
    assert made.left_out == 71 - MOST_ORIGINS


@pytest.mark.django_db
def test_any_method_is_tried_where_a_star_allows_all() -> None:
    api = an_api_with("GET /items", "DELETE /items/{id}")
    before = CorsPolicy.from_aws({"AllowOrigins": [ORIGIN], "AllowMethods": ["*"]})
    after = CorsPolicy.from_aws({"AllowOrigins": [], "AllowMethods": ["*"]})
    assert {row.call for row in impact(api, before, after, ()) if row.changes} == {"GET", "DELETE"}
