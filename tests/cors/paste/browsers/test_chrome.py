"""The reasons that Chrome has given in its earlier versions and for private networks, and messages that were cut."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_calls, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://shop.example"
UNTOLD = ("method", "headers", "credentials")
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
REFUSED = f"Origin '{PAGE}' is therefore not allowed access."


def blocked(reason, call=f"fetch at '{API}'"):
    """A message of Chrome."""
    return f"Access to {call} from origin '{PAGE}' has been blocked by CORS policy: {reason}"


REASONS = {
    "A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true.": (
        "WildcardOriginNotAllowed"
    ),
    "Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is ''.": "InvalidAllowCredentials",
    "Invalid HTTP status code 403": "PreflightInvalidStatus",
    "Response for preflight has invalid HTTP status code 403": "PreflightInvalidStatus",
    "Response for preflight is invalid (redirect)": "PreflightDisallowedRedirect",
    "Request had no target IP address space, yet the resource is in address space `local`.": (
        "InvalidLocalNetworkAccess"
    ),
    "No 'Access-Control-Allow-Private-Network' header was present in the preflight response.": (
        "InvalidLocalNetworkAccess"
    ),
    "The 'Access-Control-Allow-Private-Network' header had a value of ''.": "InvalidLocalNetworkAccess",
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_of_another_version(reason):
    code = REASONS[reason]
    for text in (blocked(reason), f"Failed to load {API}: {reason} {REFUSED}"):
        found = read_error(text)
        assert (found.source, found.origin, found.url, found.code) == ("chrome", PAGE, API, code)
        include = code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials")
        assert found.credentials == ("include" if include else "same-origin")
        assert found.missing == (("method", "headers") if include else UNTOLD)
        assert (found.preflight_status, found.status) == (403 if "403" in reason else None, None)
        assert (found.blocked, found.symptom, found.method) == (True, "", "GET")


def test_the_quoted_value_is_kept():
    origin, credentials = (
        "The 'Access-Control-Allow-Origin' header ",
        "The value of the 'Access-Control-Allow-Credentials'",
    )
    assert read_error(blocked(f"{origin}contains multiple values 'a, b', but only one is allowed.")).value == "a, b"
    assert (
        read_error(blocked(f"{origin}has a value 'https://x.example' that is not equal.")).value == "https://x.example"
    )
    assert read_error(blocked(f"{credentials} header in the response is 'TRUE' which must be 'true'.")).value == "TRUE"
    assert read_error(blocked(MISSING)).value == ""


@pytest.mark.parametrize(("preflight", "statuses"), [("", (None, 404)), (PREFLIGHT, (404, None))])
def test_the_status_of_an_early_message(preflight, statuses):
    text = f"XMLHttpRequest cannot load {API}. {preflight}{MISSING} {REFUSED} The response had HTTP status code 404."
    found = read_error(text)
    assert (found.preflight_status, found.status) == statuses
    assert (found.origin, found.url, found.missing) == (PAGE, API, UNTOLD)
    alone = read_error(f"{preflight}{MISSING} {REFUSED} The response had HTTP status code 404.")
    assert (alone.preflight_status, alone.status) == statuses
    assert (alone.origin, alone.url, alone.missing) == (PAGE, "", ("url", *UNTOLD))


def test_two_early_messages_are_two_calls():
    text = f"XMLHttpRequest cannot load {API}. {MISSING} {REFUSED} Failed to load {API}/2: {PREFLIGHT}{MISSING}"
    calls = read_calls(text)
    assert isinstance(calls, list)
    assert [(call.url, call.origin, call.code) for call in calls] == [
        (API, PAGE, "MissingAllowOriginHeader"), (f"{API}/2", "", "PreflightMissingAllowOriginHeader"),
    ]  # fmt: skip
    with pytest.raises(ReadingError):
        read_error(f"XMLHttpRequest cannot load {API}.")


@pytest.mark.parametrize(
    "url", ["undefined/items", "http://undefined/items", "https://null/x", "https://NaN/x", "https://[object Object]/x",
            "https://false/", "https://true/"],
)  # fmt: skip
def test_a_url_that_was_not_filled_in(url):
    found = read_error(blocked(MISSING, f"fetch at '{url}'"))
    assert (found.symptom, found.value) == ("placeholder-url", "".join(url.split()))


@pytest.mark.parametrize("url", ["/items", "./items", API, "https://nullable.example/x"])
def test_a_url_without_a_placeholder(url):
    found = read_error(blocked(MISSING, f"fetch at '{url}'"))
    assert (found.symptom, found.value, found.url) == ("", "", url)


@pytest.mark.parametrize("kind", ["font", "script", "CSS stylesheet", "image"])
def test_what_a_page_loads_is_a_plain_get(kind):
    assert read_error(blocked(MISSING, f"{kind} at '{API}'")).missing == ("credentials",)
    for one in ("fetch", "XMLHttpRequest"):
        assert read_error(blocked(MISSING, f"{one} at '{API}'")).missing == UNTOLD


@pytest.mark.parametrize(
    ("text", "origin", "url"),
    [
        (f"Access to fetch at '{API}' from origin '{PAGE}", PAGE, API),
        (f"Access to fetch at '{API}' from origin '{PAGE}…", PAGE, API),
        (f"Access to CSS stylesheet at '{API}' from origin '{PAGE}' has been bl", PAGE, API),
        (f"at '{API}' from origin '{PAGE}' has been blocked by CORS policy: {MISSING}", PAGE, API),
        (f"'{API}' from origin 'null' has been blocked by CORS policy: {MISSING}", "null", API),
        (f"from origin '{PAGE}' has been blocked by CORS policy: {MISSING}", PAGE, ""),
        (f"has been blocked by CORS policy: {MISSING}", "", ""),
    ],
)
def test_a_message_that_was_cut(text, origin, url):
    found = read_error(text)
    assert (found.source, found.origin, found.url, found.blocked) == ("chrome", origin, url, True)
    assert found.missing == tuple(part for part, value in (("origin", origin), ("url", url)) if not value) + UNTOLD
    assert found.code == ("MissingAllowOriginHeader" if MISSING in text else None)


def test_a_reason_that_was_cut_behind_the_header():
    found = read_error(blocked("Request header field x-api-key is not allowed by Access-Con"))
    assert (found.code, found.value) == ("HeaderDisallowedByPreflightResponse", "x-api-key")
    assert (found.headers, found.missing) == ((("x-api-key", ""),), UNTOLD)


def test_the_first_of_two_reasons_counts():
    method = "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response."
    header = "Request header field x-a is not allowed by Access-Control-Allow-Headers in preflight response."
    assert read_error(f"{method} {header} {MISSING}").code == "MethodDisallowedByPreflightResponse"
    assert read_error(f"{header} {method} {MISSING}").code == "HeaderDisallowedByPreflightResponse"
    assert read_error(f"{MISSING} {method} {header}").code == "MissingAllowOriginHeader"
    assert read_error(f"{MISSING} {PREFLIGHT}").code == "MissingAllowOriginHeader"


def test_messages_between_others_keep_their_own_reasons():
    method = "Method PUT is not allowed by Access-Control-Allow-Methods in preflight response."
    first, second, third = blocked(MISSING), blocked(method, f"font at '{API}/2'"), blocked("", f"fetch at '{API}/3'")
    calls = read_calls(f"{first} {second} {third}")
    assert isinstance(calls, list)
    assert [(call.url, call.code) for call in calls] == [
        (API, "MissingAllowOriginHeader"), (f"{API}/2", "MethodDisallowedByPreflightResponse"), (f"{API}/3", None),
    ]  # fmt: skip


def test_a_call_that_must_stay_on_its_own_origin():
    mode = 'Request mode is "same-origin" but the URL\'s origin is not same as the request origin'
    found = read_error(f"Fetch API cannot load {API}. {mode} {PAGE}.")
    assert (found.origin, found.url, found.code, found.mode) == (PAGE, API, "DisallowedByMode", "same-origin")
    assert (found.missing, found.blocked) == (UNTOLD, True)


def test_calls_without_https_from_pages_with_it():
    page = "Mixed Content: The page at 'https://shop.example/cart' was loaded over HTTPS, but requested an insecure "
    text = f"{page}XMLHttpRequest endpoint 'http://a.example/1'. {page}resource 'http://a.example/2'. {page}"
    calls = read_calls(text)
    assert isinstance(calls, list)
    assert [(call.origin, call.url, call.code) for call in calls] == [
        (PAGE, "http://a.example/1", "mixed-content"), (PAGE, "http://a.example/2", "mixed-content"),
        (PAGE, "", "mixed-content"),
    ]  # fmt: skip
