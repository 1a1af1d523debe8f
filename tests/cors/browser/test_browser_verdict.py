"""Which answers let script read them, and which of several mistakes is named."""

from __future__ import annotations

import pytest

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Credentials, Request
from tests.cors.exchanges import OPEN, PAGE, Lines, answer, call, exchange


def code(
    request: Request | None = None, preflight: Answer | None = OPEN, response: Answer | None = OPEN
) -> tuple[str | None, str | None]:
    """The code of the verdict and what it turns on."""
    verdict = judge(exchange(request or call(), preflight, response))
    assert verdict.allowed is (verdict.code is None)
    return verdict.code, verdict.parameter


ALLOWED = (None, None)
PASSES: list[tuple[Credentials, Answer]] = [
    ("omit", answer(origin="*")),
    ("same-origin", answer(origin=PAGE)),
    ("same-origin", answer(origin="\t * ")),
    ("omit", answer(origin="*", credentials="false")),
    ("include", answer(origin=PAGE, credentials="true")),
    ("include", answer(origin=f" {PAGE}\t", credentials=" true ")),
    ("omit", answer(500, origin=PAGE)),
    ("omit", answer(404, origin="*")),
]
FAILS: list[tuple[Credentials, Answer, str, str | None]] = [
    ("omit", answer(), "MissingAllowOriginHeader", None),
    ("omit", answer(500), "MissingAllowOriginHeader", None),
    ("include", answer(credentials="true"), "MissingAllowOriginHeader", None),
    ("include", answer(origin="*"), "WildcardOriginNotAllowed", "*"),
    ("include", answer(origin="*", credentials="true"), "WildcardOriginNotAllowed", "*"),
    ("include", answer(origin=PAGE), "InvalidAllowCredentials", ""),
    ("include", answer(origin=PAGE, credentials="True"), "InvalidAllowCredentials", "True"),
    ("include", answer(headers={"access-control-allow-origin": PAGE}, origin=PAGE, credentials="true"),
     "MultipleAllowOriginValues", f"{PAGE}, {PAGE}"),
    ("include", answer(headers=[("access-control-allow-credentials", "true")] * 2, origin=PAGE),
     "InvalidAllowCredentials", "true, true"),
    ("omit", answer(headers=[("access-control-allow-origin", "*")], origin="*"), "MultipleAllowOriginValues", "*, *"),
    ("omit", answer(origin=f"{PAGE} https://b.test"), "MultipleAllowOriginValues", f"{PAGE} https://b.test"),
    ("omit", answer(origin="a,b"), "MultipleAllowOriginValues", "a,b"),
    ("omit", answer(origin=PAGE + "/"), "AllowOriginMismatch", PAGE + "/"),
    ("omit", answer(origin=PAGE.upper()), "AllowOriginMismatch", PAGE.upper()),
    ("omit", answer(origin="null"), "AllowOriginMismatch", "null"),
    ("omit", answer(origin="http://*"), "AllowOriginMismatch", "http://*"),
    ("omit", answer(origin="javascript:x"), "AllowOriginMismatch", "javascript:x"),
    ("omit", answer(origin="http://%20"), "AllowOriginMismatch", "http://%20"),
    ("omit", answer(origin="localhost:3000"), "AllowOriginMismatch", "localhost:3000"),
    ("omit", answer(origin="http://b\xc3\xbccher.test"), "AllowOriginMismatch", "http://b\xc3\xbccher.test"),
    ("omit", answer(origin="http://a\xff.test"), "InvalidAllowOriginValue", "http://a\xff.test"),
    ("omit", answer(origin="http://b\u0101.test"), "AllowOriginMismatch", "http://b\u0101.test"),
    ("omit", answer(origin="http://b\xfccher.test"), "InvalidAllowOriginValue", "http://b\xfccher.test"),
    ("omit", answer(origin=""), "InvalidAllowOriginValue", ""),
    ("omit", answer(origin="**"), "InvalidAllowOriginValue", "**"),
    ("omit", answer(origin="NULL"), "InvalidAllowOriginValue", "NULL"),
    ("omit", answer(origin="127.0.0.1:8101"), "InvalidAllowOriginValue", "127.0.0.1:8101"),
    ("omit", answer(origin="//host"), "InvalidAllowOriginValue", "//host"),
    ("omit", answer(origin="{origin}"), "InvalidAllowOriginValue", "{origin}"),
    ("omit", answer(origin="http://"), "InvalidAllowOriginValue", "http://"),
    ("omit", answer(origin="*.x.test"), "InvalidAllowOriginValue", "*.x.test"),
]  # fmt: skip


@pytest.mark.parametrize(("credentials", "given"), PASSES)
def test_the_cors_check_passes(credentials: Credentials, given: Answer) -> None:
    request = call(credentials=credentials)
    assert code(request, None, given) == ALLOWED
    preflight = Answer(200, (*given.headers, ("Access-Control-Allow-Methods", "PUT")))
    assert code(call("PUT", credentials=credentials), preflight, given) == ALLOWED


@pytest.mark.parametrize(("credentials", "given", "name", "parameter"), FAILS)
def test_the_cors_check_fails_by_name_on_both_answers(
    credentials: Credentials, given: Answer, name: str, parameter: str | None
) -> None:
    assert code(call(credentials=credentials), None, given) == (name, parameter)
    assert code(call("PUT", credentials=credentials), given) == (f"Preflight{name}", parameter)


def test_a_preflight_that_is_not_needed_is_not_looked_at() -> None:
    verdict = judge(exchange(call("POST"), answer(500)))
    assert verdict.allowed
    assert not verdict.needs_preflight


@pytest.mark.parametrize("status", [200, 201, 204, 226, 299])
def test_a_preflight_may_have_any_ok_status(status: int) -> None:
    assert code(call("PUT"), Answer(status, OPEN.headers)) == ALLOWED


@pytest.mark.parametrize("status", [199, 300, 302, 304, 400, 401, 404, 500, 600])
def test_a_preflight_with_another_status_fails(status: int) -> None:
    assert code(call("PUT"), Answer(status, OPEN.headers)) == ("PreflightInvalidStatus", str(status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_preflight_is_not_redirected(status: int) -> None:
    moved = answer(status, {"location": "/"})
    assert code(call("PUT"), moved) == ("PreflightDisallowedRedirect", "/")


def test_a_missing_origin_is_named_before_a_bad_status() -> None:
    assert code(call("PUT"), answer(404)) == ("PreflightMissingAllowOriginHeader", None)


METHODS = [
    ("PUT", "PUT"),
    ("PUT", "GET,,PUT,"),
    ("PUT", " GET ,\tPUT "),
    ("PUT", "*"),
    ("PUT", "*, GET"),
    ("put", "PUT"),
    ("patch", "patch"),
    ("patch", "*"),
    ("HEAD", ""),
]


@pytest.mark.parametrize(("method", "listed"), METHODS)
def test_a_method_is_allowed_when_listed_in_its_case(method: str, listed: str) -> None:
    assert code(call(method, {"X-A": "1"}), answer(origin="*", methods=listed, names="x-a")) == ALLOWED


def test_a_method_may_be_listed_on_any_of_several_lines() -> None:
    lines: Lines = [("Access-Control-Allow-Methods", "GET"), ("access-control-allow-methods", "PUT")]
    assert code(call("PUT"), answer(headers=lines, origin="*")) == ALLOWED


@pytest.mark.parametrize(
    ("method", "listed"), [("PUT", ""), ("PUT", "GET, POST"), ("put", "put"), ("patch", "PATCH"), ("FOO", "foo")]
)
def test_a_method_that_is_not_listed_is_named(method: str, listed: str) -> None:
    name = "PUT" if method == "put" else method
    assert code(call(method), answer(origin="*", methods=listed)) == ("MethodDisallowedByPreflightResponse", name)


@pytest.mark.parametrize("value", ["PUT;", "PUT GET", '"PUT"', "[PUT]", "P\xdcT", "GET, PUT:"])
def test_a_list_with_one_bad_entry_fails_whatever_is_asked(value: str) -> None:
    unsafe = call("GET", {"X-A": "1"})
    assert code(unsafe, answer(origin="*", methods=value)) == ("InvalidAllowMethodsPreflightResponse", value)
    assert code(call("PUT"), answer(origin="*", methods="PUT", names=value)) == (
        "InvalidAllowHeadersPreflightResponse",
        value,
    )


def test_an_unreadable_header_list_is_named_before_a_method_that_is_not_listed() -> None:
    assert code(call("PUT"), answer(origin="*", names="a b"))[0] == "InvalidAllowHeadersPreflightResponse"
    assert code(call("PUT", {"X-A": "1"}), answer(origin="*"))[0] == "MethodDisallowedByPreflightResponse"


@pytest.mark.parametrize("listed", ["x-a, X-B", "X-A,X-B", "*", "*,x-a", ",x-a,\tx-b\t,"])
def test_headers_are_allowed_when_listed_in_any_case(listed: str) -> None:
    assert code(call("GET", {"X-a": "1", "x-B": "1"}), answer(origin="*", names=listed)) == ALLOWED


@pytest.mark.parametrize("listed", ["", "x-b", "x-*", "x-ab", "x"])
def test_a_header_that_is_not_listed_is_named(listed: str) -> None:
    given = answer(origin="*", names=listed)
    assert code(call("GET", {"X-A": "1", "X-B": "2"}), given) == ("HeaderDisallowedByPreflightResponse", "x-a")


def test_the_wildcards_are_plain_names_with_credentials() -> None:
    allow = answer(origin=PAGE, credentials="true", methods="*", names="*")
    with_credentials = answer(origin=PAGE, credentials="true")
    assert code(call("PUT", credentials="include"), allow)[0] == "MethodDisallowedByPreflightResponse"
    assert code(call("*", credentials="include"), allow, with_credentials) == ALLOWED
    request = call("GET", {"X-A": "1"}, credentials="include")
    assert code(request, allow) == ("HeaderDisallowedByPreflightResponse", "x-a")
    assert code(call("GET", {"*": "1"}, credentials="include"), allow, with_credentials) == ALLOWED


def test_authorization_under_the_wildcard_is_allowed_with_a_note() -> None:
    verdict = judge(exchange(call("GET", {"Authorization": "Bearer x"})))
    assert verdict.allowed
    assert ["The Fetch standard does not" in note for note in verdict.notes] == [True]
    listed = judge(exchange(call("GET", {"Authorization": "x"}), answer(origin="*", names="*, Authorization")))
    assert listed.notes == ()
    other = judge(exchange(call("GET", {"X-A": "x"})))
    assert other.notes == ()
    include = call("GET", {"Authorization": "x"}, credentials="include")
    refused = judge(exchange(include, answer(origin=PAGE, credentials="true", names="*")))
    assert refused.code == "HeaderDisallowedByPreflightResponse"
    assert refused.parameter == "authorization"


def test_no_answer_is_a_failed_connection() -> None:
    verdict = judge(exchange(call("PUT"), None))
    assert (verdict.needs_preflight, verdict.allowed, verdict.code) == (True, False, "InvalidResponse")
    verdict = judge(exchange(call(), None, None))
    assert (verdict.needs_preflight, verdict.allowed, verdict.code) == (False, False, "InvalidResponse")


def readable(response: Answer, **request: object) -> list[str]:
    return list(judge(exchange(call(**request), None, response)).exposed)  # type: ignore[arg-type]


ALWAYS = ["Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma"]
OTHERS = ["ETag", "X-One", "x-one", "Date", "Set-Cookie", "set-cookie2"]
SENT = [(name, "x") for name in ALWAYS + OTHERS]
SEVEN = [name.lower() for name in ALWAYS]


@pytest.mark.parametrize(
    ("expose", "more"),
    [
        (None, []),
        ("", []),
        ("X-One", ["x-one"]),
        ("x-ONE,,etag, x-missing", ["etag", "x-one"]),
        ("*", ["date", "etag", "x-one"]),
        ("x-one, *", ["date", "etag", "x-one"]),
        ("Set-Cookie, Set-Cookie2", []),
        ("X-One;ETag", []),
        ('"X-One"', []),
        ("X-One, no no", []),
    ],
)
def test_what_script_reads_of_another_origin(expose: str | None, more: list[str]) -> None:
    if expose and "*" in expose:
        more = [*more, "access-control-allow-origin", "access-control-expose-headers"]
    assert readable(answer(headers=SENT, origin="*", expose=expose)) == sorted([*SEVEN, *more])


def test_one_bad_entry_on_any_line_voids_the_expose_list_and_a_note_says_so() -> None:
    lines: Lines = [*SENT, ("Access-Control-Expose-Headers", "X-One"), ("Access-Control-Expose-Headers", "no no")]
    verdict = judge(exchange(call(), None, answer(headers=lines, origin="*")))
    assert list(verdict.exposed) == SEVEN
    assert ["ignore the whole list" in note for note in verdict.notes] == [True]


def test_the_expose_wildcard_is_a_plain_name_with_credentials() -> None:
    given = answer(headers=[*SENT, ("*", "x")], origin=PAGE, credentials="true", expose="*")
    assert readable(given, credentials="include") == ["*", *SEVEN]


def test_the_expose_list_counts_on_the_last_answer_only() -> None:
    preflight = answer(origin="*", methods="PUT", expose="X-One")
    assert judge(exchange(call("PUT"), preflight, answer(headers=SENT, origin="*"))).exposed == tuple(SEVEN)


def test_a_blocked_call_exposes_nothing() -> None:
    assert readable(answer(headers=SENT, expose="*")) == []
