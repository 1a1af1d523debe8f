"""A HAR states the call, its preflight and both answers."""

from __future__ import annotations

import json

import pytest

from apis.cors.browser import judge
from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGE = "https://app.example.com"


def entry(method="GET", url=API, headers=(), status=200, answer=(), **more):
    def lines(pairs):
        return [{"name": name, "value": value} for name, value in pairs]

    request = {"method": method, "url": url, "headers": lines(headers), **more}
    return {"request": request, "response": {"status": status, "headers": lines(answer), "content": {}}}


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": list(entries)}})


CALL_HEADERS = (
    (":authority", "abc123def4.execute-api.us-east-1.amazonaws.com"),
    ("accept", "application/json"),
    ("accept-encoding", "gzip"),
    ("authorization", "Bearer eyJhbGciOi"),
    ("content-type", "application/json"),
    ("origin", PAGE),
    ("sec-fetch-mode", "cors"),
    ("user-agent", "Mozilla/5.0"),
    ("x-odd-addition", "1"),
)
PREFLIGHT = entry(
    "OPTIONS",
    headers=(
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,content-type"),
        ("origin", PAGE),
    ),
    status=204,
    answer=(
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "*"),
    ),
)
BLOCKED = entry("PUT", headers=CALL_HEADERS, status=0)
NAVIGATION = entry(url=PAGE + "/", headers=(("user-agent", "Mozilla/5.0"),))
FINE = entry(headers=(("origin", PAGE),), answer=(("access-control-allow-origin", "*"), ("set-cookie", "a=eyJhbGciOi")))


@pytest.mark.parametrize("order", [(PREFLIGHT, BLOCKED), (BLOCKED, PREFLIGHT)])
def test_the_blocked_call_is_found_with_its_preflight(order):
    reading = read_error(har(NAVIGATION, FINE, *order, FINE))
    assert (reading.source, reading.origin, reading.url, reading.method) == ("har", PAGE, API, "PUT")
    assert reading.headers == (
        ("accept", "application/json"),
        ("authorization", ""),
        ("content-type", "application/json"),
    )
    assert reading.code == "MethodDisallowedByPreflightResponse"
    assert reading.observed is not None
    assert reading.observed.preflight is not None and reading.observed.response is None
    assert judge(reading.observed).code == reading.code
    assert (reading.credentials, reading.missing) == ("same-origin", ("credentials",))
    assert "eyJhbGciOi" not in repr(reading)


def test_headers_that_the_browser_withheld_are_taken_from_the_preflight():
    reading = read_error(har(PREFLIGHT, entry("PUT", headers=(("origin", PAGE),), status=0)))
    assert reading.headers == (("authorization", ""), ("content-type", "application/json"))


def test_the_nearest_preflight_counts():
    early, late = (json.loads(json.dumps(PREFLIGHT)) for _ in range(2))
    early["response"]["status"], late["response"]["status"] = 401, 403
    reading = read_error(har(early, FINE, FINE, late, BLOCKED))
    assert reading.observed is not None and reading.observed.preflight is not None
    assert reading.observed.preflight.status == 403


@pytest.mark.parametrize(
    ("order", "status"),
    [("PC..Q", 401), ("P..CQ", 403), ("C.P.Q", 401), ("P.Q.C", 403), ("P.QC.P", 403), ("P.C.Q", 401), ("PQCPP", 403)],
)
def test_of_several_preflights_the_nearest_counts(order, status):
    """P and Q are preflights with status 401 and 403, C is the call; of two as near the earlier counts."""
    early, late = (json.loads(json.dumps(PREFLIGHT)) for _ in range(2))
    early["response"]["status"], late["response"]["status"] = 401, 403
    reading = read_error(har(*({"P": early, "Q": late, "C": BLOCKED, ".": NAVIGATION}[one] for one in order)))
    assert (reading.method, reading.preflight_status) == ("PUT", status)


@pytest.mark.parametrize(
    "text",
    [
        har(FINE),
        json.dumps(FINE),
        json.dumps([FINE]),
        json.dumps({"entries": [NAVIGATION, FINE]}),
        "\ufeff  " + har(FINE, FINE),
    ],
)
def test_a_call_that_went_well_is_read_too(text):
    reading = read_error(text)
    assert (reading.url, reading.method, reading.code) == (API, "GET", None)
    assert reading.observed is not None and reading.observed.response is not None
    assert reading.observed.response.lines("set-cookie") == [""]
    assert judge(reading.observed).allowed


def test_an_answer_alone_is_enough_to_be_blocked():
    reading = read_error(har(FINE, entry(headers=(("origin", PAGE),)), FINE))
    assert reading.code == "MissingAllowOriginHeader"


def test_cookies_are_credentials():
    for cookie in ({"headers": (("origin", PAGE), ("cookie", "a=eyJhbGciOi"))}, {"cookies": [{"name": "a"}]}):
        given = entry(**{"headers": (("referer", PAGE + "/x"),), **cookie})
        reading = read_error(har(given))
        assert (reading.origin, reading.credentials, reading.missing) == (PAGE, "include", ())
        assert "eyJhbGciOi" not in repr(reading)


def test_a_preflight_alone_is_the_call_that_it_asks_for():
    reading = read_error(json.dumps(PREFLIGHT))
    assert (reading.method, reading.origin) == ("PUT", PAGE)
    assert reading.headers == (("authorization", ""), ("content-type", "application/json"))
    assert reading.code == "MethodDisallowedByPreflightResponse"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is incomplete"),
        (har(BLOCKED)[:-9], "is incomplete"),
        ("[" * 100_000, "is incomplete"),
        ("{}", "no call"),
        ("[]", "no call"),
        ('[{}, 1, null, {"request": 1}, {"request": {"url": 2}}]', "no call"),
        ('{"log": {"entries": "x"}}', "no call"),
        (har(NAVIGATION), "own origin"),
        (har(*[{}] * 5_001), "more than"),
        ("[" + " " * 4_200_000 + "]", "4 MB"),
    ],
)
def test_what_shows_no_call_is_refused(text, words):
    with pytest.raises(ReadingError, match=words):
        read_error(text)


@pytest.mark.parametrize(
    ("error", "is_last"),
    [
        *((f"net::{name}", True) for name in ("ERR_ABORTED", "ERR_BLOCKED_BY_CLIENT", "ERR_BLOCKED_BY_CSP")),
        *((f"net::{name}", False) for name in ("ERR_FAILED", "ERR_TIMED_OUT", "ERR_BLOCKED_BY_ORB")),
    ],
)
def test_a_call_that_the_page_or_an_extension_stopped_is_not_the_one_meant(error, is_last):
    stopped = entry(url=f"{API}/stopped", headers=(("origin", PAGE),), status=0)
    stopped["response"]["_error"] = error
    failed = entry(url=f"{API}/failed", headers=(("origin", PAGE),), status=0)
    assert read_error(har(stopped, failed)).url == (f"{API}/failed" if is_last else f"{API}/stopped")
    assert read_error(har(stopped, FINE)).url == (API if is_last else f"{API}/stopped")


@pytest.mark.parametrize(
    ("status", "is_answer"), [(99, False), (100, True), (999, True), (1000, False), ("200", False)]
)
def test_what_is_the_status_of_a_response(status, is_answer):
    found = read_error(har(entry(headers=(("origin", PAGE),), status=status)))
    assert found.status == (status if is_answer else None)


def test_a_call_without_a_method_is_a_get():
    call = entry(headers=(("origin", PAGE),))
    del call["request"]["method"]
    assert read_error(har(call)).method == "GET"


@pytest.mark.parametrize("line", [{"name": "x-b"}, {"name": 3, "value": "1"}, {"name": "x-b", "value": None}, "x-b: 1"])
def test_what_is_no_header_line(line):
    call = entry(headers=(("origin", PAGE), ("x-a", "1")))
    call["request"]["headers"].append(line)
    assert read_error(har(call)).headers == (("x-a", ""),)


def test_a_preflight_without_its_call_is_read_as_the_call():
    found = read_error(har(NAVIGATION, PREFLIGHT))
    assert (found.url, found.method, found.origin, found.missing) == (API, "PUT", PAGE, ("credentials",))
    assert found.headers == (("authorization", ""), ("content-type", "application/json"))
    assert (found.preflight_status, found.status) == (204, None)


def test_cookies_in_a_list_show_the_credentials():
    call = entry(headers=(("origin", PAGE),), cookies=[{"name": "a", "value": "b"}])
    found = read_error(har(call))
    assert (found.credentials, found.missing, found.headers) == ("include", (), ())
    assert read_error(har(entry(headers=(("origin", PAGE),), cookies=[]))).missing == ("credentials",)


def test_calls_that_failed_come_before_those_that_went_well_or_were_never_made():
    """Of each two the second is the one meant, in either order."""
    passed = json.loads(json.dumps(PREFLIGHT).replace('"GET"', '"PUT"'))
    unanswered = entry(url=f"{API}/unanswered", headers=(("origin", PAGE),), status=0)
    blocked = entry(url=f"{API}/blocked", headers=(("origin", PAGE),))
    for less, more, url in (
        (passed, FINE, API),
        (passed, unanswered, f"{API}/unanswered"),
        (FINE, unanswered, f"{API}/unanswered"),
        (unanswered, blocked, f"{API}/blocked"),
        (FINE, blocked, f"{API}/blocked"),
    ):
        for both in ((less, more), (more, less)):
            found = read_error(har(*both))
            assert (found.url, found.method) == (url, "GET")


def test_a_preflight_that_failed_alone_comes_before_a_call_that_went_well():
    found = read_error(har(FINE, PREFLIGHT))
    assert (found.method, found.code) == ("PUT", "MethodDisallowedByPreflightResponse")
