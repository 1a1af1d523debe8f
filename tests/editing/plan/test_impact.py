"""The impact of a proposal: for calls that the API's routes serve, whatever these look like."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apis.cors.policy import CorsPolicy
from apis.editing.plan.impacts import MOST_NEW_HEADERS, MOST_OLD_HEADERS, MOST_ORIGINS, impact
from apis.editing.plan.planning import Plan, plan
from apis.inventory.models import HttpApi
from apis.probing.models import Probe, Result
from tests.inventory.mirror import an_account, an_api

ORIGIN = "https://a.example"
LIVE = {"AllowOrigins": [ORIGIN], "AllowMethods": ["DELETE", "GET", "POST"]}


ENDPOINT = "https://abc123def4.execute-api.us-east-1.amazonaws.com"


def an_api_with(*keys: str, live: dict[str, Any] = LIVE, **fields: Any) -> HttpApi:
    """An API that allows ORIGIN and has these routes."""
    given = {
        "endpoint": ENDPOINT,
        "stages": [{"name": "$default", "auto_deploy": True}],
        "routes": [{"key": key, "authorization": "NONE", "authorizer": "", "target": "integrations/a"} for key in keys],
    }
    return an_api(an_account(" ".join(keys)[:100]), "orders", live, **given | fields)


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
def test_what_differs_comes_first() -> None:
    """A page shows a limited number of rows: unchanged probes must not push a changed origin off it."""
    api = an_api_with("GET /items")
    probes = [Probe.objects.create(api=api, name=str(at), origin=ORIGIN, path="/items") for at in range(3)]
    rows = impact(api, api.policy, CorsPolicy.from_aws(LIVE | {"AllowOrigins": [ORIGIN, "https://b.example"]}), probes)
    assert [row.differs for row in rows] == sorted((row.differs for row in rows), reverse=True)
    assert rows[0].origin == "https://b.example" and sum(row.probe is not None for row in rows) == 3


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
    result = Result(probe=probe, at=timezone.now(), passed=True)
    result.exchange = exchange
    result.save()
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


def planned(api: HttpApi, **fields: Any) -> Plan:
    """The plan of changing these fields of what is live."""
    return plan(api, CorsPolicy.from_aws({**(api.policy.to_aws() or {}), **fields}))


COOKIES = {
    "AllowOrigins": [ORIGIN],
    "AllowMethods": ["GET", "PURGE", "PUT"],
    "AllowHeaders": ["authorization", "content-type"],
    "AllowCredentials": True,
}


@pytest.mark.django_db
def test_a_star_is_no_wildcard_for_calls_with_cookies() -> None:
    """What is in the lists works with cookies as well; under `*` only without them."""
    made = planned(an_api_with("ANY /items", live=COOKIES), AllowMethods=["*"], AllowHeaders=["*"])
    assert [row.call for row in made.newly_blocked] == [
        "PURGE with cookies",
        "PUT with cookies",
        "GET with authorization with cookies",
        "GET with content-type with cookies",
    ]
    assert all("credentials" in row.reason for row in made.newly_blocked)
    assert {row.call for row in made.newly_allowed} == {"DELETE", "PATCH", "GET with x-any-header"}


@pytest.mark.django_db
def test_a_call_with_cookies_that_fares_like_the_one_without_is_not_announced_twice() -> None:
    api = an_api_with("ANY /items", live=COOKIES)
    assert [row.call for row in planned(api, AllowHeaders=[]).newly_blocked] == [
        "GET with authorization",
        "GET with content-type",
    ]
    assert [row.call for row in planned(api, AllowCredentials=False).newly_blocked] == [
        "GET with cookies",
        "PURGE with cookies",
        "PUT with cookies",
    ]


@pytest.mark.django_db
def test_a_header_that_goes_is_tried_before_those_that_come() -> None:
    many = [f"app-{number:02}" for number in range(MOST_NEW_HEADERS + 3)]
    api = an_api_with("GET /items", live=LIVE | {"AllowHeaders": ["authorization", "x-cart-id", "x-zone"]})
    made = planned(api, AllowHeaders=["authorization", *many])
    assert [row.call for row in made.newly_blocked] == ["GET with x-cart-id", "GET with x-zone"]
    assert len(made.newly_allowed) == MOST_NEW_HEADERS
    assert made.headers_left_out == 3
    assert planned(api, AllowHeaders=["authorization"]).headers_left_out == 0


@pytest.mark.django_db
def test_removed_headers_are_tried_in_likely_combinations() -> None:
    gone = [f"x-{number}" for number in range(MOST_OLD_HEADERS + 2)]
    made = planned(an_api_with("GET /items", live=LIVE | {"AllowHeaders": gone}), AllowHeaders=[])
    assert (len(made.newly_blocked), made.headers_left_out) == (MOST_OLD_HEADERS, 2)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (["x-request-id", "x-total"], ["x-total"], "Scripts can no longer read x-request-id."),
        ([], ["X-Request-Id"], "Scripts can now read x-request-id."),
        (["x-a"], ["x-b"], "Scripts can no longer read x-a and can now read x-b."),
        (["*"], ["x-a"], "Scripts can no longer read headers that are not listed."),
        (["x-a"], ["*"], "Scripts can now read headers that are not listed."),
        (["content-type", "X-A"], ["x-a"], ""),
        (["a", "b", "c", "d", "e", "f", "g"], [], "Scripts can no longer read a, b, c, d, e and 2 more."),
    ],
)
@pytest.mark.django_db
def test_it_says_what_script_can_read_no_longer_or_again(before: list[str], after: list[str], shown: str) -> None:
    """The call is allowed as before; a page that reads the header notices all the same."""
    made = planned(an_api_with("GET /items", live=LIVE | {"ExposeHeaders": before}), ExposeHeaders=after)
    (row,) = made.impact
    assert (row.before.allowed, row.after.allowed, row.changes) == (True, True, False)
    assert (row.reason, row.differs) == (shown, bool(shown))
    assert not made.newly_blocked and not made.newly_allowed


@pytest.mark.django_db
def test_a_star_exposes_nothing_to_calls_with_cookies() -> None:
    """A probe's readable headers follow its own credentials."""
    api = an_api_with("GET /items", live=COOKIES | {"ExposeHeaders": ["x-a"]})
    Probe.objects.create(api=api, name="p", origin=ORIGIN, path="/items", credentials=True)
    rows = planned(api, ExposeHeaders=["*"]).impact
    assert [(row.call, row.reason) for row in rows if row.differs] == [
        ("GET /items", "Scripts can no longer read x-a."),
        ("GET", "Scripts can now read headers that are not listed."),
        ("GET with cookies", "Scripts can no longer read x-a."),
    ]


@pytest.mark.django_db
def test_an_origin_that_goes_is_not_said_to_read_less() -> None:
    api = an_api_with("GET /items", live=LIVE | {"ExposeHeaders": ["x-a"]})
    made = planned(api, AllowOrigins=["https://b.example"], ExposeHeaders=[])
    assert not any("read x-a" in row.reason for row in made.impact)


PROD = {"name": "prod", "auto_deploy": False}


@pytest.mark.django_db
def test_a_stage_without_auto_deploy_is_not_said_to_change_now() -> None:
    """What is live there no one knows from here: a probe of it shows the change once it is deployed."""
    domain = {"name": "api.example.com", "path": "v1", "stage": "prod", "scheme": "https"}
    stages = [PROD, {"name": "$default", "auto_deploy": True}]
    api = an_api_with("GET /items", stages=stages, domains=[domain])
    for name, base in (("a", f"{ENDPOINT}/prod"), ("b", ENDPOINT), ("c", "https://api.example.com/v1"), ("d", "")):
        Probe.objects.create(api=api, name=name, origin=ORIGIN, path="/items", base_url=base)
    made = planned(api, AllowOrigins=["https://b.example"])
    notified = {row.probe.name: (row.stage, row.before.allowed, row.after.allowed) for row in made.impact if row.probe}
    # The one without an address goes to the API's first, which is the stage prod.
    assert notified == {name: ("" if name == "b" else "prod", True, False) for name in "abcd"}
    assert [row.probe.name for row in made.blocked_once_deployed if row.probe] == ["a", "c", "d"]
    # Origins are tried where the change is live at once.
    assert [row.probe and row.probe.name for row in made.newly_blocked] == ["b", None]
    assert not made.allowed_once_deployed


@pytest.mark.django_db
def test_with_no_other_stage_origins_wait_for_it_too() -> None:
    made = planned(an_api_with("GET /items", stages=[PROD]), AllowOrigins=["https://b.example"])
    assert not made.newly_blocked and not made.newly_allowed
    assert [row.origin for row in made.blocked_once_deployed] == [ORIGIN]
    assert [row.origin for row in made.allowed_once_deployed] == ["https://b.example"]


@pytest.mark.django_db
def test_below_a_custom_domains_path_the_routes_are_found() -> None:
    domain = {"name": "api.example.com", "path": "orders", "stage": "$default", "scheme": "https"}
    api = an_api_with("GET /items", domains=[domain])
    Probe.objects.create(api=api, name="p", origin=ORIGIN, path="/items", base_url="https://api.example.com/orders")
    (row,) = [row for row in planned(api, MaxAge=60).impact if row.probe]
    assert row.before.allowed and row.after.allowed


@pytest.mark.django_db
def test_many_other_routes_change_nothing_and_cost_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """What is left out of them for speed takes neither the call nor its preflight."""
    keys = [f"ANY /r{number}/{{id}}" for number in range(50)]
    api = an_api_with(*keys, "GET /items", "OPTIONS /items/{id}", "DELETE /items/{id}")
    after = CorsPolicy.from_aws(LIVE | {"AllowMethods": ["GET"]})
    with django_assert_num_queries(0):
        rows = impact(api, api.policy, after, ())
    assert [row.call for row in rows if row.differs] == ["DELETE"]
