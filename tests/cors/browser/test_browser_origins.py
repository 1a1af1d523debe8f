"""Which origin a page and a URL have, when a call is not cross-origin at all, and what is decided before CORS."""

from __future__ import annotations

import pytest

from apis.cors.browser import judge
from apis.cors.origins import is_local, origin_of, parse_url, written
from tests.cors.exchanges import OPEN, PAGE, answer, call, exchange

ORIGINS = {
    "https://app.example.com/page?x#y": "https://app.example.com",
    "https://app.example.com:443": "https://app.example.com",
    "http://app.example.com:80/": "http://app.example.com",
    "https://app.example.com:80": "https://app.example.com:80",
    "http://app.example.com:8080/": "http://app.example.com:8080",
    "http://app.example.com:00443/": "http://app.example.com:443",
    "http://app.example.com:/": "http://app.example.com",
    "http://app.example.com:0/": "http://app.example.com:0",
    "http://app.example.com:65535": "http://app.example.com:65535",
    "HTTPS://App.Example.COM": "https://app.example.com",
    "https://app.example.com.": "https://app.example.com.",
    "https://a_b.test": "https://a_b.test",
    "https://user:pass@app.test": "https://app.test",
    "https://@app.test": "https://app.test",
    " https://app.test\n": "https://app.test",
    "ht\ttps://app.test": "https://app.test",
    "https:app.test": "https://app.test",
    "https:\\\\app.test\\x": "https://app.test",
    "https:////app.test": "https://app.test",
    "http://bücher.test": "http://xn--bcher-kva.test",
    "http://BÜCHER.test": "http://xn--bcher-kva.test",
    "http://faß.test": "http://xn--fa-hia.test",
    "http://ａｐｐ。test": "http://app.test",
    "http://a\u00adb\u200bc.test": "http://abc.test",
    "http://%61pp.test": "http://app.test",
    "http://b%C3%BCcher.test": "http://xn--bcher-kva.test",
    "http://क्\u200dष.test": "http://xn--11b2ezcw70k.test",  # where a joiner has a meaning
    "http://BÜCHER.test/\ud800": "http://xn--bcher-kva.test",
    "app://bücher": "app://b%C3%BCcher",
    "http://127.1": "http://127.0.0.1",
    "http://0x7f.0.0.1": "http://127.0.0.1",
    "http://0177.0.0.01": "http://127.0.0.1",
    "http://2130706433": "http://127.0.0.1",
    "http://1.2.3.4.": "http://1.2.3.4",
    "http://0x": "http://0.0.0.0",
    "http://255.255.255.255:8": "http://255.255.255.255:8",
    "http://[0:0:0:0:0:0:0:1]": "http://[::1]",
    "http://[1::0:0:2]": "http://[1::2]",
    "http://[1:0:2:0:0:0:0:3]:8080": "http://[1:0:2::3]:8080",
    "http://[1:2:3:4:5:6:7:8]": "http://[1:2:3:4:5:6:7:8]",
    "http://[1:0:3:4:5:6:7:8]": "http://[1:0:3:4:5:6:7:8]",
    "http://[1:0:0:2:0:0:3:4]": "http://[1::2:0:0:3:4]",
    "http://[::ffff:1.2.3.4]": "http://[::ffff:102:304]",
    "http://[::]": "http://[::]",
    "ws://a.test:80": "ws://a.test",
    "wss://a.test:443": "wss://a.test",
    "ftp://a.test:21": "ftp://a.test",
    "capacitor://localhost": "capacitor://localhost",
    "capacitor://LocalHost": "capacitor://LocalHost",
    "foo:///x": "null",
    "HTTPS://App.tex": "https://app.tex",
    "https:\\\\x.test": "https://x.test",
    "http://A.test:000": "http://a.test:0",
    "http://A.test:" + "0" * 5000 + "80": "http://a.test",
    "http://0X7F.1": "http://127.0.0.1",
    "http://255.255.0x1.1": "http://255.255.1.1",
    "http://0xffffffff": "http://255.255.255.255",
    "http://0" + "0" * 50 + "1": "http://0.0.0.1",
    "http://[1:2:3::]": "http://[1:2:3::]",
    "http://[::127.0.0.1]": "http://[::7f00:1]",
    "chrome-extension://abcdef/page.html": "chrome-extension://abcdef",
    "app://host:80?x": "app://host:80",
    "null": "null",
    "data:text/html,x": "null",
    "file:///tmp/x": "null",
    "file://host/x": "null",
    "about:blank": "null",
}
NO_URLS = [
    "",
    "app.example.com",
    "//app.example.com",
    "http://",
    "http:",
    "https://?x",
    "https://:80",
    "https://a@",
    "1http://a.test",
    "http://a.test:x",
    "http://a.test:65536",
    "http://a.test:99999999999999999999",
    "http://a b.test",
    "http://a<b",
    "http://a|b",
    "http://a^b",
    "http://%zz.test",
    "http://%ff.test",
    "http://a%00b",
    "http://a\ufffdb",
    "http://1.2.3.4.5",
    "http://1.2.3.4.0",
    "!https://a.test",
    "http://" + "9" * 5000,
    "http://1.256.0x1.1",
    "http://[1::2",
    "http://a.test:655360",
    "foo://[::g]",
    "http://256.1.1.1",
    "http://1.2.3.256",
    "http://1.2.65536",
    "http://08",
    "http://a.1",
    "http://4294967296",
    "http://1.2.3.0x100000000000000000000000000000000000000000",
    "http://[::1",
    "http://[::g]",
    "http://[fe80::1%25eth0]",
    "http://[1.2.3.4]",
    "http://[]",
    "http://a]",
    "foo://a b",
    "foo://:80",
    "foo://u@",
    "http://a:b:c",
    "http://ü\ud800",
    "http://" + "ü" * 100_000,
    "http://a\u200db.test",
    "http://a\u200cb.test",
    "http://a\u0378b.test",
    "http://-\u05d0a.test",
]


@pytest.mark.parametrize(("url", "origin"), ORIGINS.items())
def test_the_origin_of_a_url(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_has_no_origin(url: str) -> None:
    assert origin_of(url) is None
    assert parse_url(url) is None


def test_a_name_and_a_password_are_reported_from_the_host() -> None:
    credentials = {
        "https://x@A.test": True,
        "https://:x@A.test": True,
        "https://@A.test": False,
        "https://:@A.test": False,
    }
    for text, expected in credentials.items():
        url = parse_url(text)
        assert url is not None
        assert (url.host, url.has_credentials) == ("a.test", expected)


def test_a_url_is_printed_as_browsers_do() -> None:
    plain = "https://a.test/~!$&'()*+,;=:@[]%20\"<>\\^`{|}?x=1#y"
    assert written(plain) == plain
    assert written(" \x01https://a.test/a\tb\n\rc d\x7fé€\ud800 ") == "https://a.test/abc%20d%7F%C3%A9%E2%82%AC?"


def test_a_page_that_has_no_origin_counts_as_opaque() -> None:
    assert judge(exchange(call(origin="nonsense"), None, answer(origin="null"))).allowed


def test_an_origin_is_its_own_origin() -> None:
    for origin in ORIGINS.values():
        assert origin_of(origin) == origin


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("http://localhost:3000", "http://127.0.0.1:3000"),
        ("http://app.test", "https://app.test"),
        ("https://app.test", "https://app.test:8443"),
        ("https://app.test", "https://www.app.test"),
        ("https://app.test", "https://app.test."),
        ("null", "https://app.test"),
    ],
)
def test_scheme_host_and_port_all_count(origin: str, url: str) -> None:
    verdict = judge(exchange(call(origin=origin, url=url), None, answer()))
    assert verdict.code == "MissingAllowOriginHeader"


@pytest.mark.parametrize("mode", ["cors", "same-origin", "no-cors"])
def test_a_call_to_the_pages_own_origin_needs_nothing_and_reads_everything_but_cookies(mode: str) -> None:
    url, method = "https://APP.example.com:443/items", "POST" if mode == "no-cors" else "PUT"
    given = answer(500, {"ETag": "x", "Set-Cookie": "a=b", "set-cookie2": "c", "Content-Type": "y"})
    verdict = judge(exchange(call(method, {"X-A": "1"}, url=url, mode=mode), None, given))
    assert (verdict.needs_preflight, verdict.allowed, verdict.exposed) == (False, True, ("content-type", "etag"))
    assert "the page's own origin" in verdict.reason


def test_an_opaque_origin_is_null_and_is_matched_by_null_and_by_the_wildcard() -> None:
    def verdict(allow: str, credentials: str | None = None) -> str | None:
        request = call("PUT", origin="null", credentials="include" if credentials else "omit")
        given = answer(origin=allow, methods="PUT", credentials=credentials)
        return judge(exchange(request, given, given)).code

    assert verdict("null") is None
    assert verdict("*") is None
    assert verdict("null", credentials="true") is None
    assert verdict("NULL") == "PreflightInvalidAllowOriginValue"


def test_a_page_is_known_by_its_origin_however_it_is_written() -> None:
    assert judge(exchange(call(origin="https://APP.example.com:443/x"), None, answer(origin=PAGE))).allowed


def test_mode_same_origin_keeps_to_the_pages_origin() -> None:
    verdict = judge(exchange(call("PUT", mode="same-origin")))
    assert (verdict.allowed, verdict.needs_preflight, verdict.code) == (False, False, "DisallowedByMode")


def test_mode_no_cors_sends_but_reads_nothing() -> None:
    request = call("POST", {"X-A": "1", "Range": "bytes=0-"}, mode="no-cors")
    verdict = judge(exchange(request, None, answer(500, {"Content-Type": "x"}, expose="*")))
    assert (verdict.needs_preflight, verdict.allowed, verdict.exposed) == (False, True, ())
    assert "cannot read" in verdict.reason
    assert judge(exchange(call("PUT", mode="no-cors"))).code == "TypeError"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://[::2]",
        "http://127.a.b.local",
        "http://128.0.0.1",
    ],
)
def test_a_secure_page_does_not_call_over_http(url: str) -> None:
    verdict = judge(exchange(call("PUT", url=url)))
    assert (verdict.allowed, verdict.needs_preflight, verdict.code) == (False, False, "mixed-content")
    assert judge(exchange(call(url=url, origin="http://app.example.com"))).allowed


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "http://localhost:3000",
        "http://api.localhost",
        "http://127.0.0.1",
        "http://127.9.8.7",
        "http://[::1]:80",
    ],
)
def test_a_secure_page_may_call_this_machine_over_http(url: str) -> None:
    assert judge(exchange(call(url=url))).allowed


@pytest.mark.parametrize(
    "request_part",
    [
        {"method": "CONNECT"},
        {"method": "trace"},
        {"method": "Track"},
        {"method": "G ET"},
        {"method": ""},
        {"url": "items"},
        {"url": "ftp://api.example.com"},
        {"url": "data:,x"},
        {"url": "https://user:pass@api.example.com"},
        {"headers": {"a b": "x"}},
        {"headers": {"x-a": "a\nb"}},
        {"headers": {"x-a": "a\0"}},
        {"headers": {"x-a": "€"}},
    ],
)
def test_what_fetch_refuses_is_a_type_error(request_part: dict[str, object]) -> None:
    verdict = judge(exchange(call(**request_part)))  # type: ignore[arg-type]
    assert (verdict.needs_preflight, verdict.allowed, verdict.code) == (False, False, "TypeError")
    assert "throws a TypeError" in verdict.reason


def test_white_space_around_a_header_value_is_no_error() -> None:
    assert judge(exchange(call(headers={"x-a": "\r\n a \t"}))).allowed


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("printer.local", True),
        ("ip-10-0-0-1.ec2.internal", True),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("169.254.1.1", True),
        ("[::1]", True),
        ("[fd00::1]", True),
        ("0.0.0.0", True),
        ("x" * 290 + ".localhost", True),
        ("", False),
        ("8.8.8.8", False),
        ("[2600::1]", False),
        ("api.example.com", False),
        ("1and1.com", False),
        ("local", False),
        ("x" * 301 + ".localhost", False),
    ],
)
def test_a_host_is_local_by_its_look(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_a_call_into_a_private_network_carries_a_note() -> None:
    def notes(origin: str, url: str) -> list[bool]:
        found = judge(exchange(call(origin=origin, url=url), None, OPEN)).notes
        return ["Local Network Access" in note for note in found]

    assert notes("https://app.example.com", "http://localhost:8000") == [True]
    assert notes("null", "https://10.0.0.1") == [True]
    assert notes("http://localhost:3000", "http://127.0.0.1:8000") == []
    assert notes("http://localhost:3000", "https://api.example.com") == []
