"""Safari's messages: the reason in one, the address and the status in another."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error, read_paste

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
LOAD = f"Fetch API cannot load {API} due to access control checks."
UNTOLD = ("method", "headers", "credentials")
WITH_CREDENTIALS = ("method", "headers")


@pytest.mark.parametrize(
    ("message", "code", "missing"),
    [
        ("Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
         "WildcardOriginNotAllowed", WITH_CREDENTIALS),
        ('Credentials flag is true, but Access-Control-Allow-Credentials is not "true".', "InvalidAllowCredentials",
         WITH_CREDENTIALS),
        ("Access-Control-Allow-Origin cannot contain more than one origin.", "MultipleAllowOriginValues", UNTOLD),
        ("Header Access-Control-Allow-Methods has an invalid value: a b", "InvalidAllowMethodsPreflightResponse",
         UNTOLD),
        ("Header Access-Control-Allow-Headers has an invalid value: a b", "InvalidAllowHeadersPreflightResponse",
         UNTOLD),
        ("Method PUT is not allowed by Access-Control-Allow-Methods.", "MethodDisallowedByPreflightResponse",
         ("headers", "credentials")),
        ("Request header field X-A is not allowed by Access-Control-Allow-Headers.",
         "HeaderDisallowedByPreflightResponse", UNTOLD),
        ("Preflight response is not successful", "PreflightInvalidStatus", UNTOLD),
        ("", None, UNTOLD),
    ],
)  # fmt: skip
def test_the_reason(message, code, missing):
    found = read_error(f"{message}\n{LOAD}")
    assert (found.source, found.url, found.code, found.blocked) == ("safari", API, code, True)
    assert found.missing == ("origin", *missing)
    assert found.credentials == ("same-origin" if "credentials" in missing else "include")
    assert found.method == ("GET" if "method" in missing else "PUT")
    assert (found.headers, found.value) == (((("X-A", ""),), "X-A") if "X-A" in message else ((), ""))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, "PreflightDisallowedRedirect") for status in (301, 302, 303, 307, 308)),
        *((status, "PreflightInvalidStatus") for status in (304, 401, 500)),
    ],
)
def test_the_status_of_a_preflight(status, code):
    found = read_error(f"Preflight response is not successful. Status code: {status}\n{LOAD}")
    assert (found.code, found.preflight_status, found.status, found.preflight) == (code, status, None, True)


def test_the_status_of_a_response_for_another_page():
    refused = "Origin https://shop.example is not allowed by Access-Control-Allow-Origin."
    found = read_error(f"{refused} Status code: 403\n{LOAD}")
    assert (found.origin, found.code, found.status, found.preflight_status) == ("https://shop.example", None, 403, None)
    found = read_error(f"{refused} Preflight response is not successful. Status code: 403\n{LOAD}")
    assert (found.origin, found.code, found.status, found.preflight_status) == (
        "https://shop.example", "PreflightInvalidStatus", None, 403,
    )  # fmt: skip
    assert read_error(refused).url == ""


@pytest.mark.parametrize("kind", ["Fetch API", "XMLHttpRequest", "EventSource"])
def test_what_could_not_be_loaded(kind):
    assert read_error(f"{kind} cannot load {API}. due to access control checks.").url == API
    assert read_error(f"Failed to load resource: {API}. Preflight response is not successful").url == API


@pytest.mark.parametrize("verb", ["was not allowed to run", "was not allowed to display", "requested"])
def test_a_call_without_https(verb):
    found = read_error(f"The page at https://shop.example/cart {verb} insecure content from http://api.example/x.")
    assert (found.source, found.code, found.blocked) == ("safari", "mixed-content", True)
    assert (found.origin, found.url, found.missing) == ("https://shop.example", "http://api.example/x", UNTOLD)


@pytest.mark.parametrize("start", ["Cross-origin", "cross-origin"])
def test_a_redirect(start):
    found = read_error(f"{start} redirection to https://b.example/ denied by policy\n{LOAD}")
    assert (found.url, found.redirected_to) == (API, "https://b.example/")


def test_several_messages_are_several_calls():
    loads = "\n".join(f"Fetch API cannot load {API}/{at} due to access control checks." for at in range(3))
    assert read_error(loads).url == f"{API}/0"
    assert read_paste(loads, lambda url: url.endswith("/2")).url == f"{API}/2"


def test_an_address_without_a_reason_is_no_message():
    with pytest.raises(ReadingError):
        read_error(f"XMLHttpRequest cannot load {API}")
