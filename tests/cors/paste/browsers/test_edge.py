"""What Internet Explorer and Edge before Chromium print for a blocked call."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://app.example.com"
UNTOLD = ("method", "headers", "credentials")


@pytest.mark.parametrize(
    ("text", "code", "origin", "url"),
    [
        (f"SEC7120: [CORS] The origin '{PAGE}' did not find '{PAGE}' in the Access-Control-Allow-Origin response "
         f"header for cross-origin  resource at '{API}'.", "MissingAllowOriginHeader", PAGE, API),
        (f"SEC7120: Origin {PAGE} not found in Access-Control-Allow-Origin header.", "MissingAllowOriginHeader", PAGE,
         ""),
        (f"Origin {PAGE} not found in Access-Control-Allow-Origin header.", "MissingAllowOriginHeader", PAGE, ""),
        (f"SEC7128: [CORS] No Access-Control-Allow-Origin header for the resource at '{API}'.",
         "MissingAllowOriginHeader", "", API),
        (f"SEC7125: [CORS] Multiple Access-Control-Allow-Origin headers are not allowed for the resource at '{API}'.",
         "MultipleAllowOriginValues", "", API),
        (f"SEC7126: Redirect was blocked for request to {API}.", "PreflightDisallowedRedirect", "", API),
        (f"[CORS] A redirect was blocked for {API}, which is cross-origin.", "PreflightDisallowedRedirect", "", API),
        ("SEC7131: Redirect was blocked.", "PreflightDisallowedRedirect", "", ""),
    ],
)  # fmt: skip
def test_a_message_says_why_who_and_what(text, code, origin, url):
    reading = read_error(text)
    assert (reading.source, reading.code, reading.origin, reading.url) == ("edge", code, origin, url)
    assert (reading.blocked, reading.credentials, reading.headers) == (True, "same-origin", ())
    missing = [part for part, value in (("origin", origin), ("url", url)) if not value]
    assert reading.missing == (*missing, *UNTOLD)


def test_the_header_that_is_not_allowed():
    for quote in ("'", ""):
        reading = read_error(
            f"SEC7123: Request header {quote}content-type{quote} was not present in the "
            f"{quote}Access-Control-Allow-Headers{quote} list."
        )
        assert (reading.code, reading.value) == ("HeaderDisallowedByPreflightResponse", "content-type")
        assert reading.headers == (("content-type", "application/json"),)
        assert reading.missing == ("origin", "url", *UNTOLD)


def test_the_method_that_is_not_allowed():
    for quote in ("'", ""):
        reading = read_error(
            f"SEC7124: [CORS] The origin '{PAGE}' used credentials. Request method {quote}PUT{quote} was not present "
            f"in the {quote}Access-Control-Allow-Methods{quote} list for the resource at '{API}'."
        )
        assert (reading.code, reading.method) == ("MethodDisallowedByPreflightResponse", "PUT")
        assert (reading.origin, reading.url, reading.missing) == (PAGE, API, ("headers", "credentials"))


@pytest.mark.parametrize("verb", ["used", "requires"])
def test_a_call_with_credentials(verb):
    reading = read_error(
        f"SEC7121: [CORS] The origin '{PAGE}' {verb} credentials, but Access-Control-Allow-Credentials is missing in "
        f"the response for the resource at '{API}'."
    )
    assert (reading.code, reading.credentials) == ("InvalidAllowCredentials", "include")
    assert (reading.origin, reading.missing) == (PAGE, ("method", "headers"))


@pytest.mark.parametrize("text", [f"SEC7118: XMLHttpRequest for {API} required CORS.", "SEC7140: did not find it"])
def test_a_line_without_a_reason_is_none_of_these_messages(text):
    with pytest.raises(ReadingError):
        read_error(text)
