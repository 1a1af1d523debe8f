"""What the lines of a console around a message add to it: the method, the status, and who stopped the call."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_error, read_paste

PAGE, API = "https://shop.example", "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
UNTOLD = ("method", "headers", "credentials")


def blocked(reason, url=API):
    """A message of Chrome."""
    return f"Access to fetch at '{url}' from origin '{PAGE}' has been blocked by CORS policy: {reason}\n"


MISSING = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
PREFLIGHT = "Response to preflight request doesn't pass access control check: "
STATUS = PREFLIGHT + "It does not have HTTP ok status."


@pytest.mark.parametrize("error", ["ERR_BLOCKED_BY_CLIENT", "ERR_BLOCKED_BY_CSP", "ERR_BLOCKED_BY_ADMINISTRATOR"])
def test_a_call_that_was_stopped_before_it_was_sent(error):
    found = read_error(blocked(MISSING) + f"POST {API} net::{error}")
    assert (found.symptom, found.value, found.method) == ("blocked-by-client", f"net::{error}", "POST")
    other = blocked(MISSING, API + "/2")
    both = blocked(MISSING) + f"POST {API} net::{error}\n" + other
    assert read_error(both).url == API + "/2"
    assert read_error(both + f"POST {API}/2 net::{error}").url == API
    assert read_paste(both, lambda url: url == API).url == API


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "patch"])
def test_the_method_of_the_call(method):
    found = read_error(blocked(MISSING) + f"{method} {API}. net::ERR_FAILED 502 (Bad Gateway)")
    assert (found.method, found.missing, found.status) == (method, ("headers", "credentials"), 502)
    assert (found.symptom, found.value) == ("", "")


@pytest.mark.parametrize("line", ["HELLO API 500", "xPOST API 500", "POST API/other 500", "POST 'API' 500"])
def test_a_line_about_something_else_adds_nothing(line):
    found = read_error(blocked(MISSING) + line.replace("API", API))
    assert (found.method, found.missing, found.status) == ("GET", UNTOLD, None)


@pytest.mark.parametrize(
    ("reason", "lines", "preflight_status", "status"),
    [
        (STATUS, ["OPTIONS API 403"], 403, None),
        (STATUS, ["OPTIONS API net::ERR_FAILED"], None, None),
        (STATUS, ["OPTIONS API 403", "OPTIONS API 401"], 403, None),
        (STATUS, ["POST API net::ERR_FAILED 403"], 403, None),
        (STATUS, ["OPTIONS API 403", "POST API 500"], 403, None),
        (MISSING, ["OPTIONS API 204"], 204, None),
        (MISSING, ["The response had HTTP status code 403.", "OPTIONS API 403"], 403, None),
        (MISSING, ["The response had HTTP status code 500.", "OPTIONS API 204"], 204, 500),
        (MISSING, ["POST API 500"], None, 500),
        (MISSING, ["POST API 500", "POST API 502"], None, 500),
        (MISSING, ["Failed to load resource: the server responded with a status of 404 ()"], None, 404),
        (STATUS, ["Failed to load resource: the server responded with a status of 404 ()"], 404, None),
        (PREFLIGHT + MISSING, ["The response had HTTP status code 400."], 400, None),
        (MISSING, ["POST API 500", "the server responded with a status of 404 ()"], None, 500),
        (STATUS, ["OPTIONS API 403", "the server responded with a status of 404 ()"], 403, None),
    ],
)
def test_the_status_of_the_preflight_or_of_the_call(reason, lines, preflight_status, status):
    found = read_error(blocked(reason) + "\n".join(lines).replace("API", API))
    assert (found.preflight_status, found.status) == (preflight_status, status)


def test_a_status_that_may_be_of_either_of_two_calls_is_of_none():
    text = blocked(MISSING) + blocked(MISSING, API + "/2") + "the server responded with a status of 404 ()"
    assert read_error(text).status is None


def test_a_line_about_the_address_that_was_redirected_to():
    moved = blocked(MISSING, f"{API}/2' (redirected from '{API}')").replace(")' from", ") from")
    found = read_error(moved + f"PUT {API}/2 500")
    assert (found.url, found.redirected_to, found.method, found.status) == (API, f"{API}/2", "PUT", 500)
    assert read_paste(blocked(MISSING, PAGE) + moved, lambda url: url == f"{API}/2").url == API


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Failed to fetch\nPOST {API} net::ERR_FAILED 500", ("POST", 500, None)),
        (f"Failed to fetch\nOPTIONS {API} 403", ("GET", None, 403)),
        (f"Failed to fetch {API}\nthe server responded with a status of 404 ()", ("GET", 404, None)),
    ],
)
def test_the_lines_around_a_failed_call_without_a_reason(text, expected):
    found = read_error(text)
    assert (found.symptom, found.method, found.status, found.preflight_status) == ("reason-in-another-line", *expected)


def test_a_page_named_next_to_a_message_without_its_beginning():
    found = read_error(f"from origin {PAGE}, calling {API}: {MISSING}")
    assert (found.code, found.origin, found.url) == ("MissingAllowOriginHeader", PAGE, API)
    assert read_error(f"{MISSING} It is on page {PAGE}, calling {API}").url == API
    cut = read_error(f"from origin shop has been blocked by CORS policy: {MISSING} The page: {PAGE} calls {API}")
    assert (cut.origin, cut.url) == (PAGE, API)
    assert read_error(f"{MISSING} It is on page {PAGE}, calling {API} or {API}/2").url == ""
