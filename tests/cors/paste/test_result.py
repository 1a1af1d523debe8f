"""What every reading keeps of a call, whatever text it is from."""

from __future__ import annotations

import pytest

from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.paste import MOST_HEADERS, ReadingError, read_error, reading_of

PAGE, API = "https://shop.example", "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"


def sent(*lines, method="GET", status=None, answered=()):
    """What is read from a request and its response as they go over the wire."""
    text = "\n".join([f"{method} {API} HTTP/1.1", f"Origin: {PAGE}", *lines, ""])
    return read_error(text + ("\n".join(["", f"HTTP/1.1 {status}", *answered, ""]) if status else ""))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accept", "text/html"), ("accept-language", "de"), ("content-language", "de"), ("content-type", "text/plain"),
        ("range", "bytes=0-1"), ("save-data", "on"), ("x-http-method", "put"), ("x-http-method-override", "put"),
        ("x-method-override", "put"),
    ],
)  # fmt: skip
def test_the_values_that_browsers_look_at_are_kept(name, value):
    assert read_error(f"curl {API} -H '{name.title()}: {value}'").headers == ((name.title(), value),)
    assert read_error(f"curl {API} -H 'x-{name}: {value}'").headers == ((f"x-{name}", ""),)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, None) for status in (200, 204, 299)),
        *((status, "PreflightDisallowedRedirect") for status in (301, 302, 303, 307, 308)),
        *((status, "PreflightInvalidStatus") for status in (300, 304, 400, 403, 500)),
    ],
)
def test_the_status_of_a_preflight_for_a_call_that_needs_none(status, code):
    allowed = (f"Access-Control-Allow-Origin: {PAGE}",)
    found = sent("Access-Control-Request-Method: GET", method="OPTIONS", status=status, answered=allowed)
    assert (found.method, found.code, found.blocked) == ("GET", code, code is not None)
    assert (found.preflight, found.preflight_status, found.status) == (True, status, None)


@pytest.mark.parametrize(
    ("status", "answered", "code"),
    [
        (200, (f"Access-Control-Allow-Origin: {PAGE}",), None),
        (200, ("Access-Control-Allow-Origin: *",), None),
        (200, (), "MissingAllowOriginHeader"),
        (500, ("Access-Control-Allow-Origin: https://b.example",), "AllowOriginMismatch"),
    ],
)
def test_the_response_of_a_call_decides(status, answered, code):
    for method in ("GET", "PUT"):
        found = sent("X-A: 1", method=method, status=status, answered=answered)
        assert (found.code, found.blocked, found.status) == (code, code is not None, status)
        assert (found.preflight, found.preflight_status, found.missing) == (None, None, ("credentials",))


@pytest.mark.parametrize(
    ("answered", "code"), [((), "MissingAllowOriginHeader"), (("Access-Control-Allow-Origin: *",), "mixed-content")]
)
def test_the_response_to_a_call_without_https(answered, code):
    """A tool got the response, and a browser would have sent nothing."""
    lines = "\n".join(["HTTP/1.1 200 OK", "a: b", *answered])
    found = read_error(f"curl -i http://api.example/x -H 'Origin: {PAGE}'\n{lines}\n")
    assert (found.code, found.status, found.missing) == (code, 200, ())


def test_a_reading_of_a_call_that_is_known_whole():
    request = Request(PAGE, API, "PUT", (("x-a", "1"),), "include", "no-cors")
    found = reading_of(request)
    assert (found.request, found.source, found.missing) == (request, "request", ())
    assert (found.symptom, found.value, found.redirected_to, found.no_origin) == ("", "", "", False)
    assert (found.preflight, found.preflight_status, found.status, found.blocked) == (None, None, None, False)
    found = reading_of(request, Exchange(request, None, Answer(403)), "MissingAllowOriginHeader")
    assert (found.source, found.code, found.blocked) == ("probe", "MissingAllowOriginHeader", True)
    assert (found.preflight, found.preflight_status, found.status) == (None, None, 403)
    found = reading_of(request, Exchange(request, Answer(204), None))
    assert (found.preflight, found.preflight_status, found.status, found.blocked) == (True, 204, None, False)


def test_what_nothing_can_store_is_left_out():
    found = read_error(f"fetch('{API}', {{method: 'P\\u0000UT', headers: {{'X-\\u007fA': 'a', 'X-\\ud800B': 'b'}}}})")
    assert (found.method, found.headers) == ("PUT", (("X-A", ""), ("X-B", "")))


@pytest.mark.parametrize(("count", "is_read"), [(MOST_HEADERS, True), (MOST_HEADERS + 1, False)])
def test_as_many_headers_as_gateways_take(count, is_read):
    text = f"fetch('{API}', {{headers: {{{','.join(f'x{at}: 1' for at in range(count))}}}}})"
    if is_read:
        assert len(read_error(text).headers) == count
    else:
        with pytest.raises(ReadingError):
            read_error(text)
