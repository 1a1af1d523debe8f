"""The steps of a call, its prediction compared with what was seen, and the call that is assumed for a text."""

from __future__ import annotations

from typing import Any

import pytest

from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.explain import Explanation, Target, diagnose, explain
from apis.cors.gateway import Route
from apis.cors.lint import Context, Stage
from apis.cors.paste import read_paste
from apis.cors.policy import CorsPolicy
from tests.cors.failures import API, JSON, OPEN, PAGE, TOKEN
from tests.cors.paste.targets import ENDPOINT, assert_nothing_false, target_of

SIGNED = ("apigw-requestid", "x")
INTEGRATION = "integrations/1"


def explained(method: str = "GET", headers: Any = (), credentials: Any = "same-origin", **known: Any) -> Explanation:
    cors = known.pop("cors", OPEN)
    url = known.pop("url", f"{API}/items")
    return explain(CorsPolicy.from_aws(cors), Request(PAGE, url, method, headers, credentials), **known)


def titles(found: Explanation) -> list[tuple[str, str]]:
    return [(step.title, step.start) for step in found.steps]


def test_each_step_has_its_title_and_the_last_of_a_blocked_call_stops_it() -> None:
    route = (Route("GET /items", target=INTEGRATION),)
    assert titles(explained(routes=route)) == [
        ("The call", "GET /items"), ("Passed on", "GET /items"), ("Backend response", "200 OK"),
        ("The answer", "200 OK"), ("Allowed", ""),
    ]  # fmt: skip
    blocked = explained(routes=route, cors={"AllowOrigins": ["https://x.example"]})
    assert titles(blocked)[-1] == ("Blocked", "")
    assert [step.stopped for step in blocked.steps[-2:]] == [True, True]
    assert blocked.steps[-1].note == blocked.verdict.reason
    refused = explained("TRACE")
    assert (titles(refused), refused.steps[0].note) == ([("No request sent", "")], refused.verdict.reason)
    asked = explained("DELETE")
    assert [step.stopped for step in asked.steps] == [False, True, True]
    assert asked.steps[-1].note == asked.verdict.reason


def test_the_reasons_of_a_preflight_are_the_method_and_the_headers() -> None:
    both = explained("PUT", (*JSON, *TOKEN)).steps[0].note
    assert "PUT" in both and "content-type" in both and "authorization" in both and "headers" in both
    method = explained("PUT").steps[0].note
    assert "PUT" in method and "header" not in method
    header = explained("GET", TOKEN).steps[0].note
    assert "authorization" in header and "GET" not in header and "headers" not in header


def test_what_is_passed_on_names_its_route_if_it_is_known() -> None:
    named = explained(routes=(Route("GET /items", target=INTEGRATION),)).steps[1].note
    assert named == explained().steps[1].note.removesuffix(".") + " by the route GET /items."
    assert explained().steps[1].note == "Passed on."


def test_a_header_that_chrome_does_not_send_needs_no_preflight() -> None:
    assert titles(explained(headers=(("User-Agent", "x"),))) == titles(explained())
    assert titles(explained(headers=(("X-Agent", "x"),))) != titles(explained())


def test_cookies_and_readable_headers_are_noted() -> None:
    policy = {**OPEN, "AllowOrigins": [PAGE], "AllowCredentials": True, "ExposeHeaders": ["x-total"]}
    route = (Route("GET /items", target=INTEGRATION),)
    answer = Answer(200, (("x-total", "1"),))
    found = explained("GET", credentials="include", cors=policy, routes=route, backend=answer)
    assert found.steps[0].note and not explained(cors=policy).steps[0].note
    assert "x-total" in found.steps[-1].note
    bare = explained(cors={**OPEN, "AllowOrigins": [PAGE]}, routes=route, backend=Answer(200, ()))
    assert "x-total" not in bare.steps[-1].note


def test_a_step_in_the_form_of_rest() -> None:
    step = explained("PUT", JSON).steps[0]
    assert step.as_json() == {
        "from": "browser", "to": "gateway", "title": "Preflight", "start": "OPTIONS /items",
        "headers": [list(pair) for pair in step.headers], "note": step.note, "confidence": None, "stopped": False,
    }  # fmt: skip
    blocked = explained("DELETE").steps[1].as_json()
    assert blocked["stopped"] is True and blocked["confidence"] is not None


@pytest.mark.parametrize(
    ("url", "target"),
    [("/a?b#c", "/a?b"), ("", "/"), ("?a=1", "/?a=1"), ("/a/b?c=d/e", "/a/b?c=d/e"), ("#x", "/")],
)
def test_the_request_line_has_path_and_query(url: str, target: str) -> None:
    found = explained(url=f"{API}{url}")
    assert found.steps[0].start == f"GET {target}"
    assert found.steps[0].headers[0] == ("Host", API.removeprefix("https://"))


@pytest.mark.parametrize(("status", "line"), [(201, "201 Created"), (418, "418 I'm a Teapot"), (599, "599")])
def test_a_status_line_has_its_phrase_if_there_is_one(status: int, line: str) -> None:
    found = explained(routes=(Route("GET /items", target=INTEGRATION),), backend=Answer(status, ()))
    assert found.steps[2].start == line


PASSES = Answer(200, (("access-control-allow-origin", PAGE), ("vary", "origin"), SIGNED))


def compared(preflight: Answer | None, response: Answer | None = PASSES, method: str = "PUT", **more: Any) -> str:
    request = Request(PAGE, f"{API}/items", method)
    policy = CorsPolicy.from_aws({**OPEN, "AllowOrigins": [PAGE], "MaxAge": 60, **more})
    return " ".join(explain(policy, request, observed=Exchange(request, preflight, response)).differences)


ALLOW = {
    "access-control-allow-origin": PAGE, "access-control-allow-methods": "GET,PUT",
    "access-control-allow-headers": "authorization,Content-Type", "access-control-max-age": "60", "vary": "Origin",
    "apigw-requestid": "x",
}  # fmt: skip


def answer(status: int = 204, /, **changed: str | None) -> Answer:
    lines = ALLOW | {name.replace("_", "-"): value for name, value in changed.items()}
    return Answer(status, tuple((name, value) for name, value in lines.items() if value is not None))


def test_the_predicted_answer_differs_in_nothing() -> None:
    assert compared(answer()) == ""
    assert compared(answer(access_control_allow_methods="PUT, GET", vary="accept, origin")) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access-control-allow-origin", "https://x.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "61"),
        ("access-control-max-age", None),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-methods", "get,PUT"),
        ("access-control-allow-headers", "authorization"),
        ("access-control-allow-headers", "a b"),
        ("access-control-expose-headers", "x-total"),
    ],
)
def test_each_header_that_differs_is_named_with_its_values(name: str, value: str | None) -> None:
    said = compared(answer(204, **{name.replace("-", "_"): value}))
    assert name in said and "preflight" in said
    assert value is None or f"“{value}”" in said
    assert sum(other in said for other in ALLOW if other != name) == 0 or name == "access-control-allow-origin"


def test_a_response_must_vary_where_several_origins_are_allowed() -> None:
    bare = Answer(200, (("access-control-allow-origin", PAGE), SIGNED))
    assert "vary" in compared(answer(), bare, AllowOrigins=[PAGE, "https://b.example"])
    more = Answer(200, (*bare.headers, ("vary", "accept, origin")))
    assert compared(answer(), more, AllowOrigins=[PAGE, "https://b.example"]) == ""


def test_statuses_that_were_predicted_are_compared() -> None:
    assert "200" in compared(answer(200), None) and "204" in compared(answer(200), None)
    assert compared(answer(), Answer(500, PASSES.headers)) == ""
    off = compared(None, Answer(200, (SIGNED,)), "GET", AllowOrigins=["https://x.example"])
    assert off == ""


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Answer(204, (SIGNED,)), ("may not be deployed", "MissingAllowOriginHeader")),
        (Answer(401, (SIGNED,)), ("401", "authorizer")),
        (Answer(403, (SIGNED,)), ("403", "authorizer")),
        (Answer(404, (SIGNED,)), ("404", "wrong stage")),
        (Answer(204, (("x-amz-apigw-id", "x"),)), ("x-amz-apigw-id",)),
        (Answer(204, ()), ("No response has apigw-requestid",)),
    ],
)
def test_what_an_answer_hints_at(seen: Answer, words: tuple[str, ...]) -> None:
    said = compared(seen, None)
    assert [word for word in words if word not in said] == []
    hints = ("may not be deployed", "authorizer", "wrong stage", "x-amz-apigw-id,", "No response has apigw-requestid")
    assert sum(hint in said for hint in hints) == 1 + (len(words) == 1)


def test_a_page_that_is_not_listed_hints_at_nothing() -> None:
    unlisted = answer(access_control_allow_origin=None, vary="accept")
    assert "may not be deployed" in compared(unlisted, None)
    assert "may not be deployed" not in compared(unlisted, None, AllowOrigins=["https://x.example"])


def test_a_call_that_is_blocked_for_another_reason() -> None:
    said = compared(answer(access_control_allow_origin="*", access_control_allow_methods="x y"), None)
    assert "allowed" in said and "blocked" in said
    response = Answer(200, (("access-control-allow-origin", "**"), SIGNED))
    other = compared(None, response, "GET", AllowOrigins=["https://x.example"])
    assert "MissingAllowOriginHeader" in other and "InvalidAllowOriginValue" in other
    assert "none was answered" in compared(None, None)


BLOCKED = "Access to fetch at '{url}' from origin '{page}' has been blocked by CORS policy: "
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
STATUS = PREFLIGHT + "It does not have HTTP ok status."
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
LISTED = {"AllowOrigins": ["https://app.example.com"], "AllowMethods": ["PUT"], "AllowHeaders": ["content-type"]}


def diagnosed(text: str, routes: Any = (("GET /items",), ("PUT /items",)), **api: Any) -> Any:
    target = target_of({"cors": LISTED, "routes": [list(row) for row in routes]} | api)
    found = diagnose(read_paste(text), target)
    assert_nothing_false(found, target)
    return found


def blocked(detail: str, url: str = f"{ENDPOINT}/items", page: str = "https://app.example.com") -> str:
    return BLOCKED.format(url=url, page=page) + detail


@pytest.mark.parametrize(
    ("routes", "method"),
    [
        ((("GET /items",), ("PUT /items",)), "PUT"),
        ((("POST /items",),), "POST"),
        ((("PATCH /items",),), "PATCH"),
        ((("DELETE /items",), ("GET /items",)), "DELETE"),
        ((("GET /items",),), "GET"),
        ((), "POST"),
    ],
)
def test_behind_a_preflight_the_likeliest_call_is_assumed(routes: Any, method: str) -> None:
    found = diagnosed(blocked(PREFLIGHT + MISSING, page="https://x.example"), routes)
    assert found.request.method == method
    assert found.request.headers == (
        (("authorization", ""),) if method == "GET" else (("content-type", "application/json"),)
    )
    assert found.assumed == ("credentials", "headers", "method")


@pytest.mark.parametrize(
    ("methods", "headers", "method"),
    [
        (["DELETE"], ["content-type"], "DELETE"),
        (["DELETE"], ["*"], "DELETE"),
        (["*"], ["content-type"], "PUT"),
        (["DELETE"], [], "PUT"),
        (["DELETE"], ["authorization"], "GET"),
        ([], ["Authorization"], "GET"),
    ],
)
def test_behind_a_preflight_a_permitted_call_comes_first(methods: Any, headers: Any, method: str) -> None:
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": methods, "AllowHeaders": headers}
    routes = (("GET /items",), ("DELETE /items",), ("PUT /items",))
    found = diagnosed(blocked(PREFLIGHT + MISSING, page="https://x.example"), routes, cors=cors)
    assert found.request.method == method


@pytest.mark.parametrize(
    ("routes", "method"), [((("PUT /items",),), "PUT"), ((("HEAD /items",),), "HEAD"), ((), "GET")]
)
def test_without_a_preflight_a_served_method_is_assumed(routes: Any, method: str) -> None:
    assert diagnosed(blocked(MISSING, page="https://x.example"), routes).request.method == method


def test_for_an_unknown_page_the_first_exact_origin_stands() -> None:
    safari = "Preflight response is not successful. Status code: 404\n"
    safari += f"Fetch API cannot load {ENDPOINT}/items due to access control checks."
    cors = {**LISTED, "AllowOrigins": ["https://*", "https://a.example", "https://b.example"]}
    found = diagnosed(safari, cors=cors)
    assert (found.request.origin, [row[0] for row in found.origins]) == (
        "https://a.example", ["https://a.example", "https://b.example"],
    )  # fmt: skip
    assert diagnosed(safari, cors=None).request.origin == "https://your-page.example"
    assert diagnosed(blocked(MISSING)).origins == ()


def test_a_url_of_another_name_of_the_api_is_brought_home() -> None:
    policy = CorsPolicy.from_aws(LISTED)
    target = Target(policy, endpoint="http://abc123def4.execute-api.us-east-1.localhost:4566/")
    found = diagnose(read_paste(blocked(MISSING)), target)
    assert found.request.url == "http://abc123def4.execute-api.us-east-1.localhost:4566/items"
    other = blocked(MISSING, "https://zzz123def4.execute-api.us-east-1.amazonaws.com/items")
    assert "zzz123def4" in diagnose(read_paste(other), target).request.url


def cause_code(found: Any) -> str:
    return found.cause.code if found.cause else ""


@pytest.mark.parametrize(
    ("routes", "cause"),
    [
        ((("ANY /items", "JWT"),), "preflight-route-authorizer"),
        ((("OPTIONS /items", "JWT"), ("GET /items",)), "preflight-route-authorizer"),
        ((("$default",),), "preflight-route-backend"),
        ((("GET /items",),), "something-else-answered"),
    ],
)
def test_a_failed_preflight_is_the_routes_that_takes_it(routes: Any, cause: str) -> None:
    found = diagnosed(blocked(STATUS), routes)
    assert cause_code(found) == cause
    if cause.startswith("preflight"):
        assert routes[0][0] in found.cause.why


def test_a_failed_preflight_without_cors_or_of_another_address() -> None:
    off = diagnosed(blocked(STATUS), cors=None)
    assert (cause_code(off), off.cause.certainty) == ("cors-off", "certain")
    stage = diagnosed(blocked(STATUS, f"{ENDPOINT}/dev/items"), stages={"prod": True})
    assert (cause_code(stage), stage.cause.certainty) == ("wrong-stage-or-mapping", "certain")
    assert f"{ENDPOINT}/prod" in stage.cause.steps[0]
    disabled = diagnosed(blocked(STATUS), disabled=True, domains={"api.example.com": "$default"})
    assert cause_code(disabled) == "default-endpoint-disabled"
    assert "https://api.example.com" in disabled.cause.steps[0]
    mapping = diagnosed(blocked(STATUS, "https://api.example.com/v2/x"), domains={"api.example.com/v1": "$default"})
    assert cause_code(mapping) == "wrong-stage-or-mapping" and "api.example.com" in mapping.cause.why
    none = diagnosed(blocked(STATUS, f"{ENDPOINT}/items"), stages={})
    assert cause_code(none) == "wrong-stage-or-mapping" and "no stage" in none.cause.why


def test_a_stage_that_is_deployed_by_hand_may_be_older() -> None:
    by_hand = {"$default": False}
    found = diagnosed(blocked(MISSING), stages=by_hand)
    assert (cause_code(found), found.cause.certainty) == ("stage-not-deployed", "likely")
    assert "$default" in found.cause.steps[0]
    named = diagnosed(blocked(MISSING, f"{ENDPOINT}/dev/items"), stages={"dev": False, "prod": True})
    assert cause_code(named) == "stage-not-deployed" and "dev" in named.cause.steps[0]
    other = diagnosed(blocked(MISSING, f"{ENDPOINT}/prod/items"), stages={"dev": False, "prod": True})
    assert cause_code(other) == "something-else-answered"
    assert cause_code(diagnosed(blocked(MISSING), stages={"dev": False, "$default": True})) == "something-else-answered"
    several = Context(stages=(Stage("$default", False),))
    target = Target(CorsPolicy.from_aws(LISTED), (), ("$default",), (ENDPOINT,), several, ENDPOINT)
    steps = diagnose(read_paste(blocked(STATUS)), target)
    assert any("$default" in step for one in (steps.cause, *steps.also) if one for step in one.steps)


SAME = "The 'Access-Control-Allow-Origin' header contains multiple values '*, *', but only one is allowed."
OTHER = (
    "The 'Access-Control-Allow-Origin' header has a value 'https://z.example' that is not equal to the supplied origin."
)
WILD = (
    "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the "
    "request's credentials mode is 'include'."
)
CREDENTIALS = (
    "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the "
    "request's credentials mode is 'include'."
)
METHOD = "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response."
HEADER = "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response."
UNREADABLE = "Cannot parse Access-Control-Allow-{} response header field in preflight response."
ON = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]}


LISTS: list[Any] = [None, LISTED, ON, {**LISTED, "AllowMethods": ["PATCH"], "AllowHeaders": ["x-a"]}]
LISTS.append({**LISTED, "AllowCredentials": True})


@pytest.mark.parametrize("cors", LISTS)
@pytest.mark.parametrize(
    ("detail", "cause", "field"),
    [
        (SAME, "multiple-allow-origin", None),
        (OTHER, "allow-origin-mismatch", None),
        (WILD, "wildcard-with-credentials", "AllowOrigins"),
        (CREDENTIALS, "credentials-not-allowed", "AllowCredentials"),
        (METHOD, "method-not-allowed", "AllowMethods"),
        (HEADER, "header-not-allowed", "AllowHeaders"),
        (UNREADABLE.format("Methods"), "allow-list-unreadable", "AllowMethods"),
        (UNREADABLE.format("Headers"), "allow-list-unreadable", "AllowHeaders"),
    ],
)
def test_a_message_is_believed_unless_the_configuration_would_allow_it(
    cors: Any, detail: str, cause: str, field: Any
) -> None:
    routes = (("GET /items",), ("PATCH /items",))
    found = diagnosed(blocked(detail), routes, cors=cors)
    lists = cors or {}
    allows = (
        (detail == METHOD and not {"PATCH", "*"}.isdisjoint(lists.get("AllowMethods", ())))
        or (detail == HEADER and not {"x-a", "*"}.isdisjoint(lists.get("AllowHeaders", ())))
        or (detail == CREDENTIALS and lists.get("AllowCredentials"))
        or (detail == METHOD and cors is None)
    )
    assert found.allowed is False
    if allows:
        assert cause_code(found) == "something-else-answered", found.cause
    else:
        assert (cause_code(found), found.cause.certainty, found.cause.field) == (cause, "certain", field)
    if "not equal" in detail or "multiple" in detail:
        assert found.reading.value in found.cause.why
