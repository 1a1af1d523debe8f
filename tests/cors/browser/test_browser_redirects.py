"""Calls that are redirected: what each hop must allow, what changes on the way, and where browsers stop."""

from __future__ import annotations

import pytest

from apis.cors.browser import judge
from apis.cors.exchange import Credentials
from tests.cors.exchanges import OPEN, PAGE, answer, call, exchange, redirect

OTHER = "https://other.example.com/"
NOTHING = answer()


def test_every_redirect_must_pass_the_check_itself() -> None:
    verdict = judge(exchange(call(), None, OPEN, redirect("/next", allow="https://b.test")))
    assert verdict.code == "AllowOriginMismatch"
    assert judge(exchange(call(), None, OPEN, redirect("/next"))).allowed
    verdict = judge(exchange(call(), None, NOTHING, redirect("/next")))
    assert verdict.code == "MissingAllowOriginHeader"
    assert "The response" in verdict.reason


def test_the_answer_after_the_last_redirect_is_what_script_reads() -> None:
    last = answer(headers={"ETag": "x", "Location": "/not-followed"}, origin="*", expose="ETag")
    assert judge(exchange(call(), None, last, redirect("/next"))).exposed == ("etag",)


@pytest.mark.parametrize(
    ("hops", "origin"),
    [
        (["https://api.example.com/b"], PAGE),
        ([OTHER], "null"),
        ([OTHER, OTHER + "b"], "null"),
        ([PAGE + "/x"], "null"),
        ([OTHER, PAGE + "/x"], "null"),
        (["https://api.example.com:443/b", "https://api.example.com/c"], PAGE),
    ],
)
def test_leaving_a_foreign_origin_turns_the_origin_to_null(hops: list[str], origin: str) -> None:
    redirects = [redirect(hop) for hop in hops]
    assert judge(exchange(call(), None, answer(origin=origin), *redirects)).allowed
    wrong = answer(origin=PAGE if origin == "null" else "null")
    verdict = judge(exchange(call(), None, wrong, *redirects))
    assert verdict.code == "AllowOriginMismatch"
    assert PAGE in verdict.reason


def test_leaving_the_pages_own_origin_does_not() -> None:
    home = call(url=PAGE + "/items")
    assert judge(exchange(home, None, answer(origin=PAGE), redirect(OTHER, allow="nothing"))).allowed
    assert judge(exchange(home, None, NOTHING, redirect(OTHER))).code == "MissingAllowOriginHeader"
    assert judge(exchange(home, None, NOTHING, redirect(PAGE + "/next"))).allowed


def test_an_opaque_page_stays_null() -> None:
    assert judge(exchange(call(origin="null"), None, answer(origin="null"), redirect(OTHER))).allowed


@pytest.mark.parametrize(
    ("method", "status", "needs"),
    [
        ("PUT", 301, True),
        ("PUT", 302, True),
        ("PUT", 303, False),
        ("PUT", 307, True),
        ("DELETE", 308, True),
        ("HEAD", 303, False),
        ("GET", 302, False),
    ],
)
def test_a_hop_with_an_unsafe_method_is_asked_for_again(method: str, status: int, needs: bool) -> None:
    verdict = judge(exchange(call(method), OPEN, OPEN, redirect("/next", status, preflight=None)))
    assert verdict.allowed is not needs
    assert judge(exchange(call(method), OPEN, OPEN, redirect("/next", status))).allowed
    refused = judge(exchange(call(method), OPEN, OPEN, redirect("/next", status, preflight=NOTHING)))
    assert refused.code == ("PreflightMissingAllowOriginHeader" if needs else None)


@pytest.mark.parametrize(("method", "status", "kept"), [
    ("POST", 301, False), ("POST", 302, False), ("POST", 303, False), ("POST", 307, True), ("POST", 308, True),
    ("GET", 301, True), ("GET", 303, True), ("HEAD", 303, True), ("PUT", 303, False),
])  # fmt: skip
@pytest.mark.parametrize("name", ["Content-Type", "Content-Encoding", "Content-Language", "Content-Location"])
def test_a_post_that_turns_to_get_loses_its_body_headers(method: str, status: int, kept: bool, name: str) -> None:
    hop = redirect("/next", status, preflight=None)
    assert judge(exchange(call(method, {name: "a/b:c"}), OPEN, OPEN, hop)).allowed is not kept
    hop = redirect("/next", status)
    assert judge(exchange(call(method, {name: "a/b:c"}), OPEN, OPEN, hop)).allowed


def test_a_preflight_is_due_at_the_first_foreign_hop() -> None:
    home = call("PUT", {"X-A": "1"}, url=PAGE + "/items")
    verdict = judge(exchange(home, None, OPEN, redirect(OTHER, 307)))
    assert (verdict.needs_preflight, verdict.allowed) == (True, True)
    verdict = judge(exchange(home, None, OPEN, redirect(OTHER, 307, preflight=answer(origin="*", methods="PUT"))))
    assert verdict.code == "HeaderDisallowedByPreflightResponse"


def test_authorization_is_dropped_at_another_origin() -> None:
    request = call(headers={"Authorization": "x"})
    verdict = judge(exchange(request, OPEN, OPEN, redirect(OTHER, preflight=None)))
    assert (verdict.needs_preflight, verdict.allowed) == (True, True)
    assert verdict.notes[1:] == (
        "Firefox sends a preflight without Access-Control-Request-Headers.",
        "Safari's preflight requests the headers “authorization”; Chrome's requests none.",
    )
    names_only = answer(origin="*", names="x-b")
    assert judge(exchange(request, OPEN, OPEN, redirect(OTHER, preflight=names_only)), "firefox").allowed
    assert not judge(exchange(request, OPEN, OPEN, redirect(OTHER, preflight=names_only)), "safari").allowed
    assert not judge(exchange(request, OPEN, OPEN, redirect(OTHER, preflight=None)), "firefox").allowed
    same = judge(exchange(request, OPEN, OPEN, redirect("/next", preflight=None)))
    assert same.code == "InvalidResponse"
    plain = judge(exchange(call(headers={"X-A": "x"}), OPEN, OPEN, redirect(OTHER)), "firefox")
    assert plain.allowed
    assert not judge(exchange(call(), None, OPEN, redirect(OTHER)), "firefox").needs_preflight


def test_firefox_asks_again_after_each_redirect_of_a_call_that_it_asked_for() -> None:
    for method in ("PUT", "PATCH"):
        hop = redirect("/next", 303, preflight=NOTHING)
        assert judge(exchange(call(method), OPEN, OPEN, hop)).allowed
        assert judge(exchange(call(method), OPEN, OPEN, hop), "firefox").code == "PreflightMissingAllowOriginHeader"
        assert judge(exchange(call(method), OPEN, OPEN, redirect("/next", 303)), "firefox").allowed
    twice = [redirect("/a", 303), redirect("/b", 303, preflight=NOTHING)]
    assert not judge(exchange(call("PUT"), OPEN, OPEN, *twice), "firefox").allowed
    simple = redirect("/next", preflight=NOTHING)
    assert judge(exchange(call(), None, OPEN, simple), "firefox").allowed
    assert not judge(exchange(call("PUT"), OPEN, OPEN, redirect("/next", 307, preflight=NOTHING))).allowed
    notified = judge(exchange(call("PUT"), OPEN, OPEN, redirect("/next", 303)))
    assert notified.notes == ("Firefox sends a preflight without Access-Control-Request-Headers.",)


def test_firefox_loses_the_headers_of_a_body_for_one_leg_only() -> None:
    request = call("POST", headers={"Content-Type": "application/json"})
    hops = [redirect("/a", 303, preflight=OPEN), redirect("/b", 302, preflight=answer(origin="*"))]
    assert judge(exchange(request, OPEN, OPEN, *hops)).allowed
    assert judge(exchange(request, OPEN, OPEN, *hops), "firefox").code == "HeaderDisallowedByPreflightResponse"
    asks_for_nothing = redirect("/a", 303, preflight=answer(origin="*"))
    assert judge(exchange(request, OPEN, OPEN, asks_for_nothing), "firefox").allowed


def test_after_a_redirect_elsewhere_firefox_asks_in_the_pages_name() -> None:
    named = answer(origin=PAGE, methods="PUT")
    null = answer(origin="null", methods="PUT")
    for preflight, chrome in ((named, False), (null, True)):
        away = exchange(call("PUT"), OPEN, OPEN, redirect(OTHER, 307, preflight=preflight))
        assert judge(away).allowed is chrome
        assert judge(away, "firefox").allowed is not chrome
    home = exchange(call("PUT"), OPEN, OPEN, redirect(PAGE + "/b", 307, preflight=answer(methods="PUT")))
    assert judge(home).code == "PreflightMissingAllowOriginHeader"
    assert judge(home, "firefox").allowed
    unlisted = exchange(call("PUT"), OPEN, OPEN, redirect(PAGE + "/b", 307, preflight=NOTHING))
    assert judge(unlisted, "firefox").code == "MethodDisallowedByPreflightResponse"


def test_chrome_drops_client_hints_on_the_way_to_another_origin() -> None:
    for name, kept in (("DPR", False), ("Width", False), ("Save-Data", True), ("Intervention", True)):
        request = call(headers={name: "x" * 129})
        hop = redirect(OTHER, preflight=None)
        assert judge(exchange(request, OPEN, OPEN, hop)).allowed is not kept
    home = call(headers={"DPR": "x"}, url=PAGE + "/items")
    assert judge(exchange(home, None, OPEN, redirect(PAGE + "/b"), redirect(OTHER, preflight=None))).allowed
    away = call(headers={"DPR": "x"})
    assert not judge(exchange(away, OPEN, OPEN, redirect(PAGE + "/b", preflight=None))).allowed
    assert not judge(exchange(away, OPEN, OPEN, redirect(OTHER, preflight=None)), "firefox").allowed


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("data:text/plain,x", "ERR_UNSAFE_REDIRECT"),
        ("file:///x", "ERR_UNSAFE_REDIRECT"),
        ("about:blank", "ERR_UNSAFE_REDIRECT"),
        ("filesystem:https://api.example.com/x", "ERR_UNSAFE_REDIRECT"),
        ("ftp://api.example.com/", "CorsDisabledScheme"),
        ("javascript:x", "CorsDisabledScheme"),
        ("http://", "ERR_INVALID_REDIRECT"),
        ("https://", "ERR_INVALID_REDIRECT"),
        ("//", "ERR_INVALID_REDIRECT"),
        ("https:foo://[", None),
        ("https://a<b/", "ERR_INVALID_REDIRECT"),
        ("//[", "ERR_INVALID_REDIRECT"),
        ("https://user:pass@other.example.com/", "RedirectContainsCredentials"),
        ("https://user@api.example.com/", "RedirectContainsCredentials"),
        ("http://other.example.com/", "mixed-content"),
        ("https://other.example.com/", None),
        ("next", None),
        ("\\\\other.example.com\\x", None),
        ("https:next", None),
        ("https:/next", None),
        ("?query", None),
        ("", None),
    ],
)
def test_where_a_redirect_may_lead(location: str, code: str | None) -> None:
    verdict = judge(exchange(call(), None, OPEN, redirect(location)))
    assert verdict.code == code
    unfollowed = judge(exchange(call(), None, redirect(location).answer))
    assert unfollowed.code == code
    assert unfollowed.exposed == ()


def test_a_relative_location_stays_with_the_host() -> None:
    for location in (
        "next",
        "https:next",
        "https:foo:next",
        "/next",
        "//api.example.com/next",
        " /next\t",
        "\\next",
        "HTTPS:next",
    ):
        assert judge(exchange(call(), None, answer(origin=PAGE), redirect(location))).allowed


@pytest.mark.parametrize(
    "location",
    [
        "//b.test/",
        "\\\\b.test\\",
        "https:\\\\b.test",
        "https://b.test",
        "HTTPS://b.test/",
        "///b.test",
        "https:////b.test",
    ],
)
def test_a_location_at_another_host_leaves_the_origin_behind(location: str) -> None:
    verdict = judge(exchange(call(), None, NOTHING, redirect(location)))
    assert verdict.reason.endswith(f"for null (after a redirect; the page is {PAGE}).")
    unanswered = judge(exchange(call(), None, None, redirect(location))).reason
    assert unanswered.startswith("The call from null to https:")


def test_a_location_that_is_no_url_fails_before_cors_and_an_unsafe_one_after() -> None:
    assert judge(exchange(call(), None, OPEN, redirect("http://", allow="x"))).code == "ERR_INVALID_REDIRECT"
    assert judge(exchange(call(), None, OPEN, redirect("data:,x", allow="x"))).code == "InvalidAllowOriginValue"


def test_a_user_name_in_the_location_is_refused_at_home_too_but_not_by_cors() -> None:
    home = call(url=PAGE + "/items")
    verdict = judge(exchange(home, None, OPEN, redirect("https://user@app.example.com/")))
    assert verdict.code == "ERR_INVALID_REDIRECT"
    verdict = judge(exchange(call(mode="no-cors"), None, OPEN, redirect("https://user@api.example.com/")))
    assert verdict.code == "ERR_INVALID_REDIRECT"
    assert judge(exchange(home, None, OPEN, redirect("https://user@b.test/"))).code == "RedirectContainsCredentials"


@pytest.mark.parametrize("status", [300, 304, 305, 306, 200])
def test_other_statuses_are_no_redirect(status: int) -> None:
    given = answer(status, {"Location": "ftp://x", "Content-Type": "x"}, origin="*")
    assert judge(exchange(call(), None, given)).exposed == ("content-type",)
    assert judge(exchange(call(), None, OPEN, redirect("/next", status))).code == "ERR_INVALID_REDIRECT"


def test_a_redirect_without_location_is_an_answer() -> None:
    assert judge(exchange(call(), None, answer(302, {"Content-Type": "x"}, origin="*"))).exposed == ("content-type",)


def test_a_redirect_that_no_one_followed_is_judged_automatically() -> None:
    verdict = judge(exchange(call(), None, answer(301, {"Location": "/b", "Content-Type": "x"}, origin="*")))
    assert (verdict.allowed, verdict.exposed) == (True, ())
    assert "follows the redirect" in verdict.reason
    assert judge(exchange(call(), None, answer(301, {"Location": "/b"}))).code == "MissingAllowOriginHeader"


@pytest.mark.parametrize(("count", "code"), [(20, None), (21, "ERR_TOO_MANY_REDIRECTS")])
def test_browsers_follow_twenty_redirects(count: int, code: str | None) -> None:
    assert judge(exchange(call(), None, OPEN, *[redirect("/next")] * count)).code == code
    unfollowed = redirect("/next").answer
    assert judge(exchange(call(), None, unfollowed, *[redirect("/next")] * (count - 1))).code == code
    assert judge(exchange(call(), None, None, *[redirect("/next")] * count)).code == (code or "InvalidResponse")


def test_what_fails_first_is_what_is_named() -> None:
    refused = judge(exchange(call("PUT"), NOTHING, OPEN, redirect("/next")))
    assert refused.code == "PreflightMissingAllowOriginHeader"
    blocked = judge(exchange(call("PUT"), OPEN, OPEN, redirect("/a", allow="x"), redirect("data:,x", 200)))
    assert blocked.code == "InvalidAllowOriginValue"
    last = judge(exchange(call("PUT"), NOTHING, redirect("data:,x").answer))
    assert last.code == "PreflightMissingAllowOriginHeader"


def test_the_modes_hold_on_the_way() -> None:
    home = PAGE + "/items"
    assert judge(exchange(call(mode="same-origin", url=home), None, OPEN, redirect(OTHER))).code == "DisallowedByMode"
    assert judge(exchange(call(mode="same-origin", url=home), None, NOTHING, redirect("/b"))).allowed
    assert judge(exchange(call(mode="no-cors", url=home), None, NOTHING, redirect(OTHER))).exposed == ()


@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_credentials_count_on_every_hop(credentials: Credentials) -> None:
    verdict = judge(exchange(call(credentials=credentials), None, OPEN, redirect("/next")))
    assert verdict.code == ("WildcardOriginNotAllowed" if credentials == "include" else None)


def test_a_hop_without_answer_fails() -> None:
    verdict = judge(exchange(call(), None, None, redirect("/next")))
    assert verdict.code == "InvalidResponse"
    assert "https://api.example.com/next" in verdict.reason
