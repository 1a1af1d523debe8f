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

SAID = [
    (ON, ASKS, TAKES, "204 gateway reported", "API Gateway answers the preflight itself, as its entry in AllowOrigins "
     "admits https://app.example.com."),
    (ON, ASKS, None, "204 gateway reported", "API Gateway answers the preflight itself, as its entry in AllowOrigins "
     "admits https://app.example.com. The routes are not known: one that matches OPTIONS would answer instead."),
    (ON, Call("OPTIONS", URL, "", "PUT"), (), "204 gateway confirmed", "The request has no Origin header, so API "
     "Gateway answers 204 without CORS headers."),
    (ON, Call("OPTIONS", URL, PAGE), (), "204 gateway confirmed", "The request has no Access-Control-Request-Method "
     "header, so API Gateway answers 204 without CORS headers."),
    (ON, Call("OPTIONS", URL), (), "204 gateway confirmed", "The request has no Origin header, so API Gateway answers "
     "204 without CORS headers."),
    (ANY, Call("OPTIONS", URL, "null", "PUT"), (), "204 gateway confirmed", "No entry of AllowOrigins admits the "
     "origin null, not even “*”, so the 204 has no CORS headers."),
    (EMPTY, ASKS, (), "204 gateway reported", "CORS is on but AllowOrigins is empty, so API Gateway answers 204 "
     "without CORS headers."),
    (ON, Call("OPTIONS", URL, OTHER, "PUT"), (), "204 gateway reported", "No entry of AllowOrigins is "
     "https://other.example, so API Gateway answers 204 without CORS headers."),
    (OFF, GET, (Route("POST /items"),), "404 nobody confirmed", "CORS is off and no route matches GET /items, so API "
     f"Gateway answers 404 {NOT_FOUND}."),
    (ON, GET, (Route("POST /items"),), "404 nobody unconfirmed", "No route matches GET /items, so API Gateway answers "
     f"404 {NOT_FOUND}, presumably without CORS headers."),
    (ON, ASKS, (Route("OPTIONS /items"), Route("GET /items", target="t")), "404 route reported", "The route OPTIONS "
     f"/items has no integration, so API Gateway answers 404 {NOT_FOUND}."),
    (ON, ASKS, (Route("ANY /items", "JWT"),), "401 route reported", "The route ANY /items takes the preflight, and its "
     "JWT authorizer answers 401: browsers send no token with it."),
    (ON, GET, (Route("GET /items", "JWT"),), "401 route confirmed", "The JWT authorizer of the route GET /items "
     "answers 401, as the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "CUSTOM"),), "401 route reported", "The Lambda authorizer of the route GET /items "
     "answers 401, as the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "AWS_IAM"),), "401 route unconfirmed", "The IAM authorization of the route GET "
     "/items answers 401, as the call has no Authorization header."),
    (ON, GET, (Route("GET /items", "NEW"),), "401 route confirmed", "The authorizer of the route GET /items answers "
     "401, as the call has no Authorization header."),
    (ON, ASKS, (Route("ANY /items"),), "200 route unconfirmed", "The route ANY /items takes the preflight from API "
     "Gateway: its backend's status decides, with the configured CORS headers on it, though reports differ on these."),
    (OFF, GET, None, "200 route unconfirmed", "The backend answers, and as CORS is off its own headers decide; what it "
     "says is not known, and no CORS headers are assumed."),
    (ON, Call("GET", URL), TAKES, "200 route confirmed", "The route GET /items passes the request to its backend; the "
     "request has no Origin header, so API Gateway adds no CORS headers."),
    (ON, GET, TAKES, "200 route confirmed", "The route GET /items passes the request to its backend; API Gateway adds "
     "the headers for https://app.example.com, which its entry in AllowOrigins admits."),
    (ON, GET, None, "200 route confirmed", "The backend answers; API Gateway adds the headers for "
     "https://app.example.com, which its entry in AllowOrigins admits."),
    (ON, Call("GET", URL, OTHER), TAKES, "200 route confirmed", "The route GET /items passes the request to its "
     "backend; no entry of AllowOrigins admits https://other.example, so it gets no CORS headers."),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "call", "routes", "what", "why"), SAID)
def test_each_answer_says_why(
    policy: CorsPolicy, call: Call, routes: tuple[Route, ...] | None, what: str, why: str
) -> None:
    said = answer(policy, call, routes)
    assert f"{said.answer.status} {said.by} {said.confidence}" == what
    assert said.why == why


def test_where_no_stage_is_nobody_answers() -> None:
    said = answer(ON, GET, TAKES, bases=["https://elsewhere.example"])
    assert (said.answer.status, said.by, said.confidence, said.route) == (404, "nobody", "confirmed", None)
    assert said.why == f"No stage of the API is at this address, so API Gateway answers 404 {NOT_FOUND}."


def test_a_backend_that_is_known_is_believed() -> None:
    said = answer(OFF, GET, TAKES, backend=Answer(500, (("x-one", "1"),)))
    assert (said.answer.status, said.by, said.confidence) == (500, "route", "confirmed")
    assert (
        said.why == "The route GET /items passes the request to its backend, and as CORS is off its own headers decide."
    )
    said = answer(ON, GET, None, backend=Answer(503))
    assert (said.answer.status, said.body) == (503, "")


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
    said = predict(same, request, (Route(f"{method} /items"),)).response
    assert said is not None and ("has no Origin header" in said.why) is (not origin)
