"""Which cause comes first, how certain it is, and what its steps name: one text for each way that Explain decides."""

from __future__ import annotations

from typing import Any

import pytest

from apis.cors.call import first_leg
from apis.cors.exchange import Request
from apis.cors.explain import diagnose
from apis.cors.explain.snippets import curls
from apis.cors.paste import read_paste
from tests.cors.paste.targets import ENDPOINT, target_of

ITEMS = f"{ENDPOINT}/items"
PAGE = "https://app.example"
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
NOT_OK = f"{PREFLIGHT}It does not have HTTP ok status."
LISTED = {"cors": {"AllowOrigins": [PAGE], "AllowMethods": ["PUT"]}, "routes": [["PUT /items"], ["GET /items"]]}
ANY = {**LISTED, "routes": [["ANY /items", "JWT"]]}
SLASHED = {**LISTED, "routes": [["GET /items"], ["GET /items/"]]}
OFF = {**LISTED, "cors": None}
METHOD = "Method {} is not allowed by Access-Control-Allow-Methods in preflight response."
SEVERAL = "The 'Access-Control-Allow-Origin' header contains multiple values 'a, b', but only one is allowed."
CREDENTIALS = (
    "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the "
    "request's credentials mode is 'include'."
)


def blocked(why: str, url: str = ITEMS) -> str:
    """Chrome's message about a call."""
    return f"Access to fetch at '{url}' from origin '{PAGE}' has been blocked by CORS policy: {why}"


def moved(to: str) -> str:
    """Chrome's message about a call that was redirected."""
    return blocked(MISSING).replace(f"'{ITEMS}'", f"'{to}' (redirected from '{ITEMS}')")


def answered(line: str, why: str = MISSING) -> str:
    """A line of Chrome's about the status, and its message."""
    return f"{line}\n{blocked(why)}"


@pytest.mark.parametrize(
    ("text", "api", "code", "certainty", "step"),
    [
        (blocked(NOT_OK), None, "preflight-route-authorizer", "possible", "route OPTIONS"),
        (answered(f"OPTIONS {ITEMS} 404 (Not Found)", NOT_OK), None, "wrong-stage-or-mapping", "possible", "stage"),
        (blocked(f"{PREFLIGHT}{MISSING}"), ANY, "preflight-route-authorizer", "certain", "OPTIONS /items"),
        (blocked(MISSING), LISTED, "something-else-answered", "likely", "CDN"),
        (moved("https://login.example/oauth2"), LISTED, "backend-redirect", "certain", "401"),
        (moved("https://www.example/x"), LISTED, "backend-redirect", "certain", "https://www.example/x"),
        (moved(f"{ITEMS}/"), SLASHED, "backend-redirect", "certain", f"Call {ITEMS}/"),
        (moved(f"{ITEMS}/"), LISTED, "backend-redirect", "certain", "Stop the redirect"),
        (answered(f"GET {ITEMS} 400 (Bad Request)"), LISTED, "gateway-error-status", "certain", "body"),
        (answered(f"GET {ITEMS} 399"), LISTED, "something-else-answered", "likely", "CDN"),
        (blocked(METHOD.format("PUT")), LISTED, "something-else-answered", "likely", "CDN"),
        (blocked(METHOD.format("PUT")), OFF, "something-else-answered", "likely", "CDN"),
        (blocked(METHOD.format("DELETE")), LISTED, "method-not-allowed", "certain", "AllowMethods"),
        (blocked(METHOD.format("DELETE")), None, "method-not-allowed", "certain", "AllowMethods"),
        (blocked(METHOD.format("patch")), LISTED, "method-case", "certain", "PATCH"),
        (blocked(CREDENTIALS), LISTED, "credentials-not-allowed", "certain", "AllowCredentials"),
        (blocked(SEVERAL), LISTED, "multiple-allow-origin", "certain", "REST API"),
        (blocked(SEVERAL, "https://api.example/items"), None, "multiple-allow-origin", "certain", "REST API"),
    ],
)
def test_the_first_cause(text: str, api: dict[str, Any] | None, code: str, certainty: str, step: str) -> None:
    found = diagnose(read_paste(text), target_of(api)).cause
    assert found is not None and (found.code, found.certainty) == (code, certainty)
    assert any(step in one for one in found.steps), found.steps


@pytest.mark.parametrize(
    ("text", "api"), [(moved("https://login.example/"), LISTED), (blocked(f"{PREFLIGHT}{MISSING}"), ANY)]
)
def test_what_answered_for_certain_stands_alone(text: str, api: dict[str, Any]) -> None:
    assert diagnose(read_paste(text), target_of(api)).also == ()


def test_a_status_contradicts_the_routes_only_where_the_method_is_known() -> None:
    api = {**LISTED, "routes": [["GET /other"]]}
    refused = blocked(MISSING).replace(PAGE, "https://x.example")
    for line, codes in (
        ("the server responded with a status of 200 ()", ["no-route", "origin-not-allowed"]),
        (f"GET {ITEMS} net::ERR_FAILED 200", ["origin-not-allowed", "something-else-answered", "no-route"]),
    ):
        found = diagnose(read_paste(f"{line}\n{refused}"), target_of(api))
        assert found.cause is not None
        assert [found.cause.code, *(other.code for other in found.also)] == codes


def test_a_failure_is_that_of_the_preflight_or_of_the_call() -> None:
    for method, what in (("OPTIONS", "preflight"), ("GET", "call")):
        found = diagnose(read_paste(answered(f"{method} {ITEMS} 502")), target_of(LISTED)).cause
        assert found is not None and (found.code, what in found.why) == ("gateway-error-status", True)


def test_origin_null_follows_only_a_redirect_to_another_origin() -> None:
    """Fetch standard, HTTP-redirect fetch: only then the request's origin is tainted."""
    other, own = (diagnose(read_paste(moved(to)), target_of(LISTED)) for to in ("https://www.example/x", f"{ITEMS}/"))
    assert other.cause and "Origin: null" in other.cause.why
    assert own.cause and "Origin: null" not in own.cause.why


def test_an_allowed_response_has_a_cause_only_below_a_message_that_says_blocked() -> None:
    transcript = f"curl -i -H 'Origin: {PAGE}' {ITEMS}\nHTTP/2 200\naccess-control-allow-origin: {PAGE}\n"
    assert diagnose(read_paste(transcript), target_of(LISTED)).cause is None
    assert diagnose(read_paste(f"{blocked(MISSING)}\n\n{transcript}"), target_of(LISTED)).cause is not None


def test_a_wildcard_for_credentials_names_the_page_that_is_known() -> None:
    refused = "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*'"
    for text, is_named in ((blocked(refused), True), (f"{refused}.", False)):
        found = diagnose(read_paste(text), target_of(None)).cause
        assert found is not None and (found.code, PAGE in found.why) == ("wildcard-with-credentials", is_named)


def test_a_header_that_browsers_do_not_send_needs_no_permission() -> None:
    call = f"fetch('{ITEMS}', {{headers: {{'User-Agent': 'x'}}, referrer: '{PAGE}/'}})"
    found = diagnose(read_paste(call), target_of(LISTED))
    assert (found.cause, found.allowed) == (None, True)
    found = diagnose(read_paste(call.replace(PAGE, "https://x.example")), target_of(LISTED))
    assert found.cause is not None and (found.cause.code, found.also) == ("origin-not-allowed", ())


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("was blocked because Enhanced Tracking Protection is on", "Firefox's Enhanced Tracking Protection"),
        ("violates the following Content Security Policy directive", "The page's Content-Security-Policy"),
        ("net::ERR_BLOCKED_BY_CLIENT", "The browser or an extension"),
        ("blocked:csp", "The browser or an extension"),
    ],
)
def test_who_stopped_a_call_is_named_where_it_is_known(text: str, who: str) -> None:
    found = diagnose(read_paste(f"{text} {ITEMS}"), target_of(None)).cause
    assert found is not None and (found.code, found.why.startswith(f"{who} ")) == ("blocked-by-client", True)


def test_a_failed_call_without_a_reason_gets_what_the_configuration_shows() -> None:
    for api, codes in ((OFF, ["cors-off"]), (LISTED, [])):
        found = diagnose(read_paste(f"Failed to fetch {ITEMS}"), target_of(api))
        assert found.cause is not None and found.cause.code == "reason-in-another-line"
        assert [other.code for other in found.also] == codes


def test_a_header_that_a_message_names_is_not_assumed() -> None:
    header = "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response."
    for line, assumed in (
        (f"PUT {ITEMS} net::ERR_FAILED", ("credentials",)),
        ("", ("credentials", "headers", "method")),
    ):
        assert diagnose(read_paste(f"{line}\n{blocked(header)}"), target_of(LISTED)).assumed == assumed


@pytest.mark.parametrize(
    ("origin", "method", "names_origin"),
    [(ENDPOINT, "GET", False), (ENDPOINT, "HEAD", False), (ENDPOINT, "POST", True), (PAGE, "GET", True)],
)
def test_curl_sends_an_origin_where_browsers_do(origin: str, method: str, names_origin: bool) -> None:
    request = Request(origin, ITEMS, method)
    assert ("Origin" in curls(request, first_leg(request, "chrome")[0])[-1]) is names_origin


def test_curl_sends_a_header_without_a_value_after_a_semicolon() -> None:
    request = Request(PAGE, ITEMS, "GET", (("x-empty", ""), ("x-full", "1")))
    command = curls(request, first_leg(request, "chrome")[0])[-1]
    assert "-H 'x-empty;'" in command and "-H 'x-full: 1'" in command
