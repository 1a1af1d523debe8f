"""Hosts that misbehave cost their own call, for no longer than its time, and say what was wrong."""

from __future__ import annotations

import socket
import time
from itertools import count

import pytest

from apis.outbound import Call, Failure, Guard, Outcome, Reply, Sender
from tests.outbound.certificates import Authority
from tests.outbound.hosts import (
    NO_CONTENT,
    OPEN,
    Behaviour,
    Host,
    Names,
    answering,
    full,
    once,
    read_head,
    reset,
    silent,
)

pytestmark = pytest.mark.once


def fails(outcome: Outcome, kind: str, expected_text: str) -> Failure:
    """The outcome, which must be a failure of this kind that says so."""
    assert isinstance(outcome, Failure), outcome
    assert outcome.kind == kind, outcome
    assert expected_text in outcome.message, outcome
    assert outcome.message.endswith((".", "?"))
    assert outcome.message.count(". ") == 0, "one sentence"
    return outcome


def drip(line: bytes) -> Behaviour:
    """Sends a status line and then this line again and again, as fast as it is read."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(line)

    return behave


def stall(beginning: bytes) -> Behaviour:
    """Sends so much, and then nothing more."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(beginning)
        read_head(connection)

    return behave


@pytest.mark.parametrize(
    ("behave", "kind", "expected_text"),
    [
        (stall(b""), "timeout", "accepted the request but sent no response within"),
        (stall(b"HTTP/1.1 2"), "timeout", "sent no response within"),
        (stall(b"HTTP/1.1 200 OK\r\n"), "timeout", "whose headers did not end within"),
        (stall(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B"), "timeout", "whose headers did not end"),
        (stall(b"HTTP/1.1 103 Hints\r\nX-A: 1\r\n\r\n"), "timeout", "did not end"),
        (drip(b"X-A: 1\r\n"), "too-large", "more than 16 KiB of headers"),
        (drip(b"x" * 4000), "too-large", "more than 16 KiB of headers"),
        (drip(b"X-A: " + b"y" * 70_000 + b"\r\n"), "too-large", "more than 16 KiB of headers"),
        (once(b""), "protocol", "closed the connection without a response"),
        (once(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"), "protocol", "before the response was complete"),
        (once(b"HTTP/1.1 100 Continue\r\n\r\n"), "protocol", "without a response"),
        (reset(b""), "protocol", "closed the connection before"),
        (reset(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"), "protocol", "closed the connection before"),
        (once(b"SSH-2.0-OpenSSH_9.2\r\n"), "protocol", "sent bytes that are not HTTP"),
        (once(b"<html>HTTP/0.9</html>"), "protocol", "sent bytes that are not HTTP"),
        (once(bytes(range(256)) * 20), "protocol", "sent bytes that are not HTTP"),
        (once(b"HTTP/1.1 OK\r\n\r\n"), "protocol", "sent bytes that are not HTTP"),
        (once(b"HTTP/9.9 200 OK\r\n\r\n"), "protocol", "sent bytes that are not HTTP"),
        (once(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), "protocol", "sent bytes that are not HTTP"),
        (once(b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\n\r\n"), "protocol", "sent bytes that are not HTTP"),
    ],
)  # fmt: skip
def test_a_host_that_misbehaves(sender: Sender, behave: Behaviour, kind: str, expected_text: str) -> None:
    with Host(behave) as host:
        begun = time.monotonic()
        outcome = sender.send(Call("GET", host.url, timeout_s=0.3 if kind == "timeout" else 10))
        took = time.monotonic() - begun
        failure = fails(outcome, kind, expected_text)
        assert took < 10
        assert failure.accepted
        assert 0 < failure.timings.total <= took * 1000 + 1
    with Host(answering(NO_CONTENT)) as host:
        assert isinstance(sender.send(Call("GET", host.url)), Reply), "the sender is none the worse for it"


def test_interim_answers_without_end_are_too_much(sender: Sender) -> None:
    def behave(connection: socket.socket) -> None:
        read_head(connection)
        for _ in count():
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")

    with Host(behave) as host:
        outcome = sender.send(Call("GET", host.url, timeout_s=2))
    fails(outcome, "too-large", "more than 16 KiB of headers")


def test_no_one_listens(sender: Sender) -> None:
    with Host(answering(NO_CONTENT)) as host:
        port = host.port
    failure = fails(sender.send(Call("GET", f"http://127.0.0.1:{port}/")), "connect", "refused the connection")
    assert f"127.0.0.1 port {port}" in failure.message


def test_every_address_refuses_and_the_first_is_reported() -> None:
    names = Names({"api.test": ["127.0.0.8", "127.0.0.9"]})
    with Sender(OPEN, names.resolver) as sender:
        outcome = sender.send(Call("GET", "http://api.test:1/"))
    fails(outcome, "connect", "api.test port 1 (at 127.0.0.8) refused the connection")


def test_no_connection_comes_about_in_time(sender: Sender) -> None:
    with full("127.0.0.1") as port:
        outcome = sender.send(Call("GET", f"http://127.0.0.1:{port}/", timeout_s=10, connect_timeout_s=0.3))
    assert not fails(outcome, "timeout", "accepted no connection within").accepted


def test_a_tls_handshake_that_never_ends_holds_no_one_else(authority: Authority, trusting: Guard) -> None:
    """Calls that wait for a handshake under way, to share its connection, wait no longer than their own time."""
    with Host(silent) as host:
        with Host(answering(NO_CONTENT), certificate=authority.issue("127.0.0.1")) as good, Sender(trusting) as sender:
            stuck = [Call("GET", f"https://127.0.0.1:{host.port}/", connect_timeout_s=0.4)] * 5
            begun = time.monotonic()
            *outcomes, reply = sender.send_many([*stuck, Call("GET", good.url)])
            assert time.monotonic() - begun < 2
    assert not isinstance(reply, Failure), reply
    for outcome in outcomes:
        fails(outcome, "timeout", "")
    fails(outcomes[0], "timeout", "did not finish the TLS handshake within")


def test_a_name_that_does_not_exist() -> None:
    with Sender(OPEN, Names({}).resolver) as sender:
        fails(sender.send(Call("GET", "http://gone.test/")), "resolve", "DNS has no address for gone.test")


def test_a_name_without_addresses() -> None:
    with Sender(OPEN, Names({"empty.test": []}).resolver) as sender:
        fails(sender.send(Call("GET", "http://empty.test/")), "resolve", "empty.test has no address")


def test_a_dead_kept_connection_is_replaced(sender: Sender) -> None:
    """A host that closes idle connections is not down."""
    with Host(once(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as host:
        outcomes = [sender.send(Call("GET", host.url)) for _ in range(3)]
        assert not [outcome for outcome in outcomes if isinstance(outcome, Failure)]
        assert host.connections == 3
