"""What browsers print for a blocked call is read back: who called what, and why it was blocked."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.judging import read_exchange
from apis.cors.origins import origin_of
from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "http://localhost:3000"
UNTOLD = ("method", "headers", "credentials")
CHROME = f"Access to fetch at '{API}' from origin '{PAGE}' has been blocked by CORS policy: "
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
FIREFOX = f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {API}. "
SAFARI = f"\nFetch API cannot load {API} due to access control checks."
NO_ORIGIN = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
AFTER_PREFLIGHT = FIREFOX + "(Reason: CORS request did not succeed). Status code: (null)."


def recorded():
    """The messages for every exchange that real browsers blocked."""
    path = Path(__file__).parents[2] / "browser" / "browser-verdicts.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        exchanges = [read_exchange(json.loads(line)["exchange"]) for line in lines]
    verdicts = [(exchange, judge(exchange)) for exchange in exchanges]
    return [(exchange, verdict) for exchange, verdict in verdicts if verdict.messages]


def test_every_message_of_the_recorded_exchanges_is_read_back():
    found = recorded()
    assert len(found) > 700
    for exchange, verdict in found:
        assert [browser for browser, _ in verdict.messages] == ["chrome", "firefox", "safari"]
        for browser, message in verdict.messages:
            reading = read_error(message)
            assert reading.source == browser
            assert origin_of(reading.url) == origin_of(exchange.request.url)
            if browser == "chrome":
                assert reading.origin == exchange.request.origin
            if browser != "safari":
                assert reading.code == verdict.code, message
            elif reading.code != "PreflightInvalidStatus":  # Safari looks at the status first
                assert reading.code in (None, verdict.code, verdict.code.removeprefix("Preflight")), message
            if verdict.code == "MethodDisallowedByPreflightResponse" and browser != "firefox":
                assert reading.method == verdict.parameter


DETAILS = {
    "MissingAllowOriginHeader": NO_ORIGIN,
    "WildcardOriginNotAllowed": "The value of the 'Access-Control-Allow-Origin' header in the response must not be the "
    "wildcard '*' when the request's credentials mode is 'include'. The credentials mode of requests initiated by the "
    "XMLHttpRequest is controlled by the withCredentials attribute.",
    "MultipleAllowOriginValues": "The 'Access-Control-Allow-Origin' header contains multiple values 'a, b', but only "
    "one is allowed. Have the server send the header with a valid value.",
    "InvalidAllowOriginValue": "The 'Access-Control-Allow-Origin' header contains the invalid value '**'.",
    "AllowOriginMismatch": "The 'Access-Control-Allow-Origin' header has a value 'https://x.example' that is not equal "
    "to the supplied origin. Have the server send the header with a valid value, or, if an opaque response serves your "
    "needs, set the request's mode to 'no-cors' to fetch the resource with CORS disabled.",
    "InvalidAllowCredentials": "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which "
    "must be 'true' when the request's credentials mode is 'include'.",
}


@pytest.mark.parametrize("code", DETAILS)
@pytest.mark.parametrize("preflight", [False, True])
def test_chrome_shows_the_two_answers_apart(code, preflight):
    reading = read_error(CHROME + (PREFLIGHT if preflight else "") + DETAILS[code])
    assert (reading.source, reading.origin, reading.url) == ("chrome", PAGE, API)
    assert reading.code == ("Preflight" if preflight else "") + code
    include = code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials")
    assert reading.credentials == ("include" if include else "same-origin")
    assert reading.missing == (("method", "headers") if include else UNTOLD)


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        (PREFLIGHT + "It does not have HTTP ok status.", "PreflightInvalidStatus"),
        (PREFLIGHT + "Redirect is not allowed for a preflight request.", "PreflightDisallowedRedirect"),
        (
            "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
            "InvalidAllowMethodsPreflightResponse",
        ),
        (
            "Cannot parse Access-Control-Allow-Headers response header field in preflight response.",
            "InvalidAllowHeadersPreflightResponse",
        ),
        (
            "Redirect location '' contains a username and password, which is disallowed for cross-origin requests.",
            "RedirectContainsCredentials",
        ),
        ("Cross origin requests are only supported for protocol schemes: chrome, data, http.", "CorsDisabledScheme"),
        ("Cross origin requests are not allowed by request mode.", "DisallowedByMode"),
        ("The response is invalid.", "InvalidResponse"),
        (
            "The request client is not a secure context and the resource is in more-private address space `loopback`.",
            "InsecureLocalNetwork",
        ),
        (
            "Request had a target IP address space of `local` yet the resource is in address space `public`.",
            "InvalidLocalNetworkAccess",
        ),
        (
            "Permission was denied for this request to access the `local` address space.",
            "LocalNetworkAccessPermissionDenied",
        ),
        ("Something that Chrome will say in ten years.", None),
    ],
)
def test_chromes_other_reasons(detail, code):
    assert read_error(CHROME + detail).code == code


def test_chrome_names_the_method_or_the_header():
    reading = read_error(CHROME + "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.")
    assert (reading.code, reading.method) == ("MethodDisallowedByPreflightResponse", "PUT")
    assert reading.missing == ("headers", "credentials")
    for name, value in (("authorization", ""), ("content-type", "application/json")):
        text = f"Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
        reading = read_error(CHROME + text)
        assert (reading.code, reading.headers) == ("HeaderDisallowedByPreflightResponse", ((name, value),))
        assert reading.missing == UNTOLD


def test_chrome_after_a_redirect():
    reading = read_error(
        "Access to XMLHttpRequest at 'https://b.example/y' (redirected from 'https://a.example/x') from origin 'null' "
        "has been blocked by CORS policy: " + NO_ORIGIN
    )
    assert (reading.url, reading.redirected_to, reading.origin) == (
        "https://a.example/x",
        "https://b.example/y",
        "null",
    )


def test_a_font_is_a_plain_get():
    reading = read_error(CHROME.replace("to fetch at", "to font at") + NO_ORIGIN)
    assert (reading.method, reading.headers, reading.missing) == ("GET", (), ("credentials",))


@pytest.mark.parametrize(
    "text",
    [
        "  " + CHROME + NO_ORIGIN,
        f"12:01:33.120 app.js:42 {CHROME}{NO_ORIGIN}",
        f"localhost/:1 {CHROME}{NO_ORIGIN}\napp.js:42 POST {API} net::ERR_FAILED 401 (Unauthorized)",
        (CHROME + NO_ORIGIN).replace(" ", "\n   "),
        (CHROME + NO_ORIGIN).replace("'", "’"),
        (CHROME + NO_ORIGIN).replace("'", "`"),
        (CHROME + NO_ORIGIN).replace("'", ""),
        CHROME + NO_ORIGIN + "\nUncaught (in promise) TypeError: Failed to fetch\n    at load (app.js:42:3)",
        "I get this error:\r\n\r\n> " + CHROME + NO_ORIGIN + "\r\n\r\nwhat do I do?",
        CHROME + NO_ORIGIN + "\n" + CHROME.replace("/items", "/other") + NO_ORIGIN,
    ],
)
def test_a_message_is_found_among_other_lines_and_bent_quotes(text):
    reading = read_error(text)
    assert (reading.origin, reading.url) == (PAGE, API)
    if "’" not in text and "`" not in text:
        assert reading.source == "chrome"


def test_the_line_below_shows_the_method():
    failed = f"\nOPTIONS {API} net::ERR_FAILED\nPATCH {API} net::ERR_FAILED 200 (OK)"
    reading = read_error(CHROME + NO_ORIGIN + failed)
    assert (reading.method, reading.missing) == ("PATCH", ("headers", "credentials"))


def test_a_line_about_another_call_shows_no_method():
    reading = read_error(f"{CHROME}{NO_ORIGIN}\nPATCH https://other.example/x net::ERR_FAILED 200 (OK)")
    assert (reading.method, reading.missing) == ("GET", UNTOLD)


@pytest.mark.parametrize(
    "text",
    [
        f"XMLHttpRequest cannot load {API}. {NO_ORIGIN} Origin '{PAGE}' is therefore not allowed access.",
        f"Failed to load {API}: {NO_ORIGIN} Origin '{PAGE}' is therefore not allowed access.",
    ],
)
def test_chrome_as_it_was_until_2018(text):
    reading = read_error(text)
    assert (reading.origin, reading.url, reading.code) == (PAGE, API, "MissingAllowOriginHeader")


def test_a_message_without_its_first_half_is_read_as_far_as_it_goes():
    reading = read_error(PREFLIGHT + NO_ORIGIN)
    assert (reading.source, reading.code) == ("chrome", "PreflightMissingAllowOriginHeader")
    assert reading.missing == ("origin", "url", *UNTOLD)
    reading = read_error("Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.")
    assert (reading.source, reading.code, reading.method) == ("chrome", "MethodDisallowedByPreflightResponse", "PUT")
    reading = read_error(f"' from origin '{PAGE}' has been blocked by CORS policy: " + NO_ORIGIN)
    assert (reading.origin, reading.code) == (PAGE, "MissingAllowOriginHeader")
    assert reading.missing == ("url", *UNTOLD)


FIREFOX_REASONS = {
    "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.": "MissingAllowOriginHeader",
    "CORS header ‘Access-Control-Allow-Origin’ missing).": "MissingAllowOriginHeader",
    "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).": "MultipleAllowOriginValues",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://x.example’).": "AllowOriginMismatch",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘null’).": "AllowOriginMismatch",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘*.x.example’).": "InvalidAllowOriginValue",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘’).": "InvalidAllowOriginValue",
    "CORS header ‘Access-Control-Allow-Origin’ does not match ‘a, b’).": "MultipleAllowOriginValues",
    "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).": "WildcardOriginNotAllowed",
    "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).": "InvalidAllowCredentials",
    "Did not find method in CORS header ‘Access-Control-Allow-Methods’).": "MethodDisallowedByPreflightResponse",
    "CORS preflight response did not succeed). Status code: 401.": "PreflightInvalidStatus",
    "CORS request external redirect not allowed).": "PreflightDisallowedRedirect",
    "invalid token ‘a b’ in CORS header ‘Access-Control-Allow-Methods’).": "InvalidAllowMethodsPreflightResponse",
    "invalid token ‘a b’ in CORS header ‘Access-Control-Allow-Headers’).": "InvalidAllowHeadersPreflightResponse",
    "header ‘x-a’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).": (
        "HeaderDisallowedByPreflightResponse"
    ),
    "missing token ‘x-a’ in CORS header ‘Access-Control-Allow-Headers’ from CORS preflight channel).": (
        "HeaderDisallowedByPreflightResponse"
    ),
    "CORS request not http).": "CorsDisabledScheme",
    "CORS request did not succeed). Status code: (null).": "InvalidResponse",
    "CORS disabled).": None,
}


@pytest.mark.parametrize("reason", FIREFOX_REASONS)
@pytest.mark.parametrize("straight", [False, True])
def test_firefox(reason, straight):
    text = FIREFOX + "(Reason: " + reason
    reading = read_error(text.replace("‘", "'").replace("’", "'") if straight else text)
    assert (reading.source, reading.origin, reading.url) == ("firefox", "", API)
    assert reading.code == FIREFOX_REASONS[reason]
    assert reading.missing[:1] == ("origin",)
    if reading.code == "HeaderDisallowedByPreflightResponse":
        assert reading.headers == (("x-a", ""),)
    assert reading.symptom == ("blocked-by-client" if "CORS disabled" in reason else "")
    both = read_error(f"{text}\n{AFTER_PREFLIGHT}")
    assert both.code == (f"Preflight{reading.code}" if reading.code in DETAILS else reading.code)


def test_firefox_shows_a_failed_preflight_by_a_second_message():
    first = FIREFOX + "(Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 204.\n"
    both = read_error(first + AFTER_PREFLIGHT)
    assert (both.code, both.preflight_status, both.status) == ("PreflightMissingAllowOriginHeader", 204, None)
    assert read_error(first + AFTER_PREFLIGHT.replace("/items", "/other")).code == "MissingAllowOriginHeader"
    assert read_error(first).code == "MissingAllowOriginHeader"
    assert read_error(AFTER_PREFLIGHT + "\n" + first).code == "PreflightMissingAllowOriginHeader"


def test_firefox_shows_an_address_that_was_masked():
    text = FIREFOX.replace(API, "'api-of-ours /x'") + "(Reason: CORS header 'Access-Control-Allow-Origin' missing)."
    reading = read_error(text)
    assert (reading.url, reading.code, reading.missing[1]) == ("api-of-ours/x", "MissingAllowOriginHeader", "url")


def test_firefox_quotes_the_url_for_the_wildcard():
    reason = "(Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’)."
    reading = read_error(FIREFOX.replace(API, f"‘{API}’") + reason)
    assert (reading.url, reading.credentials) == (API, "include")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin. Status code: 204", None),
        (
            "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
            "WildcardOriginNotAllowed",
        ),
        ("Access-Control-Allow-Origin cannot contain more than one origin.", "MultipleAllowOriginValues"),
        (
            'Credentials flag is true, but Access-Control-Allow-Credentials is not "true".',
            "InvalidAllowCredentials",
        ),
        ("Preflight response is not successful. Status code: 404", "PreflightInvalidStatus"),
        ("Preflight response is not successful. Status code: 301", "PreflightDisallowedRedirect"),
        ("Header Access-Control-Allow-Methods has an invalid value: ;", "InvalidAllowMethodsPreflightResponse"),
        ("Header Access-Control-Allow-Headers has an invalid value: ;", "InvalidAllowHeadersPreflightResponse"),
        ("Method PUT is not allowed by Access-Control-Allow-Methods.", "MethodDisallowedByPreflightResponse"),
        (
            "Request header field X-Api-Key is not allowed by Access-Control-Allow-Headers.",
            "HeaderDisallowedByPreflightResponse",
        ),
        ("", None),
    ],
)
def test_safari(text, code):
    reading = read_error(f"[Error] {text}{SAFARI}")
    assert (reading.source, reading.url, reading.code) == ("safari", API, code)
    assert reading.origin == (PAGE if text.startswith("Origin") else "")
    assert ("origin" in reading.missing) is not text.startswith("Origin")
    assert reading.method == ("PUT" if code == "MethodDisallowedByPreflightResponse" else "GET")
    if code == "HeaderDisallowedByPreflightResponse":
        assert reading.headers == (("X-Api-Key", ""),)


def test_safari_in_one_line_without_a_url_and_after_a_redirect():
    denied = f"Origin {PAGE} is not allowed by Access-Control-Allow-Origin."
    assert read_error(f"XMLHttpRequest cannot load {API}. {denied}").url == API
    assert read_error(denied).missing == ("url", *UNTOLD)
    reading = read_error(
        "Cross-origin redirection to https://b.example/ denied by Cross-Origin Resource Sharing policy: "
        f"{denied}{SAFARI}"
    )
    assert (reading.url, reading.redirected_to, reading.origin) == (API, "https://b.example/", PAGE)


def test_a_page_that_calls_without_https():
    reading = read_error(
        "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure "
        "XMLHttpRequest endpoint 'http://api.example.com/x'. This request has been blocked; the content must be "
        "served over HTTPS."
    )
    assert (reading.origin, reading.url) == ("https://app.example.com", "http://api.example.com/x")
    assert reading.code == "mixed-content"


@pytest.mark.parametrize("origin", ["https://app.example.com", PAGE])
@pytest.mark.parametrize("url", ["http://api.example.com/x", "https://api.example.com/x"])
@pytest.mark.parametrize("mode", ["cors", "same-origin"])
def test_what_only_looks_like_cors_is_read_too(origin, url, mode):
    verdict = judge(
        Exchange(Request(origin, url, mode=mode), response=Answer(200, (("access-control-allow-origin", "*"),)))
    )
    for browser, message in verdict.messages:
        reading = read_error(message)
        assert (reading.source, reading.url, reading.code) == (browser, url, verdict.code)
        assert reading.origin in (origin, "")


@pytest.mark.parametrize(
    "text",
    [
        "Uncaught (in promise) TypeError: Failed to fetch",
        "TypeError: NetworkError when attempting to fetch resource.",
        "TypeError: Load failed",
        "AxiosError: Network Error",
        f"TypeError: Failed to fetch\n    at window.fetch ({PAGE}/js/inject.js:12:33)\n    at x (A.jsx:1:5)",
        f"TypeError: Failed to fetch at window.fetch ({PAGE}/a.js:12:33) at load (App.jsx:10:5)",
        "TypeError: Failed to fetch\n    at fetch (<anonymous>)\n    at load (App.jsx:10:5)",
        "TypeError: Failed to fetch\n    at async Proxy.fetch (a.js:12)",
        "TypeError: Failed to fetch\nfetch (webpack-internal:///./src/api.js:12:3)",
        "TypeError: Failed to fetch\nfetch (<anonymous>)",
        "TypeError: Failed to fetch (abc123def4.execute-api.us-east-1.amazonaws.com)",
        f"TypeError: NetworkError when attempting to fetch resource.\nwindow.fetch@{PAGE}/a.js:12:33",
        f"TypeError: Load failed\nfetch@[native code]\nload@{PAGE}/a.js:12:33",
        f"GET {API} net::ERR_FAILED",
        "Http failure response for https://api.example.com/items: 0 Unknown Error",
    ],
)
def test_a_failed_call_without_its_reason_is_reported_from_one_with_it(text):
    reading = read_error(text)
    assert (reading.symptom, reading.code, reading.blocked) == ("reason-in-another-line", None, True)


@pytest.mark.parametrize(
    ("error", "symptom"),
    [
        ("ERR_CERT_DATE_INVALID", "no-response"),
        ("ERR_NAME_NOT_RESOLVED", "no-response"),
        ("ERR_BLOCKED_BY_CLIENT", "blocked-by-client"),
        ("ERR_BLOCKED_BY_CSP", "blocked-by-client"),
        ("ERR_BAD_SSL_CLIENT_AUTH_CERT", "client-certificate-required"),
    ],
)
def test_an_error_below_http_says_why_there_was_no_response(error, symptom):
    reading = read_error(f"GET {API} net::{error}")
    assert (reading.symptom, reading.value, reading.url) == (symptom, f"net::{error}", API)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Nothing was pasted"),
        (" \n", "Nothing was pasted"),
        ("it does not work", "Paste a console message"),
        ("x" * 300_000, "longer"),
    ],
)
def test_what_shows_no_call_is_answered_with_what_to_copy(text, words):
    with pytest.raises(ReadingError, match=words):
        read_error(text)
