"""Whole answers: every cause in its order, how certain it is, what it names, and what is asked, assumed and offered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apis.cors.exchange import Answer, Exchange, Request, Verdict
from apis.cors.explain import CAUSES, Diagnosis, Target, cause_of, diagnose
from apis.cors.explain.diagnosis import read_json
from apis.cors.paste import read_paste
from apis.cors.policy import CorsPolicy
from tests.cors.paste.targets import ENDPOINT, assert_nothing_false, target_of

ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "answers.jsonl").read_text("utf-8").splitlines()]
"""Texts about small APIs. A cause is its code, certainty, field, number of steps and value."""


def summary(found: Diagnosis) -> dict[str, Any]:
    causes = [one for one in (found.cause, *found.also) if one]
    return {
        "verdict": [found.allowed, found.code, found.by],
        "call": " ".join([found.request.method, *(name for name, _ in found.request.headers)]),
        "assumed": " ".join(found.assumed),
        "causes": [
            f"{one.code} {one.certainty} {one.field or '-'} {len(one.steps)} {one.value or ''}".strip()
            for one in causes
        ],
        "ask": [" ".join([one.part, *one.choices]) for one in found.ask],
        "fixes": [fix.label for fix in found.fixes],
        "origins": [list(one) for one in found.origins],
    }


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer["name"] for answer in ANSWERS])
def test_the_whole_answer(answer: dict[str, Any]) -> None:
    target = target_of(answer["api"])
    found = diagnose(read_paste(answer["text"]), target)
    assert_nothing_false(found, target)
    assert summary(found) == {name: answer[name] for name in summary(found)}
    assert found.reason == (found.cause.why if found.cause else found.reason)


FIELDS = {
    "origin-not-allowed": "AllowOrigins", "cors-off": "AllowOrigins", "cors-empty": "AllowOrigins",
    "wildcard-with-credentials": "AllowOrigins", "credentials-not-allowed": "AllowCredentials",
    "method-not-allowed": "AllowMethods", "header-not-allowed": "AllowHeaders", "allow-list-unreadable": None,
    "response-header-not-exposed": "ExposeHeaders", "configuration-refused": None, "preflight-route-authorizer": None,
    "preflight-route-backend": None, "preflight-route-without-integration": None, "preflight-redirect": None,
    "backend-redirect": None, "no-route": None, "wrong-stage-or-mapping": None, "stage-not-deployed": None,
    "default-endpoint-disabled": None, "client-certificate-required": None, "gateway-error-status": None,
    "rest-api-answered": None, "cdn-answered": None, "firewall-answered": None, "emulator-answered": None,
    "multiple-allow-origin": None, "allow-origin-mismatch": None, "something-else-answered": None, "no-response": None,
    "function-url": None, "websocket-api": None, "not-an-http-api": None, "unknown-api": None, "unknown-host": None,
    "null-origin": None, "custom-scheme-origin": None, "response-header-sent-as-request-header": None,
    "forbidden-request-header": None, "method-case": None, "no-cors-mode": None, "same-origin-mode": None,
    "mixed-content": None, "local-network-access": None, "unsupported-scheme": None, "blocked-by-client": None,
    "placeholder-url": None, "url-with-credentials": None, "not-a-browser": None, "no-origin-sent": None,
    "not-cors": None, "reason-in-another-line": None,
}  # fmt: skip


def test_causes_keep_their_codes_their_fields_and_their_order() -> None:
    assert [(code, entry.field) for code, entry in CAUSES.items()] == list(FIELDS.items())
    assert [entry.code for entry in CAUSES.values()] == list(CAUSES)


PUT = f"""curl -i -X OPTIONS -H 'Origin: https://x.example' -H 'Access-Control-Request-Method: PUT' {ENDPOINT}/items
HTTP/1.1 301 X
Location: https://y.example/
apigw-requestid: a
"""
API: dict[str, Any] = {"cors": {"AllowOrigins": ["https://app.example"]}, "routes": [["PUT /items"]]}


def test_an_answer_in_the_form_of_rest() -> None:
    reading = read_paste(PUT)
    found = diagnose(reading, target_of(API))
    assert found.cause and found.explanation and reading.observed and found.fixes
    assert found.as_json() == {
        "read": read_json(reading, found.assumed),
        "cause": found.cause.as_json(),
        "also": [one.as_json() for one in found.also],
        "fixes": [fix.as_json() for fix in found.fixes],
        "predicted": found.explanation.as_json(),
        "verdict": {"allowed": False, "code": reading.code, "reason": found.cause.why, "by": "text"},
        "ask": [],
        "origins": [],
        "request": found.request.as_json(),
    }
    assert found.fixes[0].as_json() == {"label": found.fixes[0].label, "cors": found.fixes[0].policy.to_aws()}
    unknown = diagnose(read_paste(FIREFOX), target_of(API)).as_json()
    assert unknown["origins"] == [
        {"origin": "https://app.example", "allowed": False, "code": "MethodDisallowedByPreflightResponse"}
    ]
    assert [one["part"] for one in unknown["ask"]] == ["origin"]
    allowed = diagnose(
        read_paste(f"curl -i -H 'Origin: https://x.example' {ENDPOINT}/\nHTTP/1.1 200 OK\n{ANY}")
    ).as_json()
    assert (allowed["cause"], allowed["predicted"], allowed["verdict"]["allowed"]) == (None, None, True)


FIREFOX = (
    f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {ENDPOINT}/items. "
    "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200."
)
ANY = "access-control-allow-origin: *\napigw-requestid: a\n"


def test_what_was_read_in_the_form_of_rest() -> None:
    reading = read_paste(PUT)
    assert reading.observed is not None
    assert read_json(reading) == {
        "source": reading.source, "origin": "https://x.example", "url": f"{ENDPOINT}/items", "method": "PUT",
        "headers": [], "credentials": "same-origin", "mode": "cors", "code": "PreflightDisallowedRedirect",
        "status": None, "preflight": True, "preflight_status": 301, "value": None, "redirected_to": None,
        "blocked": True, "observed": reading.observed.as_json(), "missing": [], "assumed": [],
    }  # fmt: skip
    blocked = read_paste(FIREFOX)
    assert read_json(blocked, ("b", "a")) == {
        "source": blocked.source, "origin": None, "url": f"{ENDPOINT}/items", "method": None, "headers": [],
        "credentials": None, "mode": "cors", "code": "MissingAllowOriginHeader", "status": 200, "preflight": None,
        "preflight_status": None, "value": None, "redirected_to": None, "blocked": True, "observed": None,
        "missing": list(blocked.missing), "assumed": ["a", "b"],
    }  # fmt: skip
    header = read_paste('Refused to get unsafe header "x-total"')
    moved = read_paste(
        f"Access to fetch at 'https://b.example/y' (redirected from '{ENDPOINT}/x') from origin 'https://x.example' "
        "has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
    )
    assert (read_json(header)["value"], read_json(header)["url"]) == ("x-total", None)
    assert read_json(moved)["redirected_to"] == "https://b.example/y"


BY_CODE = {
    "MissingAllowOriginHeader": "unknown-host", "PreflightMissingAllowOriginHeader": "unknown-host",
    "WildcardOriginNotAllowed": "wildcard-with-credentials",
    "PreflightWildcardOriginNotAllowed": "wildcard-with-credentials",
    "InvalidAllowCredentials": "credentials-not-allowed", "MultipleAllowOriginValues": "multiple-allow-origin",
    "AllowOriginMismatch": "allow-origin-mismatch", "InvalidAllowOriginValue": "allow-origin-mismatch",
    "MethodDisallowedByPreflightResponse": "method-not-allowed",
    "HeaderDisallowedByPreflightResponse": "header-not-allowed",
    "InvalidAllowMethodsPreflightResponse": "allow-list-unreadable",
    "InvalidAllowHeadersPreflightResponse": "allow-list-unreadable",
    "PreflightInvalidStatus": "preflight-route-authorizer", "PreflightDisallowedRedirect": "preflight-redirect",
    "RedirectContainsCredentials": "preflight-redirect",
}  # fmt: skip
BY_BROWSER = {
    "mixed-content": "mixed-content", "DisallowedByMode": "same-origin-mode",
    "CorsDisabledScheme": "unsupported-scheme",
    "InsecureLocalNetwork": "local-network-access", "InvalidLocalNetworkAccess": "local-network-access",
    "LocalNetworkAccessPermissionDenied": "local-network-access", "InvalidResponse": "no-response",
}  # fmt: skip
"""What the browser alone shows, whatever the response is."""


@pytest.mark.parametrize("code", BY_CODE | BY_BROWSER)
def test_the_verdict_of_a_probe_leads_to_its_cause(code: str) -> None:
    request = Request("https://app.example", "https://api.example/x")
    blocked = Verdict(False, False, code, "")
    found = cause_of(Target(), request, None, blocked)
    assert found is not None and found.code == (BY_CODE | BY_BROWSER)[code]
    rest = Exchange(request, None, Answer(200, (("x-amz-apigw-id", "x"),)))
    answered = cause_of(Target(), request, rest, blocked)
    assert answered is not None and answered.code == BY_BROWSER.get(code, "rest-api-answered")
    assert cause_of(Target(CorsPolicy(allow_origins=("*",))), request, None, Verdict(False, True, None, "")) is None


def test_without_a_name_the_steps_are_about_the_header() -> None:
    request = Request("https://app.example", "https://api.example/x")
    found = cause_of(Target(), request, None, Verdict(True, False, "HeaderDisallowedByPreflightResponse", ""))
    assert found is not None and found.value is None
    assert found.steps == ("Add it to AllowHeaders, or stop sending it.",)


LONG = "http://api.example.com/" + "a" * 300


def test_long_addresses_are_cut() -> None:
    mixed = "Mixed Content: The page at 'https://a.example/' was loaded over HTTPS, but requested an insecure "
    moved = BLOCKED.format(f"https://b.example/{'a' * 300}' (redirected from '{ENDPOINT}/x")
    refused = "Response to preflight request doesn't pass access control check: Redirect is not allowed for a preflight"
    for text, code, shown in (
        (f"{mixed}XMLHttpRequest endpoint '{LONG}'.", "mixed-content", LONG[:200]),
        (f"{mixed}XMLHttpRequest endpoint '{LONG}'.", "mixed-content", "https://" + LONG[7:207]),
        (f"{moved} {MISSING}".replace("/x' from", "/x') from"), "backend-redirect", f"https://b.example/{'a' * 182}"),
        (f"{BLOCKED.format(LONG)} {refused} request.", "preflight-redirect", "https://" + LONG[7:207]),
    ):
        found = diagnose(read_paste(text))
        assert found.cause is not None and found.cause.code == code
        words = " ".join([found.cause.why, *found.cause.steps])
        assert shown in words and f"{shown}a" not in words


BLOCKED = "Access to fetch at '{}' from origin 'https://a.example' has been blocked by CORS policy:"
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."


@pytest.mark.parametrize(
    ("origin", "difference"),
    [
        ("http://app.example.com", "; https://app.example.com has another scheme."),
        ("https://app.example.com:8443", "; https://app.example.com has another port."),
        ("https://www.app.example.com", "; https://app.example.com is another host."),
        ("https://example.com", "; https://app.example.com is another host."),
        ("https://x.example.org", ""),
        ("https://my-app.example.com", ""),
        ("http://app.example.com:99", ""),
        ("http://www.app.example.com", ""),
    ],
)
def test_an_origin_that_differs_in_one_part_is_named(origin: str, difference: str) -> None:
    cors = {"AllowOrigins": ["https://other.example", "https://app.example.com"]}
    target = target_of({"cors": cors, "routes": [["GET /items"]]})
    text = f"Access to fetch at '{ENDPOINT}/items' from origin '{origin}' has been blocked by CORS policy: {MISSING}"
    found = diagnose(read_paste(text), target).cause
    assert found is not None and (found.code, found.value) == ("origin-not-allowed", origin)
    assert found.why.endswith(f" but not {origin}{difference or '.'}")


@pytest.mark.parametrize(
    ("url", "known", "words"),
    [
        (f"{ENDPOINT}/dev/items", {"stages": {"prod": True}}, ("no stage dev: its stages are prod.", "/prod.")),
        (ENDPOINT, {"stages": {"prod": True}}, ("no stage (none in the URL):", "/prod.")),
        (f"{ENDPOINT}/items", {"stages": {}}, ("no stage items: it has no stage.",)),
        ("https://api.example.com/v2/x?y", {"domains": {"api.example.com/v1": ""}}, ("The path /v2/x is ", "/v1.")),
        ("https://API.example.com:443/v2", {"domains": {"api.example.com/v1": ""}}, ("no API mapping of API.",)),
        (f"{ENDPOINT}/items", {"disabled": True, "domains": {"api.example.com": ""}}, ("disabled",)),
        ("https://other.example/items", {}, ("https://other.example/items does not belong to this API.",)),
    ],
)
def test_an_address_outside_the_api_says_what_is_wrong_with_it(url: str, known: Any, words: tuple[str, ...]) -> None:
    api = {"cors": {"AllowOrigins": ["*"]}, "routes": [["GET /items"]], **known}
    text = f"Access to fetch at '{url}' from origin 'https://a.example' has been blocked by CORS policy: {MISSING}"
    found = diagnose(read_paste(text), target_of(api)).cause
    assert found is not None
    said = " ".join((found.why, *found.steps))
    assert [word for word in words if word not in said] == [], said
