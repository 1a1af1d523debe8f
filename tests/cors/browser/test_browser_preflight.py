"""Which calls browsers ask permission for, and what they ask."""

from __future__ import annotations

import pytest

from apis.cors.browser import judge, needs_preflight, preflight_headers
from apis.cors.call import first_leg
from apis.cors.safelist import BROWSERS
from tests.cors.exchanges import Lines, call, exchange


def asked(method: str = "GET", headers: Lines | None = None) -> str | None:
    """The header names that the preflight asks for, joined as sent; None when there is no preflight."""
    request = call(method, headers)
    if not needs_preflight(request):
        return None
    return dict(preflight_headers(request)).get("Access-Control-Request-Headers", "")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "get", "Head", "pOST"])
def test_three_methods_need_none_in_any_case(method: str) -> None:
    assert asked(method) is None


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("PUT", "PUT"),
        ("put", "PUT"),
        ("Delete", "DELETE"),
        ("options", "OPTIONS"),
        ("patch", "patch"),
        ("Patch", "Patch"),
        ("FOO", "FOO"),
        ("*", "*"),
    ],
)
def test_six_methods_are_put_in_upper_case_and_no_others(method: str, sent: str) -> None:
    request = call(method)
    assert needs_preflight(request)
    assert dict(preflight_headers(request))["Access-Control-Request-Method"] == sent


def test_a_preflight_says_origin_method_and_the_sorted_lower_case_names() -> None:
    request = call("PUT", [("X-B", "1"), ("Authorization", "x"), ("x-b", "2"), ("Accept", "a"), ("X-A", "1")])
    assert preflight_headers(request) == (
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,x-a,x-b"),
    )


def test_a_preflight_without_unsafe_headers_leaves_their_line_out() -> None:
    assert [name for name, _ in preflight_headers(call("PUT"))] == ["Origin", "Access-Control-Request-Method"]


SAFE = [
    ("Accept", ""),
    ("Accept", "application/json, text/*;q=0.5"),
    ("Accept", "a\tb"),
    ("Accept", "x" * 128),
    ("Accept", "caf\xe9"),
    ("Accept", "  padded\n"),
    ("Accept", "\xff"),
    ("Accept-Language", "de-CH, fr;q=0.5, *"),
    ("Accept-Language", "x" * 128),
    ("Content-Language", ""),
    ("Content-Type", "text/plain"),
    ("Content-Type", "TEXT/Plain ; x"),
    ("Content-Type", "text/plain;application/json"),
    ("Content-Type", "multipart/form-data; boundary=x"),
    ("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"),
    ("Content-Type", "text/plain;" + "x" * 117),
    ("content-TYPE", "text/plain"),
    ("Range", "bytes=0-"),
    ("Range", "bytes=5-5"),
    ("Range", "bytes=0-9223372036854775806"),
]
UNSAFE = [
    ("Accept", "a:b"),
    ("Accept", "\x7f"),
    ("Accept", "a\x0bb"),
    ("Accept", "x" * 129),
    *[("Accept", f"a{char}") for char in '"():<>?@[\\]{}'],
    ("Accept-Language", "en_US"),
    ("Accept-Language", "en\tde"),
    ("Accept-Language", "\xe9"),
    ("Accept-Language", "x" * 129),
    ("Content-Language", "a/b"),
    ("Content-Type", "application/json"),
    ("Content-Type", ""),
    ("Content-Type", "text/plain,text/plain"),
    ("Content-Type", 'text/plain;charset="utf-8"'),
    ("Content-Type", "text / plain"),
    ("Content-Type", ";text/plain"),
    ("Content-Type", "text/plain;" + "x" * 118),
    ("Range", "bytes=5-3"),
    ("Range", "bytes=-5"),
    ("Range", "bytes=0-1,2-3"),
    ("Range", "bytes= 0-1"),
    ("Range", "bytes=0"),
    ("Range", "items=0-1"),
    ("Range", "bytes=9223372036854775807-"),
    ("Range", "bytes=0-9223372036854775807"),
    ("Authorization", "Bearer x"),
    ("X-Api-Key", ""),
    ("Cache-Control", "no-store"),
    ("If-None-Match", "x"),
    ("Access-Control-Allow-Origin", "x"),
    ("Proxy", "x"),
    ("Sec", "x"),
    ("Set-Cookie2", "x"),
]
FORBIDDEN = """
    Accept-Charset Accept-Encoding Access-Control-Request-Headers Access-Control-Request-Method Connection
    Content-Length Cookie Cookie2 Date DNT Expect Host Keep-Alive Origin Referer Set-Cookie TE Trailer Transfer-Encoding
    Upgrade Via
    Proxy-Foo Sec-Foo Sec- proxy-
"""
DROPPED = [
    *[(name, "x") for name in FORBIDDEN.split()],
    ("User-Agent", "mine"),
    ("X-HTTP-Method", "trace"),
    ("X-HTTP-Method-Override", "put, TRACK"),
    ("X-Method-Override", "\tConnect\t,x"),
]


@pytest.mark.parametrize(("name", "value"), SAFE)
def test_a_safelisted_header_needs_none(name: str, value: str) -> None:
    assert asked(headers={name: value}) is None


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_any_other_header_needs_one(name: str, value: str) -> None:
    assert asked(headers={name: value}) == name.lower()


@pytest.mark.parametrize(("name", "value"), DROPPED)
def test_a_header_that_browsers_drop_needs_none_and_is_not_asked_for(name: str, value: str) -> None:
    assert asked(headers={name: value}) is None
    assert asked("PUT", {name: value}) == ""


@pytest.mark.parametrize("name", ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"])
@pytest.mark.parametrize("value", ["PUT", "CONNECTED", '"TRACE"', '"a,TRACE', '"a\\",TRACE,"', "x TRACE"])
def test_a_method_override_is_dropped_only_for_forbidden_methods(name: str, value: str) -> None:
    assert asked(headers={name: value}) == name.lower()


def test_repeats_are_judged_by_their_joined_value() -> None:
    assert asked(headers=[("Accept", "x" * 100), ("accept", "x" * 26)]) is None
    assert asked(headers=[("Accept", "x" * 100), ("accept", "x" * 27)]) == "accept"
    assert asked(headers=[("Content-Type", "text/plain"), ("Content-Type", "text/plain")]) == "content-type"


HINTS = {"DPR": "1.5", "Device-Memory": "8", "Downlink": "1", "ECT": "4g", "Intervention": "x", "RTT": "100"}
HINTS |= {"Width": "1", "Viewport-Width": "1", "Save-Data": "on"}
NO_HINTS = {
    "DPR": "1.",
    "Device-Memory": "",
    "Downlink": "-1",
    "ECT": "5g",
    "RTT": "1.5",
    "Width": "a",
    "Save-Data": "1",
}


@pytest.mark.parametrize(("name", "value"), HINTS.items())
def test_chrome_alone_safelists_old_client_hints(name: str, value: str) -> None:
    request = call(headers={name: value})
    assert [needs_preflight(request, browser) for browser in ("chrome", "firefox", "safari")] == [False, True, True]
    notes = judge(exchange(request)).notes
    assert len(notes) == 2
    assert notes[0].startswith("Firefox's preflight requests")
    assert notes[1].startswith("Safari's preflight requests")
    assert name.lower() in notes[0]


@pytest.mark.parametrize(("name", "value"), NO_HINTS.items())
def test_chrome_asks_for_a_client_hint_with_a_wrong_value(name: str, value: str) -> None:
    assert asked(headers={name: value}) == name.lower()


def test_more_than_1024_bytes_of_safelisted_values_are_all_asked_for_with_accept() -> None:
    long = {"Accept-Language": "x" * 128, "Content-Language": "x" * 128, "Intervention": "x" * 128}
    digits = dict.fromkeys(("DPR", "Device-Memory", "Downlink", "RTT"), "1" * 128)
    assert asked(headers={**long, **digits, "Width": "1" * 125}) is None
    everything = "accept,accept-language,content-language,device-memory,downlink,dpr,intervention,rtt,width"
    assert asked(headers={**long, **digits, "Width": "1" * 126}) == everything
    assert asked(headers={**long, **digits, "Accept": "x" * 128}) is None


@pytest.mark.parametrize(
    ("headers", "firefox", "safari"),
    [
        ({"User-Agent": "mine"}, True, True),
        ({"Accept": "caf\xe9"}, True, False),
        ({"Range": "bytes=0-"}, False, False),
    ],
)
def test_where_browsers_differ_the_verdict_is_chromes_and_a_note_names_the_others(
    headers: dict[str, str], firefox: bool, safari: bool
) -> None:
    request = call(headers=headers)
    verdict = judge(exchange(request))
    assert not verdict.needs_preflight
    assert judge(exchange(request), "firefox").needs_preflight is firefox
    assert judge(exchange(request), "safari").needs_preflight is safari
    named = [note.split()[0].removesuffix("'s") for note in verdict.notes]
    assert named == [name for name, differs in (("Firefox", firefox), ("Safari", safari)) if differs]


def test_only_chromes_verdict_names_the_others() -> None:
    for browser in ("firefox", "safari"):
        assert judge(exchange(call(headers={"Accept": "caf\xe9"})), browser).notes == ()


def test_a_call_in_mode_no_cors_sends_only_what_is_safelisted() -> None:
    leg, failure = first_leg(call("POST", {"X-A": "1", "Range": "bytes=0-1", "Accept": "a"}, mode="no-cors"), "chrome")
    assert failure is None
    assert leg.sent == {"accept": "a"}


def test_safari_takes_a_range_in_any_case() -> None:
    verdict = judge(exchange(call(headers={"Range": "Bytes=0-"})))
    assert verdict.needs_preflight
    assert verdict.notes == ("Safari sends no preflight for this call.",)


@pytest.mark.parametrize(
    ("name", "values", "chrome", "firefox"),
    [
        ("Content-Type", ("text/plain", "text/plain"), True, False),
        ("Content-Type", ("text/plain;", ""), False, True),
        ("Accept", ("x" * 128, ""), True, False),
        ("Content-Language", ("de", "x" * 125), True, False),
        ("Range", ("bytes=0-", "bytes=6-"), True, False),
        ("X-A", ("1", "2"), True, True),
    ],
)
def test_firefox_judges_each_line_and_chrome_what_they_make_together(
    name: str, values: tuple[str, str], chrome: bool, firefox: bool
) -> None:
    request = call(headers=[(name, value) for value in values])
    assert [needs_preflight(request, browser) for browser in BROWSERS] == [chrome, firefox, chrome]
    notes = judge(exchange(request)).notes
    assert any(note.startswith("Firefox") for note in notes) is (chrome != firefox)


def test_firefox_counts_all_lines_of_safe_headers_together() -> None:
    many = [("Accept", "x" * 128)] * 8
    assert not needs_preflight(call(headers=many), "firefox")
    request = call(headers=[*many, ("Accept-Language", "d")])
    assert preflight_headers(request, "firefox")[-1] == ("Access-Control-Request-Headers", "accept,accept-language")


def test_only_firefox_takes_a_comma_in_quotes_for_one() -> None:
    request = call(headers={"X-Method-Override": '",TRACE'})
    assert [needs_preflight(request, browser) for browser in BROWSERS] == [True, False, True]


def test_a_range_ends_where_the_browsers_numbers_do() -> None:
    last = call(headers={"Range": "bytes=0-9223372036854775807"})
    beyond = call(headers={"Range": "bytes=0-9223372036854775808"})
    unsigned = call(headers={"Range": "bytes=0-18446744073709551615"})
    more = call(headers={"Range": "bytes=0-18446744073709551616"})
    assert [needs_preflight(last, browser) for browser in BROWSERS] == [True, False, False]
    for request in (beyond, unsigned):
        assert [needs_preflight(request, browser) for browser in BROWSERS] == [True, False, True]
    assert [needs_preflight(more, browser) for browser in BROWSERS] == [True, True, True]


def test_a_call_that_fetch_refuses_needs_none() -> None:
    assert not needs_preflight(call("TRACE"))
    assert not needs_preflight(call("PUT", url="http://api.example.com/"))
    assert not needs_preflight(call("PUT", url="https://app.example.com/items"))
