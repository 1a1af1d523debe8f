"""Requests and answers as they go over the wire."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_calls, read_error
from tests.cors.paste.targets import response_of

HOST = "abc123def4.execute-api.us-east-1.amazonaws.com"
API = f"https://{HOST}/items"
PAGE = "https://app.example.com"
SENT = f"PUT /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}\nX-A: 1\n"
ASKS = f"OPTIONS /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}\nAccess-Control-Request-Method: PUT\n"
ALLOWS = f"HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: {PAGE}\nAccess-Control-Allow-Methods: PUT\n"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request(method):
    found = read_error(SENT.replace("PUT", method))
    assert (found.source, found.origin, found.url, found.method) == ("http", PAGE, API, method)
    assert (found.headers, found.missing, found.observed) == ((("X-A", ""),), ("credentials",), None)
    assert (found.symptom, found.no_origin, found.credentials) == ("", False, "same-origin")


@pytest.mark.parametrize("text", [SENT, "".join(f"> {line}\n" for line in SENT.splitlines()), f"Request: {SENT}"])
@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 403 Forbidden\nServer: x\nSet-Cookie: a=b",
        "< HTTP/2 403\n< server: x\n< set-cookie: c",
        "Response: HTTP/1.1 403\nserver: x\nset-cookie:",
    ],
)
def test_an_answer(text, answer):
    found = read_error(f"{text}\n{answer}\n\nServer: not a header any more")
    assert (found.method, found.status, found.preflight) == ("PUT", 403, None)
    assert [value for _, value in response_of(found).headers] == ["x", ""]


def test_notes_of_curl_stand_between_the_headers():
    lines = [
        f"> GET /items HTTP/2\n> :authority: {HOST}",
        f"> Origin: {PAGE}",
        ">",
        "* we are",
        "< HTTP/2 200",
        "< a: b",
    ]
    found = read_error(
        "\n* note\n".join(lines[:2]) + "\n" + "\n".join(lines[2:]) + "\n{ [5 bytes data]\n< c: d\n<\nx: y"
    )
    assert (found.url, found.origin) == (API, PAGE)
    assert response_of(found).headers == (("a", "b"), ("c", "d"))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost:3000", "http://localhost:3000/items"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000/items"),
        (HOST, API),
    ],
)
def test_the_host_header_completes_the_url(host, url):
    assert read_error(SENT.replace(HOST, host)).url == url
    assert read_error(SENT.replace("/items", "https://b.example/x")).url == "https://b.example/x"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("* a note of curl", ["a", "c"]), ("  * a note", ["a", "c"]), ("{ [5 bytes data]", ["a", "c"]),
        ("} [12 bytes data]", ["a", "c"]), ("[HTTP/2] [1] [accept: */*]", ["a", "c"]),
        ("", ["a"]), (" \t", ["a"]), ("<", ["a"]), (">", ["a"]), ("some text", ["a"]),
    ],
)  # fmt: skip
def test_what_ends_the_headers(line, names):
    found = read_error(f"{SENT}\nHTTP/1.1 200 OK\na: b\n{line}\nc: d")
    assert [name for name, _ in response_of(found).headers] == names


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_of_a_file_needs_no_version(method):
    found = read_error(f"### the items\n{method} {API}\nOrigin: {PAGE}\nX-A: 1\n")
    assert (found.source, found.origin, found.url, found.method) == ("http", PAGE, API, method)
    assert found.headers == (("X-A", ""),)


def test_a_second_call_after_a_preflight_is_one_of_its_own():
    call = SENT.replace("X-A: 1", "")
    calls = read_calls(f"{ASKS}\n{ALLOWS}\n{call}\nHTTP/1.1 500 A\na: b\n\n{call}\nHTTP/1.1 501 B\na: b")
    assert isinstance(calls, list)
    assert [(one.preflight is not None, one.response and one.response.status) for one in calls] == [
        (True, 500), (False, 501),
    ]  # fmt: skip
    unnamed = call.replace(f"Origin: {PAGE}\n", "")
    assert read_error(f"{ASKS}\n{ALLOWS}\n{unnamed}\nHTTP/1.1 500 A\na: b").origin == PAGE


def test_without_a_host_the_url_is_missing_or_from_its_own_line():
    bare = SENT.replace(f"Host: {HOST}\n", "")
    assert read_error(bare).missing == ("url", "credentials")
    assert read_error(f"{bare}\nURL: {API}").url == API
    assert read_error(f"{SENT}\nURL: https://b.example/x").url == API


def test_interim_answers_are_passed_over():
    found = read_error(f"{SENT}\nHTTP/1.1 100 Continue\n\nHTTP/1.1 199 X\n\nHTTP/1.1 200 OK\na: b")
    assert (found.status, found.code) == (200, "MissingAllowOriginHeader")


@pytest.mark.parametrize(
    "name", ["access-control-allow-methods", "Access-Control-Allow-Headers", "access-control-max-age"]
)
def test_an_answer_alone_is_a_preflights_when_it_has_its_headers(name):
    found = read_error(f"HTTP/1.1 204\n{name}: 1")
    assert (found.preflight_status, found.status, found.preflight) == (204, None, True)
    assert found.missing == ("origin", "url", "method", "headers", "credentials")
    other = read_error("HTTP/1.1 204\naccess-control-allow-origin: *")
    assert (other.preflight_status, other.status, other.symptom) == (None, 204, "")


def test_of_several_answers_alone_the_last_counts():
    assert read_error("HTTP/1.1 301 Moved\nlocation: /x\n\nHTTP/1.1 500 X\na: b").status == 500


def test_a_preflight_and_its_call_are_one():
    found = read_error(f"{ASKS}\n{ALLOWS}\n{SENT.replace('X-A: 1', '')}\nHTTP/1.1 200 OK\na: b")
    assert (found.method, found.preflight_status, found.status) == ("PUT", 204, 200)
    assert found.code == "MissingAllowOriginHeader"
    other = read_error(f"{ASKS}\n{ALLOWS}\n{SENT.replace('PUT', 'DELETE')}\nHTTP/1.1 200 OK\na: b")
    assert (other.method, other.preflight_status, other.status) == ("PUT", 204, None)


def test_a_preflight_by_hand_without_an_origin():
    found = read_error(f"OPTIONS /items HTTP/1.1\nHost: {HOST}\n\nHTTP/1.1 200 OK\na: b")
    assert (found.method, found.preflight_status, found.symptom) == ("OPTIONS", 200, "no-origin-sent")
    assert (found.missing, found.no_origin) == (("origin", "method", "credentials"), True)
    asked = read_error(f"OPTIONS /items HTTP/1.1\nHost: {HOST}\nAccess-Control-Request-Method: PUT")
    assert (asked.method, asked.missing, asked.no_origin) == ("PUT", ("origin", "credentials"), True)
    own = read_error(f"OPTIONS /items HTTP/1.1\nHost: {HOST}\nOrigin: {PAGE}\n\nHTTP/1.1 200 OK\na: b")
    assert (own.method, own.status, own.preflight_status) == ("OPTIONS", 200, None)


def test_requests_before_their_answers_are_answered_in_order():
    second = SENT.replace("/items", "/other").replace("PUT", "GET")
    found = read_error(f"{SENT}\n{second}\nHTTP/1.1 500 A\na: b\n\nHTTP/1.1 501 B\na: b")
    assert (found.method, found.status) == ("PUT", 500)


def test_cookies_show_the_credentials_and_a_referer_is_no_origin():
    found = read_error(f"{SENT}Cookie: a=b")
    assert (found.credentials, found.missing) == ("include", ())
    referred = read_error(SENT.replace("Origin: ", "Referer: "))
    assert (referred.origin, referred.no_origin, referred.symptom) == ("", True, "no-origin-sent")


def test_calls_of_other_urls_stay_apart():
    asks = ASKS.replace("/items", "/other")
    found = read_error(f"{asks}\n{ALLOWS}\n{SENT}\nHTTP/1.1 200 OK\na: b")
    assert (found.url, found.preflight_status, found.status) == (API.replace("/items", "/other"), 204, None)
    twice = read_calls(f"{ASKS}\n{ALLOWS}\n{ASKS}\nHTTP/1.1 403 X\na: b")
    assert isinstance(twice, list)
    assert [draft.preflight.status for draft in twice if draft.preflight] == [204, 403]


def test_an_answer_after_both_requests_were_answered_is_passed_over():
    found = read_error(f"{SENT}\nHTTP/1.1 500 A\na: b\n\nHTTP/1.1 501 B\na: b")
    assert found.status == 500
    early = read_error(f"HTTP/1.1 500 A\na: b\n\n{SENT}")
    assert (early.url, early.status) == (API, None)
