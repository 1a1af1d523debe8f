"""What API Gateway answers to a preflight: by itself, by a route, or not at all."""

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
    said = preflight(TUTORIAL, POST_JSON, (Route("POST /items"),))
    assert (said.answer.status, said.by, said.route) == (204, "gateway", None)
    cors = [pair for pair in said.answer.headers if pair[0].startswith("access-control-")]
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
def test_which_entry_admits_which_origin(entries: tuple[str, ...], origin: str, granted: str | None) -> None:
    said = preflight(CorsPolicy(allow_origins=entries), Request(origin, f"{API}/items", "PUT"))
    assert said.answer.status == 204
    assert said.answer.get("access-control-allow-origin") == granted
    if granted is None:
        assert said.answer.headers == ()


@pytest.mark.parametrize(("origin", "asks_for"), [("", "POST"), (PAGE, ""), ("", "")])
def test_options_that_is_no_preflight_gets_a_bare_204(origin: str, asks_for: str) -> None:
    said = answer(TUTORIAL, Call("OPTIONS", f"{API}/items", origin, asks_for), ())
    assert (said.answer, said.by, said.confidence) == (Answer(204), "gateway", "confirmed")


def test_off_without_a_route_is_not_found() -> None:
    said = preflight(CorsPolicy.off(), POST_JSON, (Route("POST /items"),))
    assert (said.answer.status, said.by, said.body) == (404, "nobody", '{"message":"Not Found"}')
    assert said.answer.get("access-control-allow-origin") is None
    assert said.confidence == "confirmed"


def test_off_passes_on_what_the_backend_says() -> None:
    backend = Answer(200, (("Access-Control-Allow-Origin", "*"),))
    said = preflight(CorsPolicy.off(), POST_JSON, (Route("ANY /items"),), backend=backend)
    assert (said.answer, said.by, said.confidence) == (backend, "route", "confirmed")


def test_empty_is_on_and_allows_nothing() -> None:
    said = preflight(CorsPolicy.from_aws({}), POST_JSON, (Route("POST /items"),))
    assert (said.answer, said.by) == (Answer(204), "gateway")


@pytest.mark.parametrize("key", ["OPTIONS /items", "ANY /items", "ANY /{proxy+}", "OPTIONS /{proxy+}", "$default"])
def test_a_route_that_matches_options_takes_the_preflight(key: str) -> None:
    route = Route(key, target="integrations/1")
    said = preflight(TUTORIAL, POST_JSON, (Route("POST /items", target="integrations/1"), route))
    assert (said.by, said.route, said.answer.status) == ("route", route, 200)
    assert [name for name in NAMES if said.answer.get(name)] == NAMES
    assert said.confidence == "unconfirmed"


def test_a_backend_that_refuses_options_decides_the_status() -> None:
    backend = Answer(403, (("Access-Control-Allow-Origin", "https://other.example"), ("Server", "x")))
    said = preflight(TUTORIAL, POST_JSON, (Route("ANY /items"),), backend=backend)
    assert said.answer.status == 403
    assert said.answer.lines("access-control-allow-origin") == [PAGE]
    assert said.answer.get("server") == "x"


@pytest.mark.parametrize("authorization", ["JWT", "CUSTOM", "AWS_IAM"])
def test_an_authorizer_on_that_route_answers_401(authorization: str) -> None:
    route = Route("$default", authorization, "auth1")
    said = preflight(TUTORIAL, POST_JSON, (route,))
    assert (said.answer.status, said.by, said.route) == (401, "route", route)
    assert said.answer.get("access-control-allow-origin") == PAGE
    assert "$default" in said.why


def test_an_authorizer_answers_without_cors_headers_when_cors_is_off() -> None:
    said = preflight(CorsPolicy.off(), POST_JSON, (Route("ANY /items", "JWT"),))
    assert said.answer.status == 401
    assert said.answer.get("access-control-allow-origin") is None


def test_a_route_without_its_integration_is_not_found() -> None:
    routes = (Route("OPTIONS /{proxy+}"), Route("POST /items", target="integrations/1"))
    said = preflight(TUTORIAL, POST_JSON, routes)
    assert (said.answer.status, said.route) == (404, routes[0])


def test_an_open_options_route_goes_before_an_authorized_any() -> None:
    routes = (Route("ANY /items", "JWT"), Route("OPTIONS /items"))
    assert preflight(TUTORIAL, POST_JSON, routes).answer.status == 200


def test_unknown_routes_leave_a_doubt() -> None:
    said = preflight(TUTORIAL, POST_JSON)
    assert said.by == "gateway"
    assert "routes are not known" in said.why


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
    said = preflight(TUTORIAL, Request(PAGE, API + path, "PUT"), (Route("PUT /items"),), stages)
    assert said.answer.status == status
    assert said.by == ("gateway" if status == 204 else "nobody")


def test_the_stage_is_taken_away_before_routes_are_looked_up() -> None:
    said = preflight(TUTORIAL, Request(PAGE, f"{API}/dev/items", "PUT"), (Route("OPTIONS /items", "JWT"),), ("dev",))
    assert said.answer.status == 401


def test_a_custom_domain_has_no_stage_but_may_have_a_mapping_key() -> None:
    routes = (Route("OPTIONS /items", "JWT"),)
    here = Request(PAGE, "https://api.example.com/v1/items", "PUT")
    bases = ("https://api.example.com/v1", "https://api.example.com")
    assert preflight(TUTORIAL, here, routes, bases=bases).answer.status == 401
    assert preflight(TUTORIAL, Request(PAGE, "https://api.example.com/items"), routes, ("dev",)).answer.status == 401
    elsewhere = Request(PAGE, "https://api.example.org/items", "PUT")
    assert preflight(TUTORIAL, elsewhere, routes, bases=bases).answer.status == 404
    beside = Request(PAGE, "https://api.example.com.evil.example/items", "PUT")
    assert preflight(TUTORIAL, beside, routes, bases=bases).answer.status == 404


def test_every_prediction_says_why_in_one_sentence() -> None:
    for policy in (CorsPolicy.off(), CorsPolicy(), TUTORIAL, CorsPolicy(allow_origins=("*",))):
        for routes in (None, (), (Route("$default"),), (Route("ANY /items", "JWT"),)):
            said = preflight(policy, POST_JSON, routes)
            assert said.why.endswith(".") and said.confidence in ("confirmed", "reported", "unconfirmed")
