"""What API Gateway answers to a preflight: automatically, by a route, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apis.cors.exchange import Answer, Request
from apis.cors.gateway import Call, Route, answer, preflight, respond
from apis.cors.policy import CorsPolicy

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
PAGE = "http://localhost:3000"
TUTORIAL = CorsPolicy.from_aws(
    {
        "AllowOrigins": ["http://localhost:3000", "https://example.com"],
        "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
        "AllowHeaders": ["Content-Type", "Authorization"],
        "MaxAge": 86400,
    }
)
POST_JSON = Request(PAGE, f"{API}/items", "POST", (("Content-Type", "application/json"),))
NAMES = [
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-max-age",
]


def test_the_tutorials_preflight_gets_the_tutorials_headers() -> None:
    shown = preflight(TUTORIAL, POST_JSON, (Route("POST /items"),))
    assert (shown.answer.status, shown.by, shown.route) == (204, "gateway", None)
    cors = [pair for pair in shown.answer.headers if pair[0].startswith("access-control-")]
    assert cors == [
        ("access-control-allow-headers", "content-type, authorization"),
        ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
        ("access-control-allow-origin", "http://localhost:3000"),
        ("access-control-max-age", "86400"),
    ]


def test_the_lists_come_whole_whatever_is_asked_for() -> None:
    asked = Request(PAGE, f"{API}/items", "PATCH", (("X-Other", "1"),))
    assert preflight(TUTORIAL, asked).answer.get("access-control-allow-methods") == "GET, POST, PUT, DELETE"


def test_preflight_responses_have_credentials_but_no_exposed_headers() -> None:
    policy = CorsPolicy(allow_origins=(PAGE,), allow_credentials=True, expose_headers=("x-request-id",), max_age=-1)
    assert preflight(policy, POST_JSON).answer.headers == (
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-origin", PAGE),
        ("access-control-max-age", "-1"),
    )


def test_an_unset_max_age_is_not_sent() -> None:
    assert preflight(CorsPolicy(allow_origins=("*",)), POST_JSON).answer.headers == (
        ("access-control-allow-origin", "*"),
    )


@pytest.mark.parametrize(
    ("entries", "vary"),
    [
        (("*",), []),
        ((PAGE,), []),
        ((PAGE, PAGE), []),
        ((PAGE, "https://example.com"), ["origin"]),
        (("http://*",), ["origin"]),
        (("*", PAGE), []),
    ],
)
def test_vary_is_sent_when_the_answer_depends_on_the_page(entries: tuple[str, ...], vary: list[str]) -> None:
    policy = CorsPolicy(allow_origins=entries)
    assert respond(policy, POST_JSON).answer.lines("vary") == vary
    assert preflight(policy, POST_JSON).answer.lines("vary") == []
    if "*" not in entries:
        with_credentials = replace(policy, allow_credentials=True)
        assert preflight(with_credentials, POST_JSON).answer.lines("vary") == vary


@pytest.mark.parametrize(
    ("entries", "origin", "granted"),
    [
        (("*",), "https://app.example.com", "*"),
        (("*",), "null", None),
        (("null",), "null", None),
        (("https://*",), "https://app.example.com", "https://app.example.com"),
        (("https://*",), "http://app.example.com", None),
        (("https://*",), "null", None),
        (("http://*",), "http://localhost:3000", "http://localhost:3000"),
        (("https://app.example.com",), "https://app.example.com", "https://app.example.com"),
        (("https://app.example.com/",), "https://app.example.com", None),
        (("https://App.example.com",), "https://app.example.com", None),
        (("https://app.example.com:443",), "https://app.example.com", None),
        (("https://*.example.com",), "https://app.example.com", None),
        (("https://app.example.com",), "https://app.example.com:8443", None),
        ((), "https://app.example.com", None),
    ],
)
def test_which_entry_allows_which_origin(entries: tuple[str, ...], origin: str, granted: str | None) -> None:
    shown = preflight(CorsPolicy(allow_origins=entries), Request(origin, f"{API}/items", "PUT"))
    assert shown.answer.status == 204
    assert shown.answer.get("access-control-allow-origin") == granted
    if granted is None:
        assert shown.answer.headers == ()


@pytest.mark.parametrize(("origin", "requested_method"), [("", "POST"), (PAGE, ""), ("", "")])
def test_options_that_is_no_preflight_gets_a_bare_204(origin: str, requested_method: str) -> None:
    shown = answer(TUTORIAL, Call("OPTIONS", f"{API}/items", origin, requested_method), ())
    assert (shown.answer, shown.by, shown.confidence) == (Answer(204), "gateway", "confirmed")


def test_off_without_a_route_is_not_found() -> None:
    shown = preflight(CorsPolicy.off(), POST_JSON, (Route("POST /items"),))
    assert (shown.answer.status, shown.by, shown.body) == (404, "nobody", '{"message":"Not Found"}')
    assert shown.answer.get("access-control-allow-origin") is None
    assert shown.confidence == "confirmed"


def test_off_passes_on_what_the_backend_says() -> None:
    backend = Answer(200, (("Access-Control-Allow-Origin", "*"),))
    shown = preflight(CorsPolicy.off(), POST_JSON, (Route("ANY /items"),), backend=backend)
    assert (shown.answer, shown.by, shown.confidence) == (backend, "route", "confirmed")


def test_empty_is_on_and_allows_nothing() -> None:
    shown = preflight(CorsPolicy.from_aws({}), POST_JSON, (Route("POST /items"),))
    assert (shown.answer, shown.by) == (Answer(204), "gateway")


@pytest.mark.parametrize("key", ["OPTIONS /items", "ANY /items", "ANY /{proxy+}", "OPTIONS /{proxy+}", "$default"])
def test_a_route_that_matches_options_takes_the_preflight(key: str) -> None:
    route = Route(key, target="integrations/1")
    shown = preflight(TUTORIAL, POST_JSON, (Route("POST /items", target="integrations/1"), route))
    assert (shown.by, shown.route, shown.answer.status) == ("route", route, 200)
    assert [name for name in NAMES if shown.answer.get(name)] == NAMES
    assert shown.confidence == "unconfirmed"


def test_a_backend_that_refuses_options_decides_the_status() -> None:
    backend = Answer(403, (("Access-Control-Allow-Origin", "https://other.example"), ("Server", "x")))
    shown = preflight(TUTORIAL, POST_JSON, (Route("ANY /items"),), backend=backend)
    assert shown.answer.status == 403
    assert shown.answer.lines("access-control-allow-origin") == [PAGE]
    assert shown.answer.get("server") == "x"


@pytest.mark.parametrize("authorization", ["JWT", "CUSTOM", "AWS_IAM"])
def test_an_authorizer_on_that_route_answers_401(authorization: str) -> None:
    route = Route("$default", authorization, "auth1")
    shown = preflight(TUTORIAL, POST_JSON, (route,))
    assert (shown.answer.status, shown.by, shown.route) == (401, "route", route)
    assert shown.answer.get("access-control-allow-origin") == PAGE
    assert "$default" in shown.why


def test_an_authorizer_answers_without_cors_headers_when_cors_is_off() -> None:
    shown = preflight(CorsPolicy.off(), POST_JSON, (Route("ANY /items", "JWT"),))
    assert shown.answer.status == 401
    assert shown.answer.get("access-control-allow-origin") is None


def test_a_route_without_its_integration_is_not_found() -> None:
    routes = (Route("OPTIONS /{proxy+}"), Route("POST /items", target="integrations/1"))
    shown = preflight(TUTORIAL, POST_JSON, routes)
    assert (shown.answer.status, shown.route) == (404, routes[0])


def test_an_open_options_route_goes_before_an_authorized_any() -> None:
    routes = (Route("ANY /items", "JWT"), Route("OPTIONS /items"))
    assert preflight(TUTORIAL, POST_JSON, routes).answer.status == 200


def test_unknown_routes_leave_a_doubt() -> None:
    shown = preflight(TUTORIAL, POST_JSON)
    assert shown.by == "gateway"
    assert "routes are unknown" in shown.why


@pytest.mark.parametrize(
    ("stages", "path", "status"),
    [
        (("$default",), "/items", 204),
        (("dev",), "/dev/items", 204),
        (("dev",), "/items", 404),
        (("dev",), "/", 404),
        (("dev",), "/dev", 204),
        (("dev", "$default"), "/devices", 204),
        (("dev",), "/$default/items", 404),
        ((), "/items", 404),
    ],
)
def test_the_stage_is_part_of_the_path(stages: tuple[str, ...], path: str, status: int) -> None:
    shown = preflight(TUTORIAL, Request(PAGE, API + path, "PUT"), (Route("PUT /items"),), stages)
    assert shown.answer.status == status
    assert shown.by == ("gateway" if status == 204 else "nobody")


def test_the_stage_is_taken_away_before_routes_are_looked_up() -> None:
    shown = preflight(TUTORIAL, Request(PAGE, f"{API}/dev/items", "PUT"), (Route("OPTIONS /items", "JWT"),), ("dev",))
    assert shown.answer.status == 401


def test_a_custom_domain_has_no_stage_but_may_have_a_mapping_key() -> None:
    routes = (Route("OPTIONS /items", "JWT"),)
    here = Request(PAGE, "https://api.example.com/v1/items", "PUT")
    bases = ("https://api.example.com/v1", "https://api.example.com")
    assert preflight(TUTORIAL, here, routes, bases=bases).answer.status == 401
    assert preflight(TUTORIAL, Request(PAGE, "https://api.example.com/items"), routes, ("dev",)).answer.status == 401
    elsewhere = Request(PAGE, "https://api.example.org/items", "PUT")
    assert preflight(TUTORIAL, elsewhere, routes, bases=bases).answer.status == 404
    near = Request(PAGE, "https://api.example.com.evil.example/items", "PUT")
    assert preflight(TUTORIAL, near, routes, bases=bases).answer.status == 404


def test_every_prediction_says_why_in_one_sentence() -> None:
    for policy in (CorsPolicy.off(), CorsPolicy(), TUTORIAL, CorsPolicy(allow_origins=("*",))):
        for routes in (None, (), (Route("$default"),), (Route("ANY /items", "JWT"),)):
            shown = preflight(policy, POST_JSON, routes)
            assert shown.why.endswith(".") and shown.confidence in ("confirmed", "reported", "unconfirmed")
