"""The web server: slow, endless and vanished clients hold no thread, and nothing for long."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from apis.management.web import limits
from tests.support.servers import until
from tests.support.web import Site, answer, closed, running_site

pytestmark = pytest.mark.once
MORE_THAN_THREADS = limits.THREADS + 2
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
SLOW = {
    "no body": POST + b"Content-Length: 100000\r\n\r\n",
    "half a body": POST + b"Content-Length: 100000\r\n\r\nhalf",
    "half a head": b"GET / HTTP/1.1\r\nHost: local",
    "nothing": b"",
    "chunks without an end": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "an expected body that never comes": POST + b"Content-Length: 10\r\nExpect: 100-continue\r\n\r\n",
}


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server with its usual limits."""
    with running_site() as running:
        yield running


@pytest.mark.parametrize("sent", SLOW.values(), ids=list(SLOW))
def test_slow_requests_take_no_thread_and_end(site: Site, monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """More of them than threads: others are served at once, and the server closes them."""
    slow = [site.connect(sent) for _ in range(MORE_THAN_THREADS)]
    until(lambda: site.open_connections == len(slow), "all are connected")
    assert site.get("/page")["PATH_INFO"] == "/page"
    assert site.calls == 1
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.2)
    until(lambda: all(closed(client) for client in slow), "the server has closed them")
    until(lambda: site.open_connections == 0, "nothing is kept for them")
    assert site.registry.clients == {}
    assert site.registry.buffered == 0


def test_a_byte_now_and_then_does_not_extend_a_deadline(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of a head, header line by header line, nor of a body."""
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    for start, more in ((b"GET / HTTP/1.1\r\n", b"X-Line: 1\r\n"), (SLOW["half a body"], b"x")):
        client = site.connect(start)

        def refused(client: socket.socket = client, more: bytes = more) -> bool:
            try:
                client.sendall(more)
            except ConnectionError:
                return True
            return False

        until(refused, "the server has closed it", 10)


def test_idle_connections_end(site: Site, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has had its response, and one whose refused body was read to its end."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    # Sent in one piece: nothing of the body is left to take when it is refused.
    for request in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", POST + b"Content-Length: 20\r\n\r\n" + b"x" * 20):
        client = site.connect(request)
        assert answer(client)[0] in (200, 413)
        assert not closed(client)
        with monkeypatch.context() as patched:
            patched.setattr(limits, "IDLE_SECONDS", 0.2)
            until(partial(closed, client), "the server has closed it")
    until(lambda: site.open_connections == 0, "nothing is kept for them")


@pytest.mark.parametrize("query", ["large=400", "stream=400"])
def test_slow_readers_take_no_thread_and_end(site: Site, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    """25 MB that no one takes: the threads are free, and then the memory is."""
    request = f"GET /?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    slow = [site.connect(request, receive_buffer=4096) for _ in range(MORE_THAN_THREADS)]
    until(lambda: site.calls == len(slow), "all are answered")
    assert site.get("/page")["PATH_INFO"] == "/page"
    until(lambda: all(stream.closed.is_set() for stream in site.streams), "the threads are done")
    monkeypatch.setattr(limits, "SEND_SECONDS", 0.2)
    until(lambda: site.registry.clients == {}, "the server has closed them and keeps nothing for them")


def test_a_stream_arrives_whole(site: Site) -> None:
    """Also when it is much larger than what is kept in memory, and for a client that reads slowly at first."""
    with site.connect(b"GET /?stream=100 HTTP/1.0\r\n\r\n", receive_buffer=4096) as client:
        until(lambda: site.streams and site.streams[0].closed.is_set(), "the thread is done")
        received = 0
        while data := client.recv(2**20):
            received += data.count(b"x")
    assert received == 100 * 65536


def test_a_stream_ends_with_its_client(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that writes without end stops when no one reads any more."""
    client = site.connect(b"GET /?stream=1000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n", receive_buffer=4096)
    until(lambda: site.streams, "it has begun")
    client.close()
    until(lambda: site.streams[0].closed.is_set(), "the thread is free")
    until(lambda: site.registry.clients == {}, "nothing is kept for it")


def test_many_idle_connections_of_one_client(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest idle one gives way to each new one; one that waits for its response does not."""
    monkeypatch.setattr(limits, "CONNECTIONS_PER_CLIENT", 10)
    busy = site.connect(b"GET /?wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until(lambda: site.calls == 1, "it is being worked on")
    idle = [site.connect(SLOW["half a head"]) for _ in range(12)]
    until(lambda: closed(idle[2]), "the third is closed")
    assert [closed(client) for client in idle] == [True] * 3 + [False] * 9
    assert site.get("/page")["PATH_INFO"] == "/page"
    site.release.set()
    assert answer(busy)[0] == 200


def test_many_connections_of_all_clients(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Descriptors never run out: the client with the most connections loses its oldest."""
    monkeypatch.setattr(site.registry, "most_connections", 5)
    idle = [site.connect(SLOW["nothing"]) for _ in range(8)]
    until(lambda: closed(idle[2]), "the third is closed")
    assert site.get("/page")["PATH_INFO"] == "/page"


def test_one_client_leaves_threads_to_others(site: Site, settings: Any) -> None:
    """However many requests it has at work; behind a proxy a client is the last address that was forwarded."""
    settings.CORSDASH_BEHIND_PROXY = True
    wait = b"GET /?wait HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.9, 192.0.2.1\r\n\r\n"
    held = [site.connect(wait) for _ in range(MORE_THAN_THREADS)]
    until(lambda: site.calls == limits.THREADS_PER_CLIENT, "it has all the threads it may have")
    shown = site.get("/page", "X-Forwarded-For: 192.0.2.2")
    assert (shown["REMOTE_ADDR"], shown["HTTP_X_FORWARDED_FOR"]) == ("127.0.0.1", "192.0.2.2")
    site.release.set()
    assert [answer(client)[0] for client in held] == [200] * len(held)


def test_one_client_has_so_many_requests_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """More are refused, and bodies that are kept for it are bounded."""
    monkeypatch.setattr(limits, "REQUESTS_PER_CLIENT", 2)
    waiting = [site.connect(SLOW["no body"]) for _ in range(2)]
    until(lambda: sum(client.requests for client in site.registry.clients.values()) == 2, "two wait")
    assert site.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 503
    for client in waiting:
        client.close()
    until(lambda: site.open_connections == 0, "both are gone")
    monkeypatch.setattr(limits, "BODIES_PER_CLIENT", 1000)
    assert site.ask(POST + b"Content-Length: 2000\r\n\r\n" + b"x" * 2000)[0] == 503
    assert site.get("/page")["PATH_INFO"] == "/page"
    assert site.registry.buffered == 0


def test_who_waited_too_long_for_a_thread_is_shown_to_try_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the health page has a thread of its own."""
    monkeypatch.setattr(limits, "TURN_SECONDS", 0.2)
    wait = b"GET /?wait HTTP/1.1\r\nHost: localhost\r\n\r\n"
    held = [site.connect(wait) for _ in range(limits.THREADS_PER_CLIENT)]
    until(lambda: site.calls == len(held), "they are being worked on")
    assert site.ask(wait)[0] == 503
    assert site.get("/api/v1/health")["PATH_INFO"] == "/api/v1/health"


def test_a_client_that_left_before_its_turn_costs_no_work(site: Site) -> None:
    """Its request is not worked on."""
    wait = b"GET /?wait HTTP/1.1\r\nHost: localhost\r\n\r\n"
    held = [site.connect(wait) for _ in range(limits.THREADS_PER_CLIENT)]
    until(lambda: site.calls == len(held), "they are being worked on")
    gone = site.connect(wait)
    until(lambda: any(client.requests == len(held) + 1 for client in site.registry.clients.values()), "it waits")
    gone.close()
    until(lambda: site.open_connections == len(held), "it has left")
    site.release.set()
    until(lambda: all(client.requests == 0 for client in site.registry.clients.values()), "all are done")
    assert site.calls == len(held)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + b"X-Line: 1\r\n" * 10_000,
        b"GET /?" + b"a" * 100_000 + b" HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
    ids=["lines", "url", "line"],
)
def test_a_head_without_end(site: Site, head: bytes) -> None:
    """431, wherever it is too long."""
    assert site.ask(head)[0] == 431
    assert site.calls == 0


def test_what_is_no_http(site: Site) -> None:
    """400, and two lengths are no HTTP."""
    assert site.ask(b"HELLO\r\n\r\n")[0] == 400
    assert site.ask(POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")[0] == 400


def test_a_body_that_is_too_large(site: Site) -> None:
    """413: by its stated length without asking for it, by what came of chunks without an end."""
    assert site.ask(POST + b"Content-Length: 3000000\r\nExpect: 100-continue\r\n\r\n")[0] == 413
    assert site.ask(POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"186A0\r\n%b\r\n" % (b"x" * 100_000) * 30)[0] == 413


def test_who_sends_a_body_that_is_too_large_reads_the_response(site: Site) -> None:
    """Also one that sends all of it first, and ends the connection with it; the rest is taken, up to a size."""
    with site.connect() as client:
        client.sendall(POST + b"Connection: close\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 8_000_000)
        assert answer(client)[0] == 413
        until(lambda: closed(client), "the connection ends with the body")


def test_a_body_is_asked_for_when_it_is_expected(site: Site) -> None:
    """`Expect: 100-continue` is answered with 100, and then with the response."""
    with site.connect(POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n") as client:
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        status, body = answer(client)
    assert (status, json.loads(body)["body"]) == (200, 5)


def test_headers_that_pretend_to_be_a_proxys(site: Site) -> None:
    """An underscore is no hyphen, and a trailer is no header."""
    assert "HTTP_X_FORWARDED_FOR" not in site.get("/", "X_Forwarded_For: 192.0.2.1")
    chunked = b"Transfer-Encoding: chunked\r\nTrailer: X-Forwarded-For\r\n\r\n"
    status, body = site.ask(POST + chunked + b"1\r\nx\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
    shown = json.loads(body)
    assert (status, shown["body"], shown["CONTENT_LENGTH"]) == (200, 1, "1")
    assert "HTTP_X_FORWARDED_FOR" not in shown


def test_requests_arrive_as_they_were_sent(site: Site) -> None:
    """Path and query byte by byte, repeated headers joined, one connection for several requests."""
    request = (
        b"GET /%C3%A9%ff?a=%20b HTTP/1.1\r\nHost: localhost:1\r\nCookie: a=1\r\nCookie: b=2\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
    )
    with site.connect(request) as client:
        first = answer(client)[1]
        client.sendall(request)
        shown = json.loads(answer(client)[1])
        assert json.loads(first)["PATH_INFO"] == shown["PATH_INFO"]
    assert shown["PATH_INFO"].encode("latin-1") == b"/\xc3\xa9\xff"
    assert (shown["QUERY_STRING"], shown["HTTP_HOST"]) == ("a=%20b", "localhost:1")
    assert (shown["HTTP_COOKIE"], shown["HTTP_X_A"]) == ("a=1; b=2", "1,2")


def test_a_network_of_ipv6_is_one_client() -> None:
    """Its /64; an address of IPv4 is the same in both writings."""
    assert limits.client_key("2001:db8::1") == limits.client_key("2001:db8::ffff:2")
    assert limits.client_key("2001:db8::1") != limits.client_key("2001:db8:0:1::1")
    assert limits.client_key("::ffff:192.0.2.1") == limits.client_key("192.0.2.1")
