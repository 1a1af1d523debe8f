"""Calls that fail as people's calls do, explained: the field, its value, and the edit that fixes it."""

from __future__ import annotations

import pytest

from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.explain import Explanation, explain
from apis.cors.gateway import Route
from apis.cors.lint import Context, Domain
from apis.cors.policy import CorsPolicy
from tests.cors.failures import API, CASES, JSON, OPEN, PAGE, TOKEN, Case, explained


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_typical_failure(case: Case) -> None:
    found = explained(case)
    assert not found.verdict.allowed
    assert (found.field, found.value, found.rule) == (case.field, case.value, case.rule)
    for name in case.names:
        assert name in found.why
    assert found.why.endswith(".")
    assert [text for text in case.obstacles if text not in " ".join(found.obstacles)] == []
    assert (found.obstacles == ()) == (case.obstacles == ())
    if case.fixed is None:
        assert found.fixes == ()
    else:
        assert found.fixes[0].policy == CorsPolicy.from_aws(case.fixed), found.fixes[0].label
        assert found.fixes[0].label == (case.label or found.fixes[0].label)


def test_a_wrong_stage_is_not_blamed_on_the_fields() -> None:
    found = explained(Case(OPEN, None, None, (), None), stages=("dev",))
    assert (found.field, found.fixes) == (None, ())
    assert "Correct the URL" in found.obstacles[0]
    off = explained(Case(None, None, None, (), None, method="PUT"), stages=("dev",))
    assert (off.field, off.fixes) == (None, ())


def test_a_disabled_endpoint_is_named() -> None:
    found = explained(Case(OPEN, None, None, (), None), context=Context(endpoint_disabled=True))
    assert not found.verdict.allowed and found.fixes == ()
    assert "default endpoint is disabled" in found.obstacles[0]


def test_a_domain_that_wants_certificates_is_named() -> None:
    request = Request(PAGE, "https://api.example.com/items", "PUT")
    context = Context(domains=(Domain("api.example.com", mutual_tls=True),))
    assert "client certificate" in explain(CorsPolicy.from_aws(OPEN), request, context=context).obstacles[0]


def test_the_routes_may_come_with_the_context() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT"), context=Context(routes=(Route("$default", "JWT"),)))
    assert found.verdict.code == "PreflightInvalidStatus"


def test_what_fetch_refuses_is_said_so() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "TRACE"))
    assert found.field is None and found.fixes == () and found.obstacles == (found.verdict.reason,)
    assert [step.stopped for step in found.steps] == [True]


def test_a_page_that_calls_options_itself_needs_a_route() -> None:
    found = explained(Case({**OPEN, "AllowMethods": ["*"]}, None, None, (), None, "", "OPTIONS"))
    assert (found.verdict.code, found.field, found.fixes) == ("MissingAllowOriginHeader", None, ())
    assert "need a route for it" in found.obstacles[0]


def test_an_allowed_call_needs_nothing() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT", (*JSON, *TOKEN)))
    assert found.verdict.allowed
    assert (found.field, found.value, found.rule, found.fixes, found.obstacles) == (None, None, None, (), ())
    assert found.why == found.verdict.reason


def test_an_allowed_401_is_no_matter_of_cors() -> None:
    found = explained(Case(OPEN, None, None, (), None, routes=(Route("GET /items", "JWT"),)))
    assert found.verdict.allowed
    assert "401" in found.obstacles[0] and "not a CORS problem" in found.obstacles[0]


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
    assert [step.title for step in found.steps] == ["Preflight", "Preflight response", "Blocked"]
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
    opaque = explain(CorsPolicy.from_aws(OPEN), Request(PAGE, f"{API}/items", "POST", (), "omit", "no-cors")).fetch
    assert opaque == (
        f'const response = await fetch("{API}/items", {{\n'
        '  method: "POST",\n'
        '  mode: "no-cors",\n'
        '  credentials: "omit",\n'
        "});"
    )
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
    notified = " ".join(found.differences)
    assert "predicted to be allowed, but is blocked (PreflightMissingAllowOriginHeader)" in notified
    assert f"has no access-control-allow-origin, which was predicted to be “{PAGE}”" in notified
    assert "may not be deployed" in notified


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


def test_a_prediction_that_no_one_measured_says_so() -> None:
    found = explained(Case(OPEN, None, None, (), None, "", "PUT", routes=(Route("ANY /items"),)))
    assert any("Unverified" in doubt for doubt in found.doubts)


def test_the_form_for_rest() -> None:
    form = explained(CASES["trailing slash"]).as_json()
    assert form["exchange"]["request"]["origin"] == PAGE
    assert form["verdict"]["allowed"] is False
    assert form["fixes"][0]["cors"]["AllowOrigins"][0] == PAGE
    for found in (explained(CASES["trailing slash"]), observed(Answer(401, (SIGNED,)), None)):
        assert found.as_json() == {
            "cors": found.policy.to_aws(), "exchange": found.predicted.exchange.as_json(),
            "verdict": found.verdict.as_json(), "field": found.field, "value": found.value, "why": found.why,
            "rule": found.rule, "beside": list(found.obstacles), "fixes": [fix.as_json() for fix in found.fixes],
            "steps": [step.as_json() for step in found.steps], "doubts": list(found.doubts),
            "curl": list(found.curl), "fetch": found.fetch,
            "observed": found.observed.as_json() if found.observed else None,
            "differences": list(found.differences),
        }  # fmt: skip
