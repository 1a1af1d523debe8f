"""The `judge` contract on bad input: any line is answered, an error names the field at fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.judging import LONGEST_LINE, MOST_HEADERS, ExchangeError, judge_line, read_exchange, read_request

GOOD: dict[str, Any] = {
    "request": {"origin": "https://app.example.com", "url": "https://api.example.com/items"},
    "preflight": None,
    "response": {"status": 200, "headers": [["Access-Control-Allow-Origin", "*"], ["ETag", "x"]]},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with another value at a dotted path; a new copy."""
    exchange = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    inside = exchange
    for name in way:
        inside = inside[name]
    inside[last] = value
    return exchange


def test_a_good_line_is_answered_in_full() -> None:
    assert judge_line(json.dumps({"id": "a", "exchange": GOOD})) == {
        "id": "a",
        "needs_preflight": False,
        "allowed": True,
        "code": None,
        "reason": "Allowed: Access-Control-Allow-Origin “*” matches the page's origin https://app.example.com.",
        "exposed": [],
    }


def test_bytes_are_as_good_as_text_and_unknown_members_are_ignored() -> None:
    line = json.dumps({"id": 1, "more": 2, "exchange": changed("request.more", 3)})
    assert judge_line(line.encode()) == judge_line(line)
    assert judge_line(line)["allowed"]


@pytest.mark.parametrize("given", ["a", 7, 10**400, 1.5, None, "", "\ud800"])
def test_the_id_comes_back(given: Any) -> None:
    assert judge_line(json.dumps({"id": given, "exchange": GOOD}))["id"] == given
    assert judge_line(json.dumps({"id": given}))["id"] == given


def test_a_line_without_id_is_judged_under_null() -> None:
    assert judge_line(json.dumps({"exchange": GOOD}))["id"] is None


LINES: list[tuple[str | bytes, str]] = [
    ("", "line"),
    (" ", "line"),
    ("{", "line"),
    ("[]", "line"),
    ("null", "line"),
    ("7", "line"),
    ('"x"', "line"),
    ("true", "line"),
    (b"\xff", "line"),
    (b'{"id": "\xc3"}', "line"),
    ("[" * 100_000, "line"),
    ('{"id": ' + "9" * 5000 + "}", "line"),
    ('{"id": NaN}', "line"),
    ('{"id": 1, "exchange": -Infinity}', "line"),
    (" " * (LONGEST_LINE + 1), "line"),
    ('{"id": 1e999}', "id"),
    ('{"id": true}', "id"),
    ('{"id": []}', "id"),
    ('{"id": {}}', "id"),
    ("{}", "exchange"),
]


@pytest.mark.parametrize(("line", "field"), LINES)
def test_a_line_that_is_no_case_names_what_is_wrong(line: str | bytes, field: str) -> None:
    answer = judge_line(line)
    assert set(answer) == {"id", "error"}
    assert answer["id"] is None
    assert answer["error"].startswith(f"{field}: ")
    assert len(answer["error"]) < 300
    json.dumps(answer, allow_nan=False)


def test_a_line_of_the_greatest_length_is_read() -> None:
    line = json.dumps({"id": 1, "exchange": GOOD})
    assert judge_line(line + " " * (LONGEST_LINE - len(line)))["allowed"]


def test_an_exchange_with_more_headers_than_are_read_is_refused() -> None:
    """Wherever they stand: in one message or spread over the redirects."""
    many = [["a", "b"]] * (MOST_HEADERS // 2 + 1)
    redirect = {"answer": {"status": 302, "headers": many}}
    for exchange in (GOOD | {"response": {"status": 200, "headers": many * 2}}, GOOD | {"redirects": [redirect] * 2}):
        assert judge_line(json.dumps({"id": 1, "exchange": exchange}))["error"].startswith("exchange: ")
    assert "error" not in judge_line(json.dumps({"id": 1, "exchange": GOOD | {"redirects": [redirect]}}))


FIELDS: list[tuple[str, Any, str]] = [
    ("request", None, "request"),
    ("request", [], "request"),
    ("request.origin", None, "request.origin"),
    ("request.origin", 7, "request.origin"),
    ("request.origin", "", "request.origin"),
    ("request.origin", "app.example.com", "request.origin"),
    ("request.origin", "https://app.example.com/", "request.origin"),
    ("request.origin", "https://app.example.com?x", "request.origin"),
    ("request.origin", "https://app.example.com\\", "request.origin"),
    ("request.origin", "https://me@app.example.com", "request.origin"),
    ("request.origin", "https:app.example.com", "request.origin"),
    ("request.origin", "data:,x", "request.origin"),
    ("request.origin", "file:///x", "request.origin"),
    ("request.origin", "https://a b", "request.origin"),
    ("request.origin", "*", "request.origin"),
    ("request.origin", "\0", "request.origin"),
    ("request.origin", "NULL", "request.origin"),
    ("request.url", None, "request.url"),
    ("request.url", {}, "request.url"),
    ("request.url", "/items", "request.url"),
    ("request.url", "ftp://api.example.com", "request.url"),
    ("request.url", "https://", "request.url"),
    ("request.url", "https://me:pw@api.example.com/", "request.url"),
    ("request.method", None, "request.method"),
    ("request.method", "", "request.method"),
    ("request.method", "G ET", "request.method"),
    ("request.method", "GET\n", "request.method"),
    ("request.method", "GÉT", "request.method"),
    ("request.method", ["GET"], "request.method"),
    ("request.credentials", "always", "request.credentials"),
    ("request.credentials", None, "request.credentials"),
    ("request.credentials", True, "request.credentials"),
    ("request.mode", "navigate", "request.mode"),
    ("request.mode", 1, "request.mode"),
    ("request.headers", {}, "request.headers"),
    ("request.headers", "x", "request.headers"),
    ("request.headers", ["x"], "request.headers[0]"),
    ("request.headers", [["a", "b"], ["x"]], "request.headers[1]"),
    ("request.headers", [["a", "b", "c"]], "request.headers[0]"),
    ("request.headers", [[1, "b"]], "request.headers[0][0]"),
    ("request.headers", [["a b", "b"]], "request.headers[0][0]"),
    ("request.headers", [["", "b"]], "request.headers[0][0]"),
    ("request.headers", [["a:", "b"]], "request.headers[0][0]"),
    ("request.headers", [["a", None]], "request.headers[0][1]"),
    ("request.headers", [["a", "x\ny"]], "request.headers[0][1]"),
    ("request.headers", [["a", "x\ry"]], "request.headers[0][1]"),
    ("request.headers", [["a", "x\0"]], "request.headers[0][1]"),
    ("request.headers", [["a", "b"], ["a", "€"]], "request.headers[1][1]"),
    ("request.headers", [["a", "\ud800"]], "request.headers[0][1]"),
    ("preflight", [], "preflight"),
    ("preflight", False, "preflight"),
    ("preflight", {}, "preflight.status"),
    ("response.status", "200", "response.status"),
    ("response.status", 200.0, "response.status"),
    ("response.status", True, "response.status"),
    ("response.status", 99, "response.status"),
    ("response.status", 1000, "response.status"),
    ("response.status", -200, "response.status"),
    ("response.status", 10**400, "response.status"),
    ("response.status", {}, "response.status"),
    ("response.headers", 7, "response.headers"),
    ("response.headers", [["a", 7]], "response.headers[0][1]"),
    ("response.headers", [["a", "b\nc"]], "response.headers[0][1]"),
    ("response.headers", [["a\n", "b"]], "response.headers[0][0]"),
    ("redirects", {"answer": 1}, "redirects"),
    ("redirects", [7], "redirects[0]"),
    ("redirects", [{}], "redirects[0].answer"),
    ("redirects", [{"answer": {"status": 302}, "preflight": 7}], "redirects[0].preflight"),
    ("redirects", [{"answer": {"status": 302}}, {"answer": {"status": 0}}], "redirects[1].answer.status"),
]


@pytest.mark.parametrize(("path", "value", "field"), FIELDS)
def test_a_bad_value_is_named_by_its_path(path: str, value: Any, field: str) -> None:
    answer = judge_line(json.dumps({"id": 7, "exchange": changed(path, value)}))
    assert set(answer) == {"id", "error"}
    assert answer["id"] == 7
    assert answer["error"].startswith(f"{field}: ")
    assert answer["error"].isprintable()
    assert len(answer["error"]) < 300


@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_an_exchange_is_an_object(value: Any) -> None:
    with pytest.raises(ExchangeError) as caught:
        read_exchange(value)
    assert caught.value.field == "exchange"
    with pytest.raises(ExchangeError) as caught:
        read_exchange({})
    assert caught.value.field == "request"


def test_what_may_be_left_out_is_as_in_fetch() -> None:
    exchange = read_exchange({"request": GOOD["request"]})
    assert (exchange.preflight, exchange.response, exchange.redirects) == (None, None, ())
    request = exchange.request
    assert (request.method, request.headers, request.credentials, request.mode) == ("GET", (), "same-origin", "cors")


def test_an_exchange_reads_back_as_it_was_written() -> None:
    headers = [["X-A", "1"], ["x-a", "é"]]
    given = changed("request.headers", headers) | {
        "preflight": {"status": 204, "headers": headers},
        "redirects": [
            {"answer": {"status": 302, "headers": [["Location", "/"]]}, "preflight": None},
            {"answer": {"status": 301, "headers": []}, "preflight": {"status": 100, "headers": []}},
        ],
    }
    exchange = read_exchange(given)
    assert read_exchange(exchange.as_json()) == exchange
    written = exchange.as_json()
    assert written["redirects"] == given["redirects"]
    assert written["preflight"] == given["preflight"]
    assert written["request"]["headers"] == headers
    assert "redirects" not in read_exchange(GOOD).as_json()


def test_an_origin_is_put_in_its_form_and_values_lose_the_space_around_them() -> None:
    request = read_request({"origin": "HTTPS://App.Example.com:443", "url": "http://x/", "headers": [["a", " b\n"]]})
    assert request.origin == "https://app.example.com"
    assert request.headers == (("a", "b"),)
    assert read_request({"origin": "null", "url": "http://x/"}).origin == "null"
    assert (
        read_request({"origin": "http://bücher.test:8080", "url": "http://x/"}).origin
        == "http://xn--bcher-kva.test:8080"
    )
    assert read_request({"origin": "capacitor://localhost", "url": "http://x/"}).origin == "capacitor://localhost"


def test_another_place_can_be_named_for_a_request() -> None:
    with pytest.raises(ExchangeError) as caught:
        read_request({"origin": "x"}, "call")
    assert caught.value.field == "call.origin"
    assert str(caught.value) == f"call.origin: {caught.value.message}"


def test_the_message_says_what_was_found() -> None:
    def error(path: str, value: Any) -> str:
        return judge_line(json.dumps({"exchange": changed(path, value)}))["error"]

    assert error("request.credentials", "always") == (
        'request.credentials: must be one of omit, same-origin, include, not "always"'
    )
    assert error("response.status", "x" * 500).endswith('"' + "x" * 60 + '"')
    assert error("response.status", 1.5).endswith("not 1.5")
    assert error("response.status", False).endswith("not true or false")
    assert error("request.url", []).endswith("not a list")
    assert error("request.headers", 7).endswith("not a number")
    assert error("request.origin", None) == "request.origin: is missing"
    assert error("request.origin", "https://a.test/x").endswith("such as https://a.test")


def request(**fields: Any) -> dict[str, Any]:
    """A case whose request has these fields instead."""
    return {"id": 1, "exchange": {**GOOD, "request": {**GOOD["request"], **fields}}}


WORDS: list[tuple[Any, str]] = [
    ([], "line: must be an object with id and exchange, not a list"),
    ("x", "line: must be an object with id and exchange, not a string"),
    (None, "line: must be an object with id and exchange, not null"),
    ({"id": {}}, "id: must be a string or a number, not an object"),
    ({"id": 1}, "exchange: is missing"),
    ({"exchange": 7}, "exchange: must be an object, not a number"),
    ({"exchange": {}}, "request: is missing"),
    ({"exchange": {**GOOD, "redirects": 1}}, "redirects: must be a list of objects, not a number"),
    ({"exchange": {**GOOD, "redirects": [{}]}}, "redirects[0].answer: is missing"),
    ({"exchange": {**GOOD, "response": {}}}, "response.status: must be a whole number from 100 to 999, not null"),
    (request(method="A B"), 'request.method: must be a method such as GET, not "A B"'),
    (
        request(origin="here"),
        'request.origin: must be an origin such as https://app.example.com, or null, not "here"',
    ),
    (
        request(origin="https://a.test?x"),
        "request.origin: must be an origin without path, query or user name, such as https://a.test",
    ),
    (
        request(origin="data:,x"),
        'request.origin: must be an origin such as https://app.example.com, or null, not "data:,x"',
    ),
    (request(url="/items"), 'request.url: must be a full http or https URL, not "/items"'),
    (
        request(url="https://ann:x@a.test/"),
        "request.url: must not contain a user name or password: fetch() refuses such a URL",
    ),
    (request(headers="x"), "request.headers: must be a list of [name, value] pairs, not a string"),
    (request(headers=["x"]), 'request.headers[0]: must be a [name, value] pair, not "x"'),
    (request(headers=[["a b", ""]]), 'request.headers[0][0]: must be a header name, not "a b"'),
    (request(headers=[["a", None]]), "request.headers[0][1]: must be a string, not null"),
    (
        request(headers=[["a", "b\nc"]]),
        "request.headers[0][1]: has a line break or a NUL, which headers cannot contain",
    ),
    (
        request(headers=[["a", "\u0100"]]),
        "request.headers[0][1]: has a character beyond U+00FF, which fetch() refuses",
    ),
    (request(mode="navigate"), 'request.mode: must be one of cors, no-cors, same-origin, not "navigate"'),
]


@pytest.mark.parametrize(("case", "expected_text"), WORDS)
def test_the_words_of_an_error(case: Any, expected_text: str) -> None:
    assert judge_line(json.dumps(case))["error"] == expected_text


def test_the_words_of_an_error_in_the_line_itself() -> None:
    assert judge_line("[" * 100_000)["error"] == "line: is nested too deeply"
    assert judge_line(b"\xff")["error"] == "line: is not UTF-8 at byte 0"
    assert judge_line("{")["error"].startswith("line: is not JSON: Expecting property name")
    assert judge_line('{"id": NaN}')["error"] == "line: is not JSON: NaN is not a JSON value"
    assert judge_line('{"id": 1e999}')["error"] == "id: must be a string or a number, not too large a number"
    assert judge_line(" " * (2**20 + 1))["error"] == "line: is longer than 1048576 characters"
    number = judge_line(json.dumps({"exchange": {**GOOD, "response": {"status": int("9" * 300)}}}))["error"]
    assert number.endswith("not " + "9" * 79 + "…")

    def status(digits: int) -> str:
        case = {"exchange": {**GOOD, "response": {"status": int("9" * digits)}}}
        return judge_line(json.dumps(case))["error"].partition(", not ")[2]

    assert status(79) == "9" * 79
    assert status(80) == "9" * 79 + "…"


def test_an_error_keeps_its_field_and_its_message_apart() -> None:
    error = ExchangeError("request.url", "is missing")
    assert (error.field, error.message, str(error)) == ("request.url", "is missing", "request.url: is missing")


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin"])
def test_every_mode_is_read(mode: str) -> None:
    assert read_request({**GOOD["request"], "mode": mode}).mode == mode


def test_a_call_that_fetch_refuses_is_judged_not_refused() -> None:
    answer = judge_line(json.dumps({"exchange": changed("request.method", "TRACE")}))
    assert (answer["allowed"], answer["code"]) == (False, "TypeError")
