"""Servers of the outside world: an HTTP server with configurable answers, and a mail server. Both keep requests."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.servers import until

ALLOWED = "127.0.0.2"
"""The only address of this machine, apart from those of its demo, that the running dashboard `up` may call."""


@dataclass(frozen=True)
class Got:
    """A request that came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Give:
    """An answer; `after` seconds of silence, then `status`."""

    status: int = 204
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    after: float = 0


@dataclass
class HttpSink:
    """An HTTP server on loopback. `answer` decides; by default 204 to everything."""

    answer: Callable[[Got], Give] = field(default=lambda got: Give())
    received: list[Got] = field(default_factory=list)
    url: str = ""

    def answer_in_turn(self, *answers: Give) -> None:
        """Give these answers one after the other, the last of them from then on."""
        left = list(answers)
        self.answer = lambda got: left.pop(0) if len(left) > 1 else left[0]

    def wait_for(self, count: int, seconds: float = 15) -> list[Got]:
        """The requests, once there are `count` of them."""
        until(lambda: len(self.received) >= count, f"{count} requests have come in", seconds)
        return self.received


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: HttpSink

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        got = Got(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        self.sink.received.append(got)
        give = self.sink.answer(got)
        if give.after:
            time.sleep(give.after)
        try:
            self.send_response_only(give.status)
            for name, value in give.headers:
                self.send_header(name, value)
            if give.status != 204:
                self.send_header("Content-Length", str(len(give.body)))
            self.end_headers()
            self.wfile.write(give.body)
        except OSError:
            self.close_connection = True  # The caller had no patience.

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Five by default: of more that connect at once, some would wait for seconds.
    request_queue_size = 200

    def handle_error(self, *_: Any) -> None:
        """Be quiet about a caller that broke off."""


def http_sink(address: str = "127.0.0.1") -> Iterator[HttpSink]:
    """A running HttpSink."""
    sink = HttpSink()
    server = _Server((address, 0), type("Handler", (_Handler,), {"sink": sink}))
    sink.url = f"http://{address}:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook_sink() -> Iterator[HttpSink]:
    """Where a webhook channel can send to."""
    yield from http_sink()


@pytest.fixture
def allowed_webhook_sink() -> Iterator[HttpSink]:
    """Where the running dashboard `up` may send to."""
    yield from http_sink(ALLOWED)


@pytest.fixture
def http_origin() -> Iterator[HttpSink]:
    """A web server of someone else's: the site that a page comes from, or a host to probe."""
    yield from http_sink()


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    """Lets probes and webhooks go to this machine, which the guard of `outbound` refuses otherwise."""
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]


@dataclass
class SmtpSink:
    """A mail server on loopback that keeps every message; with `refuses` set, that is its answer to every recipient."""

    received: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""
    port: int = 0

    def wait_for(self, count: int, seconds: float = 15) -> list[EmailMessage]:
        """The messages, once there are `count` of them."""
        until(lambda: len(self.received) >= count, f"{count} messages have come in", seconds)
        return self.received


def plain(message: EmailMessage, kind: str = "plain") -> str:
    """The text of a mail, or with "html" its HTML."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class _Mail(socketserver.StreamRequestHandler):
    sink: SmtpSink

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            match line[:4].upper().strip():
                case b"EHLO" | b"HELO":
                    self._say("250 sink")
                case b"RCPT" if self.sink.refuses:
                    self._say(self.sink.refuses)
                case b"DATA":
                    self._say("354 go on")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    body = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
                    self.sink.received.append(message_from_bytes(body, policy=policy.default))
                    self._say("250 taken")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 yes")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[SmtpSink]:
    """A mail server, and Django set to send through it."""
    sink = SmtpSink()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Mail", (_Mail,), {"sink": sink}))
    server.daemon_threads = True
    sink.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    settings.MAILERS = {
        "default": {
            "BACKEND": "apis.outbound.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": sink.port, "timeout": 5},
        }
    }
    yield sink
    server.shutdown()
    server.server_close()
