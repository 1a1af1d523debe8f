"""What API Gateway makes of the answer to the call itself, and a whole call predicted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Request
from apis.cors.gateway import Call, Route, answer, predict, preflight, respond
from apis.cors.policy import CorsPolicy

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
PAGE = "https://app.example.com"
POLICY = CorsPolicy(
    allow_origins=(PAGE, "https://www.example.com"),
    allow_methods=("GET", "PUT"),
    allow_headers=("authorization",),
    expose_headers=("X-Request-Id",),
    max_age=600,
    allow_credentials=True,
)
GET = Request(PAGE, f"{API}/items")
OWN_CORS = Answer(200, (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"), ("X-Other", "1")))


def test_the_configured_headers_are_added_and_the_backends_ignored() -> None:
    shown = respond(POLICY, GET, (Route("GET /items"),), OWN_CORS)
    assert shown.answer.headers == (
        ("X-Other", "1"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-origin", PAGE),
        ("access-control-expose-headers", "x-request-id"),
        ("vary", "origin"),
    )
    assert (shown.by, shown.confidence) == ("route", "confirmed")


@pytest.mark.parametrize("policy", [POLICY, CorsPolicy.from_aws({})])
def test_the_backends_headers_are_ignored_for_strangers_and_when_empty(policy: CorsPolicy) -> None:
    shown = respond(policy, Request("https://evil.example", f"{API}/items"), None, OWN_CORS)
    assert shown.answer == Answer(200, (("X-Other", "1"),))


def test_off_leaves_the_backends_headers_alone() -> None:
    shown = respond(CorsPolicy.off(), GET, (Route("GET /items"),), OWN_CORS)
    assert (shown.answer, shown.confidence) == (OWN_CORS, "confirmed")
    assert respond(CorsPolicy.off(), GET).confidence == "unconfirmed"


@pytest.mark.parametrize("status", [200, 204, 404, 500])
def test_headers_come_with_any_status_of_the_backend(status: int) -> None:
    assert respond(POLICY, GET, None, Answer(status)).answer.get("access-control-allow-origin") == PAGE


def test_without_an_origin_there_are_no_cors_headers() -> None:
    shown = answer(POLICY, Call("GET", f"{API}/items"), (Route("GET /items"),))
    assert shown.answer == Answer(200, (("content-type", "application/json"),))


def test_a_jwt_authorizers_401_carries_cors_headers() -> None:
    routes = (Route("GET /items", "JWT"),)
    shown = respond(POLICY, GET, routes)
    assert (shown.answer.status, shown.confidence) == (401, "confirmed")
    assert shown.answer.get("access-control-allow-origin") == PAGE
    assert shown.body == '{"message":"Unauthorized"}'
    with_token = Request(PAGE, f"{API}/items", headers=(("Authorization", "Bearer x"),))
    assert respond(POLICY, with_token, routes).answer.status == 200


@pytest.mark.parametrize(
    ("kind", "identity", "url", "headers", "missing"),
    [
        ("CUSTOM", ("$request.header.X-Api-Key",), "", (), "X-Api-Key header"),
        ("CUSTOM", ("$request.header.X-Api-Key",), "", (("x-api-key", "1"),), ""),
        ("CUSTOM", ("$request.header.a", "$request.header.b"), "", (("a", "1"),), "b header"),
        ("CUSTOM", ("$request.querystring.token", "$context.path"), "?token=1#x", (), ""),
        ("JWT", ("$request.querystring.token",), "?other=1", (("Authorization", "1"),), "parameter token"),
        ("JWT", ("$request.querystring.token",), "?other=1&token=1", (), ""),
        ("CUSTOM", (), "", (), ""),
        ("CUSTOM", None, "", (), "Authorization header"),
        ("AWS_IAM", (), "", (), "Authorization header"),
    ],
)
def test_an_authorizer_refuses_who_brings_nothing_where_it_looks(
    kind: str, identity: tuple[str, ...] | None, url: str, headers: tuple[tuple[str, str], ...], missing: str
) -> None:
    routes = (Route("GET /items", kind, identity=identity),)
    shown = respond(POLICY, Request(PAGE, f"{API}/items{url}", headers=headers), routes)
    assert shown.answer.status == (401 if missing else 200)
    if missing:
        assert f"has no {missing}." in shown.why


def test_no_route_is_not_found() -> None:
    shown = respond(POLICY, GET, (Route("POST /items"),))
    assert (shown.answer.status, shown.by, shown.confidence) == (404, "nobody", "unconfirmed")
    assert respond(CorsPolicy.off(), GET, ()).confidence == "confirmed"


def test_a_call_that_needs_no_preflight_has_none() -> None:
    found = predict(POLICY, GET, (Route("GET /items"),))
    assert found.preflight is None and found.exchange.preflight is None
    assert judge(found.exchange).allowed


def test_a_call_whose_preflight_fails_is_not_sent() -> None:
    found = predict(POLICY, Request(PAGE, f"{API}/items", "DELETE"), (Route("DELETE /items"),))
    assert found.preflight is not None and found.response is None and found.exchange.response is None
    assert judge(found.exchange).code == "MethodDisallowedByPreflightResponse"


def test_a_call_with_credentials_and_token_goes_all_the_way() -> None:
    call = Request(PAGE, f"{API}/items", "PUT", (("Authorization", "Bearer x"),), "include")
    found = predict(POLICY, call, (Route("PUT /items", "JWT"),))
    verdict = judge(found.exchange)
    assert verdict.allowed and verdict.needs_preflight
    assert found.response is not None and found.response.answer.status == 200


def test_a_swallowed_preflight_with_an_authorizer_blocks_the_call() -> None:
    found = predict(POLICY, Request(PAGE, f"{API}/items", "PUT"), (Route("ANY /items", "JWT"),))
    assert judge(found.exchange).code == "PreflightInvalidStatus"


def test_a_page_of_the_apis_own_origin_needs_no_cors() -> None:
    found = predict(CorsPolicy.off(), Request(API, f"{API}/items", "PUT"), (Route("PUT /items"),))
    assert found.preflight is None
    assert judge(found.exchange).allowed


def test_what_fetch_refuses_is_never_sent() -> None:
    found = predict(POLICY, Request(PAGE, f"{API}/items", "TRACE"))
    assert (found.preflight, found.response) == (None, None)
    assert judge(found.exchange).code == "TypeError"


@given(
    origin=st.text(max_size=20) | st.sampled_from([PAGE, "null", ""]),
    url=st.text(max_size=20) | st.just(f"{API}/items?x=1#y"),
    method=st.text(max_size=8) | st.sampled_from(["GET", "PUT", "OPTIONS"]),
    entry=st.text(max_size=20),
    key=st.text(max_size=12) | st.sampled_from(["$default", "ANY /{proxy+}", "GET /{id}", "GET"]),
    stage=st.text(max_size=5),
)
def test_no_text_makes_a_prediction_raise(origin: str, url: str, method: str, entry: str, key: str, stage: str) -> None:
    policy = CorsPolicy(allow_origins=(entry,), allow_headers=(entry,), allow_methods=(entry,), max_age=5)
    request = Request(origin, url, method, ((entry, entry),), "include")
    routes = (Route(key),)
    judge(predict(policy, request, routes, stages=(stage,)).exchange)
    judge(predict(policy, request, routes, bases=(stage,)).exchange)
    assert preflight(policy, request, routes, (stage,)) == preflight(policy, request, routes, (stage,))
    respond(policy, request, routes, None, (stage,))
