"""Calls that fail as people's calls do, explained: the field, its value, and the edit that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from apis.cors.advice import Context, Domain
from apis.cors.exchange import Answer, Exchange, Headers, Request
from apis.cors.explain import Explanation, explain
from apis.cors.gateway import Route
from apis.cors.policy import CorsPolicy

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com"
PAGE = "https://app.example.com"
JSON: Headers = (("Content-Type", "application/json"),)
TOKEN: Headers = (("Authorization", "Bearer x"),)
OPEN = {"AllowOrigins": [PAGE], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["authorization", "content-type"]}


@dataclass
class Case:
    """A failure, what decides it, what the sentence must name, and the policy after the first fix."""

    cors: dict[str, Any] | None
    field: str | None
    value: str | None
    names: tuple[str, ...]
    mended: dict[str, Any] | None
    label: str = ""
    method: str = "GET"
    headers: Headers = ()
    credentials: Any = "same-origin"
    origin: str = PAGE
    routes: tuple[Route, ...] | None = None
    rule: str | None = None
    beside: tuple[str, ...] = ()


CASES = {
    "origin not listed": Case(
        cors={"AllowOrigins": ["https://www.example.com"]},
        field="AllowOrigins",
        value=PAGE,
        names=("AllowOrigins", "https://www.example.com", PAGE),
        mended={"AllowOrigins": ["https://www.example.com", PAGE]},
        label=f"Add the origin {PAGE}",
    ),
    "trailing slash": Case(
        cors={"AllowOrigins": [f"{PAGE}/", "https://www.example.com"]},
        field="AllowOrigins",
        value=f"{PAGE}/",
        names=(f"“{PAGE}/”", f"exactly {PAGE}"),
        mended={"AllowOrigins": [PAGE, "https://www.example.com"]},
        label=f"Replace {PAGE}/ with {PAGE}",
        rule="origin-trailing-slash",
    ),
    "another port": Case(
        cors={"AllowOrigins": ["http://localhost:5173"]},
        origin="http://localhost:3000",
        field="AllowOrigins",
        value="http://localhost:3000",
        names=("http://localhost:5173 differs by its port",),
        mended={"AllowOrigins": ["http://localhost:5173", "http://localhost:3000"]},
    ),
    "localhost without port": Case(
        cors={"AllowOrigins": ["http://localhost"]},
        origin="http://localhost:3000",
        field="AllowOrigins",
        value="http://localhost:3000",
        names=("http://localhost differs by its port",),
        mended={"AllowOrigins": ["http://localhost", "http://localhost:3000"]},
    ),
    "http instead of https": Case(
        cors={"AllowOrigins": ["http://app.example.com"]},
        field="AllowOrigins",
        value=PAGE,
        names=("differs by its scheme",),
        mended={"AllowOrigins": ["http://app.example.com", PAGE]},
    ),
    "off": Case(
        cors=None,
        field="AllowOrigins",
        value=PAGE,
        names=("CORS is off",),
        mended={"AllowOrigins": [PAGE], "AllowMethods": ["PUT"]},
        label=f"Turn CORS on, add the origin {PAGE} and add the method PUT",
        method="PUT",
        routes=(Route("PUT /items"),),
    ),
    "empty": Case(
        cors={},
        field="AllowOrigins",
        value=PAGE,
        names=("AllowOrigins is empty",),
        mended={"AllowOrigins": [PAGE]},
        rule=None,
    ),
    "JSON without content-type": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization"]},
        method="POST",
        headers=JSON,
        field="AllowHeaders",
        value="content-type",
        names=("AllowHeaders lists authorization", "content-type is not allowed"),
        mended={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization", "content-type"]},
        label="Add the header content-type",
    ),
    "token without authorization": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["content-type"]},
        headers=TOKEN,
        field="AllowHeaders",
        value="authorization",
        names=("authorization",),
        mended={"AllowOrigins": [PAGE], "AllowHeaders": ["content-type", "authorization"]},
        routes=(Route("GET /items", "JWT"),),
        rule="header-authorization-missing",
    ),
    "two headers missing": Case(
        cors={"AllowOrigins": [PAGE]},
        headers=(*TOKEN, ("X-Firebase-Token", "1")),
        field="AllowHeaders",
        value="authorization",
        names=("AllowHeaders is empty", "authorization and x-firebase-token are not allowed"),
        mended={"AllowOrigins": [PAGE], "AllowHeaders": ["authorization", "x-firebase-token"]},
    ),
    "method not listed": Case(
        cors=OPEN,
        method="DELETE",
        field="AllowMethods",
        value="DELETE",
        names=("AllowMethods lists GET and PUT", "DELETE is not allowed"),
        mended={**OPEN, "AllowMethods": ["GET", "PUT", "DELETE"]},
        label="Add the method DELETE",
    ),
    "method in lower case": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["put"]},
        method="PUT",
        field="AllowMethods",
        value="put",
        names=("“put”", "count by case"),
        mended={"AllowOrigins": [PAGE], "AllowMethods": ["put", "PUT"]},
        rule="method-lower-case",
    ),
    "star with credentials": Case(
        cors={"AllowOrigins": ["*"]},
        credentials="include",
        field="AllowOrigins",
        value="*",
        names=("AllowOrigins has “*”", PAGE),
        mended={"AllowOrigins": [PAGE], "AllowCredentials": True},
        label=f"Replace * with {PAGE} and switch credentials on",
    ),
    "star and AllowCredentials": Case(
        cors={"AllowOrigins": ["*"], "AllowCredentials": True},
        credentials="include",
        field="AllowOrigins",
        value="*",
        names=("AllowOrigins has “*”",),
        mended={"AllowOrigins": [PAGE], "AllowCredentials": True},
        rule="origin-any-with-credentials",
    ),
    "credentials off": Case(
        cors=OPEN,
        credentials="include",
        field="AllowCredentials",
        value=None,
        names=("AllowCredentials is off",),
        mended={**OPEN, "AllowCredentials": True},
        label="Switch credentials on",
    ),
    "every https site, then credentials": Case(
        cors={"AllowOrigins": ["https://*"]},
        credentials="include",
        field="AllowCredentials",
        value=None,
        names=("AllowCredentials is off",),
        mended={"AllowOrigins": [PAGE], "AllowCredentials": True},
    ),
    "star for methods with credentials": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["*"], "AllowCredentials": True},
        credentials="include",
        method="PUT",
        field="AllowMethods",
        value="*",
        names=("AllowMethods has “*”", "PUT"),
        mended={"AllowOrigins": [PAGE], "AllowMethods": ["*", "PUT"], "AllowCredentials": True},
        rule="method-any-with-credentials",
    ),
    "star for headers with credentials": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["*"], "AllowCredentials": True},
        credentials="include",
        headers=TOKEN,
        field="AllowHeaders",
        value="*",
        names=("AllowHeaders has “*”", "authorization"),
        mended={"AllowOrigins": [PAGE], "AllowHeaders": ["*", "authorization"], "AllowCredentials": True},
        rule="header-any-with-credentials",
    ),
    "headers in one entry": Case(
        cors={"AllowOrigins": [PAGE], "AllowHeaders": ["X One"]},
        headers=TOKEN,
        field="AllowHeaders",
        value="X One",
        names=("“X One”",),
        mended={"AllowOrigins": [PAGE], "AllowHeaders": ["x", "one", "authorization"]},
        rule="header-invalid",
    ),
    "null": Case(
        cors={"AllowOrigins": ["*"]},
        origin="null",
        field="AllowOrigins",
        value="null",
        names=("null", "“*”"),
        mended=None,
        beside=("serve it over http",),
    ),
    "an app's own scheme": Case(
        cors={"AllowOrigins": [PAGE]},
        origin="capacitor://localhost",
        field="AllowOrigins",
        value="capacitor://localhost",
        names=("capacitor://localhost",),
        mended=None,
        beside=("http and https origins only",),
    ),
    "patch in lower case": Case(
        cors={"AllowOrigins": [PAGE], "AllowMethods": ["PATCH"]},
        method="patch",
        field="AllowMethods",
        value="PATCH",
        names=("patch", "PATCH"),
        mended=None,
        beside=("write PATCH in the call",),
    ),
    "a route takes the preflight, with an authorizer": Case(
        cors=OPEN,
        method="PUT",
        field=None,
        value=None,
        names=("ANY /items", "401"),
        mended=None,
        routes=(Route("ANY /items", "JWT"),),
        beside=("OPTIONS /items",),
    ),
    "an OPTIONS route without an integration": Case(
        cors=OPEN,
        method="PUT",
        field=None,
        value=None,
        names=("OPTIONS /{proxy+}", "404"),
        mended=None,
        routes=(Route("PUT /items", target="integrations/1"), Route("OPTIONS /{proxy+}")),
        beside=("Attach an integration",),
    ),
    "no route": Case(
        cors=OPEN,
        field=None,
        value=None,
        names=("No route matches GET /items", "404"),
        mended=None,
        routes=(Route("GET /other"),),
        beside=("add the route",),
    ),
}


def explained(case: Case, **known: Any) -> Explanation:
    request = Request(case.origin, f"{API}/items", case.method, case.headers, case.credentials)
    return explain(CorsPolicy.from_aws(case.cors), request, case.routes, **known)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_typical_failure(case: Case) -> None:
    found = explained(case)
    assert not found.verdict.allowed
    assert (found.field, found.value, found.rule) == (case.field, case.value, case.rule)
    for name in case.names:
        assert name in found.why
    assert found.why.endswith(".")
    assert [text for text in case.beside if text not in " ".join(found.beside)] == []
    assert (found.beside == ()) == (case.beside == ())
    if case.mended is None:
        assert found.fixes == ()
    else:
        assert found.fixes[0].policy == CorsPolicy.from_aws(case.mended), found.fixes[0].label
        assert found.fixes[0].label == (case.label or found.fixes[0].label)


def test_a_wrong_stage_is_not_blamed_on_the_fields() -> None:
    found = explained(Case(OPEN, None, None, (), None), stages=("dev",))
    assert (found.field, found.fixes) == (None, ())
    assert "Correct the URL" in found.beside[0]
    off = explained(Case(None, None, None, (), None, method="PUT"), stages=("dev",))
    assert (off.field, off.fixes) == (None, ())


def test_a_disabled_endpoint_is_named() -> None:
    found = explained(Case(OPEN, None, None, (), None), context=Context(endpoint_disabled=True))
    assert not found.verdict.allowed and found.fixes == ()
    assert "default endpoint is disabled" in found.beside[0]


def test_a_domain_that_wants_certificates_is_named() -> None:
    request = Request(PAGE, "https://api.example.com/items", "PUT")
    context = Context(domains=(Domain("api.example.com", mutual_tls=True),))
    assert "client certificate" in explain(CorsPolicy.from_aws(OPEN), request, context=context).beside[0]


def test_the_routes_may_come_with_the_context() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT"), context=Context(routes=(Route("$default", "JWT"),)))
    assert found.verdict.code == "PreflightInvalidStatus"


def test_what_fetch_refuses_is_said_so() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "TRACE"))
    assert found.field is None and found.fixes == () and found.beside == (found.verdict.reason,)
    assert [step.stopped for step in found.steps] == [True]


def test_a_page_that_calls_options_itself_needs_a_route() -> None:
    found = explained(Case({**OPEN, "AllowMethods": ["*"]}, None, None, (), None, "", "OPTIONS"))
    assert (found.verdict.code, found.field, found.fixes) == ("MissingAllowOriginHeader", None, ())
    assert "need a route for it" in found.beside[0]


def test_an_allowed_call_needs_nothing() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT", (*JSON, *TOKEN)))
    assert found.verdict.allowed
    assert (found.field, found.value, found.rule, found.fixes, found.beside) == (None, None, None, (), ())
    assert found.why == found.verdict.reason


def test_an_allowed_401_is_no_matter_of_cors() -> None:
    found = explained(Case(OPEN, None, None, (), None, routes=(Route("GET /items", "JWT"),)))
    assert found.verdict.allowed
    assert "401" in found.beside[0] and "no matter of CORS" in found.beside[0]


def test_the_sequence_is_that_of_the_tutorial() -> None:
    case = Case(OPEN, None, None, (), None, "", "PUT", JSON, routes=(Route("PUT /items", target="integrations/1"),))
    found = explained(case)
    arrows = [(step.sender, step.receiver, step.start) for step in found.steps]
    assert arrows == [
        ("browser", "gateway", "OPTIONS /items"),
        ("gateway", "browser", "204 No Content"),
        ("browser", "gateway", "PUT /items"),
        ("gateway", "backend", "PUT /items"),
        ("backend", "gateway", "200 OK"),
        ("gateway", "browser", "200 OK"),
        ("browser", "page", ""),
    ]
    assert found.steps[0].headers == (
        ("Host", "abc123def4.execute-api.us-east-1.amazonaws.com"),
        ("Origin", PAGE),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "content-type"),
    )
    assert ("access-control-allow-origin", PAGE) in found.steps[1].headers
    assert ("Content-Type", "application/json") in found.steps[2].headers


def test_the_sequence_ends_where_the_browser_stops() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "DELETE"))
    assert [step.title for step in found.steps] == ["Preflight", "The preflight's answer", "Blocked"]
    assert found.steps[-1].note == found.verdict.reason


def test_what_to_copy() -> None:
    headers = (("X-It's", "a b"), *JSON)
    found = explained(Case(OPEN, None, None, (), None, "", "PUT", headers, "include"))
    assert found.curl == (
        f"curl -i -X OPTIONS {API}/items \\\n"
        f"  -H 'Origin: {PAGE}' \\\n"
        "  -H 'Access-Control-Request-Method: PUT' \\\n"
        "  -H 'Access-Control-Request-Headers: content-type,x-it'\"'\"'s'",
        f"curl -i -X PUT {API}/items \\\n"
        f"  -H 'Origin: {PAGE}' \\\n"
        "  -H 'X-It'\"'\"'s: a b' \\\n"
        "  -H 'Content-Type: application/json'",
    )
    assert found.fetch == (
        f'const response = await fetch("{API}/items", {{\n'
        '  method: "PUT",\n'
        '  headers: { "X-It\'s": "a b", "Content-Type": "application/json" },\n'
        '  credentials: "include",\n'
        "});"
    )


def test_a_simple_call_is_simple_to_copy() -> None:
    found = explained(Case(OPEN, None, None, (), None))
    assert found.curl == (f"curl -i {API}/items \\\n  -H 'Origin: {PAGE}'",)
    assert found.fetch == f'const response = await fetch("{API}/items");'
    head = explained(Case(OPEN, None, None, (), None, "", "HEAD"))
    assert head.curl[0].startswith(f"curl --head {API}/items")
    empty = explained(Case(OPEN, None, None, (), None, "", "GET", (("X-Empty", ""), ("X-Empty", ""))))
    assert "-H 'X-Empty: , '" in empty.curl[1]
    assert '[["X-Empty", ""], ["X-Empty", ""]]' in empty.fetch


SIGNED = ("apigw-requestid", "x")


def observed(preflight: Answer | None, response: Answer | None, method: str = "PUT") -> Explanation:
    request = Request(PAGE, f"{API}/items", method)
    policy = CorsPolicy.from_aws({**OPEN, "AllowOrigins": [PAGE, "https://www.example.com"]})
    return explain(policy, request, observed=Exchange(request, preflight, response))


def test_an_observed_exchange_as_predicted_has_no_differences() -> None:
    preflight = Answer(
        204,
        (
            ("Access-Control-Allow-Origin", PAGE),
            ("Access-Control-Allow-Methods", "PUT,GET"),
            ("Access-Control-Allow-Headers", "Content-Type,authorization"),
            ("Vary", "Accept-Encoding, Origin"),
            SIGNED,
        ),
    )
    response = Answer(500, (("access-control-allow-origin", PAGE), ("vary", "origin"), SIGNED))
    found = observed(preflight, response)
    assert found.differences == ()
    assert found.observed is not None and found.observed.allowed


def test_an_undeployed_configuration_is_guessed() -> None:
    found = observed(Answer(204, (SIGNED,)), None)
    told = " ".join(found.differences)
    assert "predicted to be allowed, but is blocked (PreflightMissingAllowOriginHeader)" in told
    assert f"has no access-control-allow-origin, which was predicted to be “{PAGE}”" in told
    assert "may not be deployed" in told


@pytest.mark.parametrize(
    ("preflight", "hint"),
    [
        (Answer(401, (SIGNED,)), "its authorizer"),
        (Answer(404, (SIGNED,)), "wrong stage"),
        (Answer(200, (("x-amz-apigw-id", "x"),)), "REST APIs"),
        (Answer(204, (("access-control-allow-origin", PAGE),)), "apigw-requestid"),
        (None, "none was answered"),
    ],
)
def test_what_a_difference_hints_at(preflight: Answer | None, hint: str) -> None:
    assert hint in " ".join(observed(preflight, None).differences)


def test_a_prediction_that_nobody_measured_says_so() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT", routes=(Route("ANY /items"),)))
    assert any("never measured" in doubt for doubt in found.doubts)


def test_the_form_for_rest() -> None:
    found = explained(CASES["trailing slash"]).as_json()
    assert found["exchange"]["request"]["origin"] == PAGE
    assert found["verdict"]["allowed"] is False
    assert found["fixes"][0]["cors"]["AllowOrigins"][0] == PAGE
    assert set(found) >= {"cors", "field", "value", "why", "rule", "beside", "steps", "doubts", "curl", "fetch"}
