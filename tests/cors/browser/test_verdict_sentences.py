"""The one sentence that we say of a verdict: what is wrong, with the values that matter."""

from __future__ import annotations

import pytest

from apis.cors import reasons
from apis.cors.browser import judge
from apis.cors.exchange import Exchange
from tests.cors.exchanges import PAGE, answer, call, exchange, redirect


def test_after_a_foreign_redirect_the_sentence_says_that_the_origin_is_null() -> None:
    moved = redirect("https://b.test/")
    failing = judge(exchange(call(), None, answer(), moved))
    assert failing.reason == (
        "The response (status 200) has no Access-Control-Allow-Origin header for null "
        f"(after a redirect; the page is {PAGE})."
    )
    passing = judge(exchange(call(), None, answer(origin="null"), moved))
    assert passing.reason == (
        "Allowed: Access-Control-Allow-Origin “null” matches the page's origin null (after a redirect; the page is "
        f"{PAGE})."
    )


@pytest.mark.parametrize(
    ("value", "end"),
    [
        (PAGE + "/", f"{PAGE} (an origin has no trailing slash)."),
        (PAGE.upper() + "/", f"{PAGE} (an origin has no trailing slash)."),
        ("https://App.example.com", f"{PAGE} (upper and lower case differ)."),
        (PAGE + ":443", f"{PAGE} (an origin is only scheme, host and any non-default port)."),
        (PAGE + "/app", f"{PAGE} (an origin is only scheme, host and any non-default port)."),
        ("http://app.example.com", f"{PAGE} (the scheme differs)."),
        (PAGE + ":8443", f"{PAGE} (the port differs)."),
        ("https://www.example.com", f"{PAGE} (the host differs)."),
        ("http://www.example.com", f"{PAGE}."),
        ("null", f"{PAGE}."),
    ],
)
def test_a_mismatch_says_what_differs(value: str, end: str) -> None:
    verdict = judge(exchange(call(), None, answer(origin=value)))
    assert verdict.reason == f"Access-Control-Allow-Origin is “{value}”, but the page's origin is {end}"


def test_long_and_unprintable_values_are_shown_in_short() -> None:
    verdict = judge(exchange(call(), None, answer(origin="x" * 120)))
    assert f"“{'x' * 120}”" in verdict.reason
    verdict = judge(exchange(call(), None, answer(origin="x" * 121)))
    assert f"“{'x' * 120}…”" in verdict.reason
    verdict = judge(exchange(call(), None, answer(origin="x\x7fy\u202e")))
    assert "“x\\u007Fy\\u202E”" in verdict.reason
    many = {f"x-{number}": "1" for number in range(9)}
    verdict = judge(exchange(call(headers=many), answer(origin="*")))
    assert "needs “x-0, x-1, x-2, x-3, x-4, x-5, x-6, x-7 and more”." in verdict.reason
    del many["x-8"]
    verdict = judge(exchange(call(headers=many), answer(origin="*")))
    assert "x-6, x-7”." in verdict.reason


def test_the_sentences_for_what_is_allowed() -> None:
    def reason(given: Exchange) -> str:
        verdict = judge(given)
        assert verdict.allowed
        assert verdict.messages == ()
        return verdict.reason

    include = answer(origin=PAGE, credentials="true")
    assert reason(exchange(call(credentials="include"), None, include)) == (
        f"Allowed: Access-Control-Allow-Origin “{PAGE}” matches the page's origin, with credentials."
    )
    for status in (301, 302, 303, 307, 308):
        assert reason(exchange(call(), None, answer(status, {"Location": "/b"}, origin="*"))) == (
            f"Access-Control-Allow-Origin “*” matches the page's origin {PAGE}. The browser follows the redirect to "
            "“/b”; its response decides."
        )
    plain = f"Allowed: Access-Control-Allow-Origin “*” matches the page's origin {PAGE}."
    assert reason(exchange(call(), None, answer(302, origin="*"))) == plain
    assert reason(exchange(call(), None, answer(201, {"Location": "/b"}, origin="*"))) == plain
    home = f"{PAGE}/items"
    assert reason(exchange(call("PUT", url=home), None, answer())) == (
        f"{home} has the page's own origin, {PAGE}: CORS does not apply."
    )
    assert reason(exchange(call(mode="no-cors"), None, answer())) == (
        f"Mode no-cors: the request is sent, but scripts at {PAGE} cannot read the response."
    )


def test_the_notes_are_sentences() -> None:
    hints = judge(exchange(call("PUT", {"DPR": "1", "X-A": "1"})))
    assert hints.notes == (
        "Firefox's preflight requests the headers “dpr,x-a”; Chrome's requests “x-a”.",
        "Safari's preflight requests the headers “dpr,x-a”; Chrome's requests “x-a”.",
    )
    local = judge(exchange(call(url="http://localhost:3000/")))
    assert local.notes == (
        "localhost is on this machine or in a private network. Chrome, and soon Firefox, asks the user for permission "
        "first (Local Network Access); no header replaces it.",
    )
    ranges = judge(exchange(call("PUT", {"Range": "bytes=0-", "User-Agent": "x", "Accept": "\xe9"})))
    assert ranges.notes == (
        "Firefox's preflight requests the headers “accept,user-agent”; Chrome's requests none.",
        "Safari's preflight requests the headers “user-agent”; Chrome's requests none.",
    )
    wildcard = judge(exchange(call(headers={"Authorization": "x"})))
    assert wildcard.notes == (reasons.AUTHORIZATION_UNDER_WILDCARD,)
    invalid = judge(exchange(call(), None, answer(origin="*", expose="a b")))
    assert invalid.notes == (reasons.INVALID_EXPOSE_LIST,)


def test_a_verdict_as_json_has_all_its_parts() -> None:
    verdict = judge(exchange(call(), None, answer(origin="x"))).as_json()
    assert verdict["parameter"] == "x"
    assert set(verdict["messages"]) == {"chrome", "firefox", "safari"}
    assert (verdict["needs_preflight"], verdict["allowed"], verdict["exposed"], verdict["notes"]) == (
        False,
        False,
        [],
        [],
    )
