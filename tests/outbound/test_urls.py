"""URLs have one meaning: what is read is what is looked up, connected to and asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.outbound import Call, Failure, Guard, Reply, Sender
from tests.outbound.hosts import NO_CONTENT, OPEN, Host, Names, answering

pytestmark = pytest.mark.once

BAD = {
    "": "must start with",
    "api.example.com": "must start with",
    "//api.example.com/": "must start with",
    "ftp://api.example.com/": "must start with",
    "file:///etc/passwd": "must start with",
    "gopher://127.0.0.1:6379/_FLUSHALL": "must start with",
    " https://api.example.com/": "must start with",
    "https:/api.example.com/": "must start with",
    "https://": "is not a host name",
    "https:///path": "is not a host name",
    "https://?x": "is not a host name",
    "https://user@api.example.com/": "user name",
    "https://user:secret@api.example.com/": "user name",
    "https://api.example.com@169.254.169.254/": "user name",
    "https://api.example.com\\@169.254.169.254/": "backslash",
    "https://169.254.169.254\\.example.com/": "backslash",
    "https://api example.com/": "is not a host name",
    "https://api%2eexample.com/": "is not a host name",
    "https://bücher.example/": "is not a host name",
    "https://１２７.0.0.1/": "is not a host name",
    "https://a..b/": "is not a host name",
    "https://-a.example/": "is not a host name",
    "https://" + "a" * 64 + ".example/": "is not a host name",
    "https://" + "a." * 127 + "example/": "is not a host name",
    "https://./": "is not a host name",
    "https://api.example.com:/": "is not a host name",
    "https://api.example.com:0/": "must be between 1 and 65535",
    "https://api.example.com:65536/": "must be between 1 and 65535",
    "https://api.example.com:443:80/": "is not a host name",
    "https://api.example.com:-1/": "is not a host name",
    "https://[::1": "is not a host name",
    "https://[::g]/": "is not a host name",
    "https://[1:2]/": "is not an IPv6 address",
    "https://[fe80::1%25eth0]/": "is not a host name",
    "https://::1/": "is not a host name",
    "https://api.example.com/\r\nX-Injected: 1": "U+000D",
    "https://api.example.com/\nx": "U+000A",
    "https://api.example.com/\x00": "U+0000",
    "https://api.exa\tmple.com/": "U+0009",
    "https://api.example.com/" + "a" * 9000: "at most 8192",
    "https://api.example.com/\ud800": "lone surrogate",
}
# Spellings of 127.0.0.1 and 169.254.169.254 that some programs read as addresses and others as names.
CURIOUS = [
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.01", "0x7f.1", "0", "0x",
    "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "127.0.0.1.0", "256.0.0.1", "127.0.0.0x1",
    "1.2.3.4.5", "4294967296", "api.example.0x7f", "api.1",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_programs_could_read_differently_is_refused(url: str) -> None:
    names = Names({})
    with Sender(Guard(), names.resolver) as sender:
        outcome = sender.send(Call("GET", url))
    assert isinstance(outcome, Failure)
    assert BAD[url] in outcome.message
    assert outcome.kind == "bad-url"
    assert names.asked == []


@pytest.mark.parametrize("host", CURIOUS)
def test_an_ipv4_address_in_another_spelling_is_refused(host: str) -> None:
    for spelling in (host, host + ".", host.upper()):
        with Sender(OPEN) as sender:
            outcome = sender.send(Call("GET", f"http://{spelling}:1/"))
        assert isinstance(outcome, Failure)
        assert outcome.kind == "bad-url"
        assert "four decimal numbers" in outcome.message


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("", "/"),
        ("/", "/"),
        ("?a=1", "/?a=1"),
        ("#top", "/"),
        ("/items?a=1&b=[2]#top", "/items?a=1&b=[2]"),
        ('/a b/ü?q=é"<>', "/a%20b/%C3%BC?q=%C3%A9%22%3C%3E"),
        ("/%2e%2E/a/../b/./c", "/%2E%2E/a/../b/./c"),
        ("/a|c^d`{e}", "/a%7Cc%5Ed%60%7Be%7D"),
        ("/@user:pass//x;y=z,(1)!*'$+~", "/@user:pass//x;y=z,(1)!*'$+~"),
    ],
)
def test_path_and_query_reach_the_host_as_written_save_what_must_be_encoded(
    sender: Sender, written: str, asked: str
) -> None:
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen)) as host:
        assert isinstance(sender.send(Call("GET", host.url + written)), Reply)
    assert seen[0].split(b"\r\n")[0] == f"GET {asked} HTTP/1.1".encode()


@pytest.mark.parametrize("spelling", ["API.Test", "api.test.", "api.test", "Api.TEST."])
def test_case_and_a_final_dot_make_no_difference(spelling: str) -> None:
    names = Names({"api.test": ["127.0.0.1"]})
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen)) as host, Sender(OPEN, names.resolver) as sender:
        reply = sender.send(Call("GET", f"HTTP://{spelling}:{host.port}/"))
    assert isinstance(reply, Reply)
    assert names.asked == ["api.test"]
    assert f"\r\nHost: api.test:{host.port}\r\n".encode() in seen[0]


def test_an_ipv6_address_is_called_by_its_own_spelling() -> None:
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen), address="::1") as host, Sender(OPEN) as sender:
        reply = sender.send(Call("GET", f"http://[0:0::0:1]:{host.port}/"))
    assert isinstance(reply, Reply)
    assert reply.address == "::1"
    assert f"\r\nHost: [::1]:{host.port}\r\n".encode() in seen[0]


@given(st.text(max_size=60))
def test_no_text_makes_it_raise_or_reach_a_private_address(text: str) -> None:
    with Sender(Guard(), Names({}).resolver) as sender:
        for url in (text, f"http://{text}", f"http://{text}.example/", f"https://[{text}]/", f"http://api.test/{text}"):
            outcome = sender.send(Call("GET", url, timeout_s=0.2))
            assert isinstance(outcome, Failure)
            assert outcome.kind in ("bad-url", "refused-address", "resolve", "connect", "timeout")
