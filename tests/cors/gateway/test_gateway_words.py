"""What is said of each answer: whose it is, how sure we are, and why, in the sentence that people read."""

from __future__ import annotations

import pytest

from apis.cors.exchange import Answer, Request
from apis.cors.gateway import Call, Route, answer, predict, preflight, respond
from apis.cors.policy import CorsPolicy

ON = CorsPolicy(allow_origins=("https://app.example.com",), allow_methods=("GET",))
OFF = CorsPolicy.off()
EMPTY, ANY = CorsPolicy(allow_methods=("GET",)), CorsPolicy(allow_origins=("*",))
PAGE, OTHER = "https://app.example.com", "https://other.example"
URL = "https://abc.execute-api.us-east-1.amazonaws.com/items"
GET, ASKS = Call("GET", URL, PAGE), Call("OPTIONS", URL, PAGE, "PUT")
TAKES = (Route("GET /items"),)
NOT_FOUND = '({"message":"Not Found"})'

WHY = [
    (ON, ASKS, TAKES, "204 gateway reported", "API Gateway responds to the preflight; its entry in AllowOrigins allows "
     "https://app.example.com."),
    (ON, ASKS, None, "204 gateway reported", "API Gateway responds to the preflight; its entry in AllowOrigins allows "
     "https://app.example.com. The routes are unknown; a route that matches OPTIONS would respond instead."),
    (ON, Call("OPTIONS", URL, "", "PUT"), (), "204 gateway confirmed", "The request has no Origin header: 204 without "
     "CORS headers."),
    (ON, Call("OPTIONS", URL, PAGE), (), "204 gateway confirmed", "The request has no Access-Control-Request-Method "
     "header: 204 without CORS headers."),
    (ON, Call("OPTIONS", URL), (), "204 gateway confirmed", "The request has no Origin header: 204 without CORS "
     "headers."),
    (ANY, Call("OPTIONS", URL, "null", "PUT"), (), "204 gateway confirmed", "AllowOrigins never allows the origin "
     "null, not even with “*”: 204 without CORS headers."),
    (EMPTY, ASKS, (), "204 gateway reported", "CORS is on but AllowOrigins is empty: 204 without CORS headers."),
    (ON, Call("OPTIONS", URL, OTHER, "PUT"), (), "204 gateway reported", "AllowOrigins does not allow "
     "https://other.example: 204 without CORS headers."),
    (OFF, GET, (Route("POST /items"),), "404 nobody confirmed", "CORS is off and no route matches GET /items: "
     f"404 {NOT_FOUND}."),
    (ON, GET, (Route("POST /items"),), "404 nobody unconfirmed", f"No route matches GET /items: 404 {NOT_FOUND} "
     "without CORS headers."),
    (ON, ASKS, (Route("OPTIONS /items"), Route("GET /items", target="t")), "404 route reported", "Route OPTIONS /items "
     f"has no integration: 404 {NOT_FOUND}."),
    (ON, ASKS, (Route("ANY /items", "JWT"),), "401 route reported", "Route ANY /items matches the preflight, and its "
     "JWT authorizer responds 401: browsers send no token with it."),
    (ON, GET, (Route("GET /items", "JWT"),), "401 route confirmed", "The JWT authorizer of route GET /items responds "
     "401: the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "CUSTOM"),), "401 route reported", "The Lambda authorizer of route GET /items "
     "responds 401: the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "AWS_IAM"),), "401 route unconfirmed", "The IAM authorization of route GET /items "
     "responds 401: the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "NEW"),), "401 route confirmed", "The authorizer of route GET /items responds 401: "
     "the call has no Authorization header."),
    (ON, ASKS, (Route("ANY /items"),), "200 route unconfirmed", "Route ANY /items sends the preflight to its backend, "
     "whose status decides. Whether API Gateway adds the configured headers is unconfirmed."),
    (OFF, GET, None, "200 route unconfirmed", "The backend responds; CORS is off, so its own headers decide; its "
     "response is unknown, and no CORS headers are assumed."),
    (ON, Call("GET", URL), TAKES, "200 route confirmed", "Route GET /items forwards the request to its backend; the "
     "request has no Origin header, so API Gateway adds no CORS headers."),
    (ON, GET, TAKES, "200 route confirmed", "Route GET /items forwards the request to its backend; API Gateway adds "
     "CORS headers, because its entry in AllowOrigins allows https://app.example.com."),
    (ON, GET, None, "200 route confirmed", "The backend responds; API Gateway adds CORS headers, because its entry in "
     "AllowOrigins allows https://app.example.com."),
    (ON, Call("GET", URL, OTHER), TAKES, "200 route confirmed", "Route GET /items forwards the request to its "
     "backend; AllowOrigins does not allow https://other.example, so API Gateway adds no CORS headers."),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "call", "routes", "what", "why"), WHY)
def test_each_answer_says_why(
    policy: CorsPolicy, call: Call, routes: tuple[Route, ...] | None, what: str, why: str
) -> None:
    shown = answer(policy, call, routes)
    assert f"{shown.answer.status} {shown.by} {shown.confidence}" == what
    assert shown.why == why


def test_where_no_stage_is_no_one_answers() -> None:
    shown = answer(ON, GET, TAKES, bases=["https://elsewhere.example"])
    assert (shown.answer.status, shown.by, shown.confidence, shown.route) == (404, "nobody", "confirmed", None)
    assert shown.why == f"No stage of the API has this address: 404 {NOT_FOUND}."


def test_a_backend_that_is_known_is_believed() -> None:
    shown = answer(OFF, GET, TAKES, backend=Answer(500, (("x-one", "1"),)))
    assert (shown.answer.status, shown.by, shown.confidence) == (500, "route", "confirmed")
    assert shown.why == "Route GET /items forwards the request to its backend; CORS is off, so its own headers decide."
    shown = answer(ON, GET, None, backend=Answer(503))
    assert (shown.answer.status, shown.body) == (503, "")


def test_what_is_asked_for_is_what_chrome_asks_for() -> None:
    """Browsers differ in `Range`, which Chrome lets pass without a preflight; here it is Chrome's call."""
    ranged = Request(PAGE, URL, headers=(("Range", "bytes=0-1"),))
    assert predict(ON, ranged, TAKES).preflight is None
    lower = Request(PAGE, URL, "patch")
    asked = preflight(CorsPolicy(allow_origins=(PAGE,), allow_methods=("patch",)), lower, TAKES)
    assert asked.answer.get("access-control-allow-methods") == "patch"
    assert (
        respond(ON, Request(PAGE, URL, headers=(("authorization", "1"),)), (Route("GET /items", "JWT"),)).answer.status
        == 200
    )


@pytest.mark.parametrize(("method", "origin"), [("GET", ""), ("HEAD", ""), ("POST", PAGE), ("PUT", PAGE)])
def test_calls_to_ones_own_origin_name_it_unless_they_only_read(method: str, origin: str) -> None:
    """Fetch: "append a request Origin header"."""
    same = CorsPolicy(allow_origins=(URL.removesuffix("/items"),))
    request = Request(URL.removesuffix("/items"), URL, method)
    shown = predict(same, request, (Route(f"{method} /items"),)).response
    assert shown is not None and ("has no Origin header" in shown.why) is (not origin)
