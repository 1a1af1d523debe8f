"""Which probes are suggested for a configuration, an API's routes and its addresses."""

from __future__ import annotations

import pytest

from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route
from apis.probing.sets.suggestions import Group, Suggestion, cost, look_alikes, suggest

pytestmark = pytest.mark.once

TOKEN = ("$request.header.Authorization",)
ROUTES = (
    Route("GET /cart", "JWT", "a", "t", TOKEN),
    Route("POST /cart/items", "JWT", "a", "t", TOKEN),
    Route("DELETE /cart/items/{id}", "JWT", "a", "t", ("$request.header.X-Key",)),
)
MAIN, DOMAIN = "https://a1.execute-api.eu-west-1.amazonaws.com", "https://api.shop.example"
SHOP, WWW = "https://shop.example.com", "https://www.shop.example.com"
POLICY = {
    "AllowOrigins": [SHOP, WWW],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["content-type", "authorization", "x-cart-id"],
    "AllowCredentials": True,
}


def found(group: Group, routes: tuple[Route, ...] | None = ROUTES, **fields: object) -> list[Suggestion]:
    """The suggestions of one group, for POLICY with other fields."""
    policy = CorsPolicy.from_aws(POLICY | fields)
    return [one for one in suggest(policy, routes, [MAIN, DOMAIN]) if one.group is group]


def test_each_listed_origin_is_tried_where_a_route_serves_it_with_the_headers_that_clients_send() -> None:
    first, second = found(Group.ALLOWED)
    assert (first.origin, second.origin) == (SHOP, WWW)
    assert first.call == second.call
    assert first.as_json() == {
        "origin": SHOP, "method": "GET", "base_url": MAIN, "path": "/cart", "headers": ["authorization", "x-cart-id"],
        "credentials": True, "expect": "allowed", "same_on_every_host": False,
    }  # fmt: skip
    assert not first.warning


def test_each_further_method_that_routes_serve_is_tried_at_its_own_path() -> None:
    calls = {one.call.method: one for one in found(Group.METHOD) if one.origin == SHOP}
    assert {method: one.call.path for method, one in calls.items()} == {
        "POST": "/cart/items",
        "DELETE": "/cart/items/x",
    }
    assert "content-type" in calls["POST"].call.headers
    assert not calls["POST"].warning
    assert "X-Key" in calls["DELETE"].call.headers, "what its authorizer reads"
    assert calls["DELETE"].warning, "AllowMethods lacks it"


def test_a_route_that_takes_any_method_serves_those_that_are_allowed() -> None:
    routes = (Route("ANY /{proxy+}", "CUSTOM", "a", "t", None),)
    [one] = [one for one in found(Group.METHOD, routes) if one.origin == SHOP]
    assert (one.call.method, one.call.path) == ("POST", "/x")
    assert one.call.headers.count("authorization") == 1


def test_every_other_address_is_tried_from_each_origin() -> None:
    assert {(one.origin, one.call.base_url, one.call.method) for one in found(Group.ADDRESS) if one.hosts == 1} == {
        (SHOP, DOMAIN, "GET"),
        (WWW, DOMAIN, "GET"),
    }


def test_one_probe_compares_all_addresses() -> None:
    [one] = [one for one in found(Group.ADDRESS) if one.same_on_every_host]
    assert (one.origin, one.call.base_url, one.hosts) == (SHOP, MAIN, 2)
    assert one.as_json()["same_on_every_host"]
    assert not any(one.same_on_every_host for one in suggest(CorsPolicy.from_aws(POLICY), ROUTES, [MAIN]))


def test_what_must_stay_blocked_is_tried_once_each() -> None:
    blocked = found(Group.BLOCKED)
    origins = [one.origin for one in blocked]
    assert len(origins) == len(set(origins))
    assert {
        "https://unrelated.example", "null", "http://shop.example.com", "https://shop.example.com.unrelated.example",
        "https://notshop.example.com", "https://unlisted.example.com",
    } <= set(origins)  # fmt: skip
    assert all(one.expect == "blocked" and not one.warning for one in blocked)


def test_nothing_that_is_listed_must_stay_blocked() -> None:
    both = ["https://shop.example.com", "http://shop.example.com"]
    assert "http://shop.example.com" not in {one.origin for one in found(Group.BLOCKED, AllowOrigins=both)}
    anyone = found(Group.BLOCKED, AllowOrigins=["*"], AllowCredentials=False)
    assert [one.origin for one in anyone] == ["null"], "no site is blocked by *, but null is"


def test_an_entry_that_no_browser_sends_stands_for_its_origin_and_is_predicted_to_fail() -> None:
    [one] = found(Group.ALLOWED, AllowOrigins=["https://Shop.example.com/"])
    assert one.origin == SHOP
    assert one.warning


@pytest.mark.parametrize("entry", ["*", "https://*"])
def test_a_wildcard_is_tried_from_a_site_that_is_not_listed(entry: str) -> None:
    [one] = found(Group.ALLOWED, AllowOrigins=[entry], AllowCredentials=False)
    assert one.origin == "https://unrelated.example"
    assert not one.warning


def test_nothing_is_suggested_without_cors_or_an_address() -> None:
    assert suggest(CorsPolicy.off(), ROUTES, [MAIN]) == []
    assert suggest(CorsPolicy.from_aws(POLICY), ROUTES, []) == []


def test_an_address_has_no_look_alike_names() -> None:
    assert [origin for origin, _ in look_alikes("http://127.0.0.1:3000")] == []
    assert [origin for origin, _ in look_alikes("https://[::1]")] == ["http://[::1]"]


def test_the_cost_is_calls_to_each_address_a_minute_and_rows_a_day() -> None:
    addresses = found(Group.ADDRESS)
    assert [one.hosts for one in addresses] == [1, 1, 2]
    spent = cost(addresses, 60)
    assert (spent.calls_per_minute, spent.rows_per_day) == (4, 3 * 1440)
