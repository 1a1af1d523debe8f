"""What is sent is what the call says and nothing else: no injected lines, no cookies, no proxy, no credentials."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.outbound import Call, Failure, Reply, Sender, send
from tests.outbound.hosts import NO_CONTENT, OPEN, Host, answering, header

pytestmark = pytest.mark.once


def sent(sender: Sender, method: str, headers: tuple[tuple[str, str], ...] = (), body: bytes | None = None) -> bytes:
    """The bytes that reach the host."""
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen)) as host:
        outcome = sender.send(Call(method, host.url + "/x", headers, body))
        assert isinstance(outcome, Reply), outcome
    return seen[0].replace(f"127.0.0.1:{host.port}".encode(), b"HOST")


def test_a_preflight_is_sent_to_the_letter(sender: Sender) -> None:
    headers = (
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization,content-type"),
    )
    assert sent(sender, "OPTIONS", headers) == (
        b"OPTIONS /x HTTP/1.1\r\nHost: HOST\r\nUser-Agent: corsdash\r\nAccept: */*\r\nOrigin: https://app.example.com\r\n"
        b"Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n"
    )


def test_headers_of_the_call_come_first_and_repeats_stay(sender: Sender) -> None:
    head = sent(
        sender,
        "GET",
        (("user-agent", "Mozilla"), ("Accept", "text/html"), ("X-A", "1"), ("X-A", "2"), ("X-Empty", " ")),
    )
    assert b"corsdash" not in head
    assert b"*/*" not in head
    assert b"X-A: 1\r\nX-A: 2\r\nX-Empty:" in head
    assert header(head, "x-empty") == ""


def test_latin_1_is_sent_as_bytes(sender: Sender) -> None:
    assert b"X-Name: caf\xe9\r\n" in sent(sender, "GET", (("X-Name", "café"),))


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("GET", None, None), ("OPTIONS", None, None), ("DELETE", None, None), ("PATCH", None, None),
        ("HEAD", None, None),
        ("POST", None, "0"), ("PUT", None, "0"), ("POST", b"", "0"), ("POST", b"a\x00b", "3"), ("PUT", b"abc", "3"),
        ("PATCH", b"abc", "3"), ("DELETE", b"abc", "3"), ("GET", b"abc", "3"), ("QUERY", b"abc", "3"),
        ("patch", None, None), ("POST", b"x" * 3_000_000, "3000000"),
    ],
)  # fmt: skip
def test_the_body_and_its_length(sender: Sender, method: str, body: bytes | None, length: str | None) -> None:
    request = sent(sender, method, body=body)
    head, _, rest = request.partition(b"\r\n\r\n")
    assert head.startswith(method.encode() + b" /x HTTP/1.1\r\n")
    assert header(head, "content-length") == length
    assert header(head, "content-type") is None
    assert header(head, "expect") is None
    assert rest == (body or b"")


def test_a_handle_forgets_the_call_before(sender: Sender) -> None:
    seen: list[bytes] = []
    with Host(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", seen=seen)) as host:
        for method, headers, body in (
            ("POST", (("X-A", "1"), ("Content-Type", "text/plain")), b"secret"),
            ("GET", (), None),
            ("HEAD", (), None),
            ("PUT", (), b"two"),
            ("OPTIONS", (), None),
        ):
            assert isinstance(sender.send(Call(method, host.url, headers, body)), Reply)
        assert host.connections == 1
    assert [request.split(b" ")[0] for request in seen] == [b"POST", b"GET", b"HEAD", b"PUT", b"OPTIONS"]
    for request in seen[1:]:
        assert b"secret" not in request
        assert header(request, "x-a") is None
        assert header(request, "content-type") is None
    assert header(seen[4], "content-length") is None


@pytest.mark.parametrize(
    ("name", "value", "expected_text"),
    [
        ("X-A", "1\r\nX-Evil: 1", "X-A contains the control character U+000D"),
        ("X-A", "1\nX-Evil: 1", "U+000A"),
        ("X-A", "1\rX-Evil: 1", "U+000D"),
        ("X-A", "\r\n", "U+000D"),
        ("X-A", "a\x00b", "U+0000"),
        ("X-A", "a\x7fb", "U+007F"),
        ("X-A", "caf\u0113", "'\u0113', outside Latin-1"),
        ("X-A\r\nX-Evil", "1", "The header name 'X-A\\r\\nX-Evil'"),
        ("X-A:", "1", "The header name 'X-A:'"),
        ("X A", "1", "The header name 'X A'"),
        ("X-A;", "1", "The header name 'X-A;'"),
        ("", "1", "The header name ''"),
        ("X-É", "1", "The header name"),
        ("Host", "evil.example", "The header Host is set automatically"),
        ("content-length", "5", "The header content-length is set"),
        ("Transfer-Encoding", "chunked", "is set automatically"),
        ("Connection", "close", "is set automatically"),
        ("Expect", "100-continue", "is set automatically"),
        ("Upgrade", "h2c", "is set automatically"),
    ],
)
def test_a_header_that_would_change_the_request_is_refused_by_name(
    sender: Sender, name: str, value: str, expected_text: str
) -> None:
    with Host(answering(NO_CONTENT)) as host:
        outcome = sender.send(Call("GET", host.url, ((name, value),)))
        assert host.connections == 0
    assert isinstance(outcome, Failure)
    assert outcome.kind == "bad-url"
    assert expected_text in outcome.message


@pytest.mark.parametrize("method", ["", "GET /", "GET\r\nX: 1", "GÉT", "CONNECT", "connect", "GET\x00"])
def test_a_method_that_would_change_the_request_is_refused(sender: Sender, method: str) -> None:
    with Host(answering(NO_CONTENT)) as host:
        outcome = sender.send(Call(method, host.url))
        assert host.connections == 0
    assert isinstance(outcome, Failure)
    assert outcome.kind == "bad-url"
    assert "The method" in outcome.message


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4).map(tuple), st.text(max_size=6))
def test_no_header_adds_a_line(headers: tuple[tuple[str, str], ...], method: str) -> None:
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen)) as host, Sender(OPEN) as sender:
        outcome = sender.send(Call(method, host.url, headers))
    if isinstance(outcome, Failure):
        assert outcome.kind == "bad-url"
        assert not seen
    else:
        lines = seen[0].removesuffix(b"\r\n\r\n").split(b"\r\n")
        own = [line for line in lines[1:] if line.split(b":")[0] not in (b"Host", b"User-Agent", b"Accept")]
        assert len(own) == len(headers)


def test_proxies_of_the_environment_are_not_used(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    with Host(answering(NO_CONTENT)) as proxy, Host(answering(NO_CONTENT)) as host:
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "")
        assert isinstance(sender.send(Call("GET", host.url)), Reply)
        assert (host.connections, proxy.connections) == (1, 0)


def test_no_cookie_is_kept_and_no_password_file_read(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login joe password secret\ndefault login joe password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    seen: list[bytes] = []
    challenge = (
        b"HTTP/1.1 401 No\r\nSet-Cookie: a=b; Path=/\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
    )
    with Host(answering(challenge, seen=seen)) as host:
        for _ in range(2):
            assert isinstance(sender.send(Call("GET", host.url)), Reply)
    assert len(seen) == 2
    for request in seen:
        assert header(request, "cookie") is None
        assert header(request, "authorization") is None


def test_without_a_sender_of_ones_own(sender: Sender) -> None:
    with Host(answering(NO_CONTENT)) as host:
        assert isinstance(send(Call("GET", host.url), OPEN), Reply)
