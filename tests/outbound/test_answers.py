"""What a host answers comes back as it was sent: header lines in order, the body's beginning, where it came from."""

from __future__ import annotations

import socket

import pytest

from apis.outbound import MAX_BODY, MAX_HEADERS, Call, Failure, Outcome, Reply, Sender
from tests.outbound.hosts import NO_CONTENT, Host, answering, once, read_head

pytestmark = pytest.mark.once


def ask(sender: Sender, answer: bytes, method: str = "GET", **more: float) -> Outcome:
    """What comes of one call to a host that sends these bytes and closes."""
    with Host(once(answer)) as host:
        return sender.send(Call(method, host.url, timeout_s=more.get("timeout_s", 10)))


def reply(outcome: Outcome) -> Reply:
    """The outcome, which must be a reply."""
    assert isinstance(outcome, Reply), outcome
    return outcome


def test_header_lines_keep_their_order_case_and_repeats(sender: Sender) -> None:
    answer = reply(
        ask(
            sender,
            b"HTTP/1.1 200 Fine\r\nAccess-Control-Allow-Origin: https://a.example\r\nvary: origin\r\n"
            b"ACCESS-CONTROL-ALLOW-ORIGIN:https://b.example\r\nX-Empty:\r\nX-Blanks: \t a  b \t\r\n"
            b"X-Colon: a: b\r\nVary: Accept\r\nContent-Length: 0\r\n\r\n",
        )
    )
    assert answer.status == 200
    assert answer.headers == (
        ("Access-Control-Allow-Origin", "https://a.example"),
        ("vary", "origin"),
        ("ACCESS-CONTROL-ALLOW-ORIGIN", "https://b.example"),
        ("X-Empty", ""),
        ("X-Blanks", "a  b"),
        ("X-Colon", "a: b"),
        ("Vary", "Accept"),
        ("Content-Length", "0"),
    )
    assert not answer.cut


def test_bytes_beyond_ascii_are_latin_1(sender: Sender) -> None:
    answer = reply(ask(sender, b"HTTP/1.1 204 \xe9\r\nX-Name: caf\xe9 \xc3\xbc \x80\r\n\r\n"))
    assert answer.headers == (("X-Name", "caf\xe9 \xc3\xbc \x80"),)


def test_a_folded_header_line_is_one_line(sender: Sender) -> None:
    answer = reply(ask(sender, b"HTTP/1.1 204 No\r\nX-A: one,\r\n  two,\r\n\tthree\r\nX-B: b\r\n\r\n"))
    assert answer.headers == (("X-A", "one, two, three"), ("X-B", "b"))


def test_a_bare_line_feed_ends_a_line(sender: Sender) -> None:
    answer = reply(ask(sender, b"HTTP/1.1 204 No\nX-A: a\nX-B: b\n\n"))
    assert answer.headers == (("X-A", "a"), ("X-B", "b"))


def test_interim_answers_are_left_out(sender: Sender) -> None:
    answer = reply(
        ask(
            sender,
            b"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nX-Final: 1\r\nContent-Length: 2\r\n\r\nok",
        )
    )
    assert (answer.status, answer.headers[0], answer.body) == (200, ("X-Final", "1"), b"ok")


def test_trailers_are_left_out(sender: Sender) -> None:
    answer = reply(
        ask(
            sender,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n2\r\nok\r\n0\r\n"
            b"X-Late: 1\r\nAccess-Control-Allow-Origin: *\r\n\r\n",
        )
    )
    assert answer.headers == (("Transfer-Encoding", "chunked"), ("Trailer", "X-Late"))
    assert answer.body == b"ok"
    assert not answer.cut


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 401, 403, 404, 429, 500, 502, 503, 599])
def test_every_status_is_an_answer(sender: Sender, status: int) -> None:
    answer = ask(sender, f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nWWW-Authenticate: Basic\r\n\r\n".encode())
    assert reply(answer).status == status


def test_a_redirect_is_not_followed(sender: Sender) -> None:
    with Host(answering(NO_CONTENT)) as other:
        for status in (301, 302, 303, 307, 308):
            answer = reply(
                ask(sender, f"HTTP/1.1 {status} Go\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode())
            )
            assert answer.status == status
            assert answer.headers[0] == ("Location", f"{other.url}/")
    assert other.connections == 0


def test_a_long_body_is_cut_and_the_host_is_not_read_on(sender: Sender) -> None:
    answer = reply(ask(sender, b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000))
    assert answer.body == b"x" * MAX_BODY
    assert answer.cut


def test_an_endless_body_is_cut(sender: Sender) -> None:
    sent = 0

    def pour(connection: socket.socket) -> None:
        nonlocal sent
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
            sent += 65536

    with Host(pour) as host:
        answer = reply(sender.send(Call("GET", host.url)))
    assert len(answer.body) == MAX_BODY
    assert answer.cut
    assert sent < 50_000_000


def test_a_body_of_just_the_limit_is_whole(sender: Sender) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {MAX_BODY}\r\n\r\n".encode()
    answer = reply(ask(sender, head + b"x" * MAX_BODY))
    assert (len(answer.body), answer.cut) == (MAX_BODY, False)


@pytest.mark.parametrize("ending", [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"])
def test_a_broken_body_does_not_undo_the_answer(sender: Sender, ending: bytes) -> None:
    """A page's fetch() resolves once the headers are there, whatever becomes of the body."""
    answer = reply(ask(sender, ending))
    assert (answer.status, answer.body, answer.cut) == (200, b"half", True)


def test_a_body_that_never_ends_does_not_undo_the_answer(sender: Sender) -> None:
    def stream(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        read_head(connection)

    with Host(stream) as host:
        answer = reply(sender.send(Call("GET", host.url, timeout_s=0.3)))
    assert (answer.status, answer.body, answer.cut) == (200, b"data: 1\n\n", True)


def test_nothing_is_decompressed(sender: Sender) -> None:
    packed = b"\x1f\x8b\x08\x00not really"
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    answer = reply(ask(sender, head + packed))
    assert answer.body == packed


def test_head_has_no_body(sender: Sender) -> None:
    answer = reply(ask(sender, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", method="HEAD"))
    assert (answer.status, answer.body, answer.cut) == (200, b"", False)


def test_headers_just_under_the_limit_pass_and_above_it_fail(sender: Sender) -> None:
    def of(size: int) -> bytes:
        start, end = b"HTTP/1.1 204 No Content\r\n", b"\r\n"
        return start + b"X-Long: " + b"x" * (size - len(start) - len(end) - 10) + b"\r\n" + end

    assert reply(ask(sender, of(MAX_HEADERS))).status == 204
    failure = ask(sender, of(MAX_HEADERS + 1))
    assert isinstance(failure, Failure)
    assert failure.kind == "too-large"
    assert "16 KiB" in failure.message


def test_timings_and_the_address_show_where_the_time_went(sender: Sender) -> None:
    with Host(answering(NO_CONTENT)) as host:
        first, second = (reply(sender.send(Call("GET", host.url))) for _ in range(2))
    assert (first.address, first.http_version, first.certificate_expires) == ("127.0.0.1", "1.1", None)
    assert first.timings.connect > 0
    assert first.timings.tls == 0
    assert first.timings.total >= first.timings.connect + first.timings.first_byte
    assert second.timings.connect == 0, "the connection was kept"
    assert set(first.timings.as_json()) == {"resolve", "connect", "tls", "first_byte", "total"}


def test_http_1_0_is_reported(sender: Sender) -> None:
    assert reply(ask(sender, b"HTTP/1.0 200 OK\r\n\r\nbody")).http_version == "1.0"
