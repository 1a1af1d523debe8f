"""Which address of an API a URL is under, what its path is there, and where a route takes a method."""

from __future__ import annotations

import pytest

from apis.cors.routing import Route, base_of, is_default_endpoint, path_in_api, sample_path, who_answers

OWN = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
BASES = (
    OWN,
    f"{OWN}/prod",
    "https://api.example.com/orders",
    "https://api.example.com/orders/v2",
    "https://*.example.org",
)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (f"{OWN}/items", OWN),
        (OWN, OWN),
        (f"{OWN}?x=/prod", OWN),
        (f"{OWN}/prod", f"{OWN}/prod"),
        (f"{OWN}/prod/items#top", f"{OWN}/prod"),
        (f"{OWN}/production", OWN),
        (OWN.upper().replace("HTTPS", "https") + ":443/prod/items", f"{OWN}/prod"),
        (f"{OWN}:8443/prod", None),
        (OWN.replace("https", "http"), None),
        ("https://api.example.com/orders", "https://api.example.com/orders"),
        ("https://api.example.com/orders?x", "https://api.example.com/orders"),
        ("https://api.example.com/orders/v1", "https://api.example.com/orders"),
        ("https://api.example.com/orders/v2/items", "https://api.example.com/orders/v2"),
        ("https://api.example.com/ordersv2", None),
        ("https://api.example.com/", None),
        ("https://one.example.org/x", "https://*.example.org"),
        ("https://a.one.example.org/x", None),
        ("https://example.org/x", None),
        ("https://one.example.com/x", None),
        ("nonsense", None),
    ],
)
def test_the_longest_address_that_a_url_is_under(url: str, base: str | None) -> None:
    assert base_of(url, BASES) == base
    assert base_of(url, BASES[::-1]) == base


def test_a_named_host_goes_before_a_wildcard() -> None:
    named, wild = "https://one.example.org", "https://*.example.org/longer"
    assert base_of("https://one.example.org/longer/x", (wild, named)) == named
    assert base_of("https://two.example.org/longer/x", (wild, named)) == wild
    assert base_of("https://one.example.org/", ("nonsense", named)) == named


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{OWN}/prod/items?x=1", "/items"),
        (f"{OWN}/prod", "/"),
        (f"{OWN}/prod/", "/"),
        (f"{OWN}#x", "/"),
        ("https://api.example.com/orders/v2/items/7", "/items/7"),
        ("https://one.example.org/items", "/items"),
        ("https://nobody.example/items", None),
    ],
)
def test_the_path_is_what_follows_the_address(url: str, path: str | None) -> None:
    assert path_in_api(url, ("$default",), BASES) == path
    assert path_in_api(url, bases=[f"{base}/" for base in BASES]) == path


@pytest.mark.parametrize(
    ("url", "stages", "path"),
    [
        (f"{OWN}/prod/items", ("prod",), "/items"),
        (f"{OWN}/prod", ("prod",), "/"),
        (f"{OWN}/dev/items", ("prod",), None),
        (f"{OWN}/dev/items", ("prod", "$default"), "/dev/items"),
        (f"{OWN}/$default/items", ("$default",), "/$default/items"),
        (f"{OWN}/", ("prod",), None),
        (f"{OWN}/prod/items", None, "/prod/items"),
        ("https://api.example.com/prod/items", ("prod",), "/prod/items"),
    ],
)
def test_without_addresses_the_stage_is_the_first_part(
    url: str, stages: tuple[str, ...] | None, path: str | None
) -> None:
    assert path_in_api(url, stages) == path


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("abc.execute-api.us-east-1.amazonaws.com", True),
        ("ABC.EXECUTE-API.us-east-1.amazonaws.com:443", True),
        ("execute-api.localhost", True),
        ("execute-api.example", True),
        ("localhost", True),
        ("localhost:4511", True),
        ("abc.localhost:4511", True),
        ("127.0.0.1:4511", True),
        ("[::1]:4511", True),
        ("api.example.com", False),
        ("localhost.example.com", False),
        ("mylocalhost", False),
        ("12.7.0.1", False),
    ],
)
def test_which_hosts_are_an_apis_own(host: str, own: bool) -> None:
    assert is_default_endpoint(host) is own


@pytest.mark.parametrize(
    ("keys", "method", "path"),
    [
        ((), "GET", "/"),
        (("GET /items",), "GET", "/items"),
        (("GET /items",), "PUT", None),
        (("ANY /any", "PUT /items/{id}"), "PUT", "/items/x"),
        (("PUT /items/{id}", "PUT /items"), "PUT", "/items"),
        (("$default", "ANY /{proxy+}"), "PUT", "/x"),
        (("$default",), "PUT", "/"),
        (("ANY /a/{b}/c",), "GET", "/a/x/c"),
    ],
)
def test_a_path_at_which_a_route_takes_a_method(keys: tuple[str, ...], method: str, path: str | None) -> None:
    routes = [Route(key) for key in keys]
    assert sample_path(routes, method) == path
    if path is not None and routes:
        assert who_answers(routes, method, path) is not None


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/items", "GET /items"),
        ("/items?x=1", "GET /items"),
        ("/items/7", "GET /items/{id}"),
        ("/items/", "ANY /{proxy+}"),
        ("/items/7/parts", "ANY /items/{rest+}"),
        ("/items/new", "GET /items/new"),
        ("/other", "ANY /{proxy+}"),
        ("/", "$default"),
        ("/a/b+}", "ANY /{proxy+}"),
    ],
)
def test_the_most_specific_route_answers(path: str, key: str) -> None:
    keys = (
        "$default",
        "ANY /{proxy+}",
        "ANY /items/{rest+}",
        "ANY /items",
        "GET /items/{id}",
        "GET /items/new",
        "GET /items",
    )
    for routes in ([Route(one) for one in keys], [Route(one) for one in reversed(keys)]):
        found = who_answers(routes, "GET", path)
        assert found is not None and found.key == key
    assert who_answers([Route("PUT /items")], "GET", "/items") is None
