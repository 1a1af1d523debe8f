"""The far side: a web server that keeps what is posted to it, and a mail server that keeps what is sent to it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass
class Post:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebSink:
    """Answers every POST with `status` and `answer_headers`; `posts` are those that came."""

    port: int = 0
    status: int = 204
    answer_headers: dict[str, str] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def web_sink() -> Iterator[WebSink]:
    """A web server on a free port."""
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.posts.append(Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(sink.status)
            for name, value in sink.answer_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield sink
        server.shutdown()


@dataclass
class MailSink:
    """Takes every message, or refuses each recipient with `refuse`."""

    port: int = 0
    refuse: str = ""
    messages: list[EmailMessage] = field(default_factory=list)


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server on a free port that speaks just enough SMTP."""
    sink = MailSink()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 sink")
            while line := self.rfile.readline():
                verb = line.split()[0].upper() if line.strip() else b""
                if verb == b"QUIT":
                    return self.say("221 bye")
                if verb == b"RCPT" and sink.refuse:
                    self.say(sink.refuse)
                elif verb == b"DATA":
                    self.say("354 go on")
                    sink.messages.append(self.read_message())
                    self.say("250 kept")
                else:
                    self.say("250 fine")

        def read_message(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            return cast(EmailMessage, message_from_bytes(b"".join(lines), policy=policy.default))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield sink
        server.shutdown()
