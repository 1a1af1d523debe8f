"""The web server with a small application behind it, and raw connections to it."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import RequestDataTooBig

from apis.management.web import connection as connections
from apis.management.web import server
from apis.management.web.application import Application
from tests.support.servers import until

CHUNK = b"x" * 65536


class Streamed:
    """A response of unknown length, as Django's StreamingHttpResponse."""

    streaming = True

    def __init__(self, chunks: int) -> None:
        self.chunks, self.closed = chunks, threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.chunks):
            yield CHUNK

    def close(self) -> None:
        self.closed.set()


class Site:
    """A web server in a thread of this process, with an application that says what reached it."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.streams: list[Streamed] = []
        self.calls = 0
        self.registry = connections.REGISTRY
        self._server = server.Server(server.config(lambda: Application(self._wsgi), "127.0.0.1", 0))
        self._thread = threading.Thread(target=asyncio.run, args=[self._server.serve()])

    def start(self) -> None:
        self._thread.start()
        until(lambda: self._server.started, "the web server listens")
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.release.set()
        self._server.handle_exit(signal.SIGTERM, None)
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def open_connections(self) -> int:
        return self.registry.connections

    def connect(self, data: bytes = b"", receive_buffer: int = 0) -> socket.socket:
        """Open a connection and send `data`."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(10)
        client.connect(("127.0.0.1", self.port))
        client.sendall(data)
        return client

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send a request on a connection of its own; return the status and the body."""
        with self.connect(data) as client:
            return answer(client)

    def get(self, path: str, *headers: str) -> Any:
        """Return what the application says it was asked."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
        status, body = self.ask("\r\n".join(lines).encode())
        assert status == 200
        return json.loads(body)

    def _wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.calls += 1
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        if "wait" in query:
            self.release.wait(30)
        if "stream" in query:
            stream = Streamed(int(query["stream"][0]))
            self.streams.append(stream)
            start_response("200 OK", [])
            return stream
        if "large" in query:
            body = CHUNK * int(query["large"][0])
        else:
            shown = {name: value for name, value in environ.items() if isinstance(value, str)}
            try:
                body = json.dumps(shown | {"body": len(environ["wsgi.input"].read())}).encode()
            except RequestDataTooBig:
                start_response("413 Content Too Large", [("Content-Length", "0")])
                return [b""]
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@contextmanager
def running_site() -> Iterator[Site]:
    """A site with no clients yet."""
    connections.REGISTRY.clients.clear()
    connections.REGISTRY.connections = connections.REGISTRY.buffered = 0
    site = Site()
    site.start()
    try:
        yield site
    finally:
        site.stop()


def answer(client: socket.socket) -> tuple[int, bytes]:
    """Read one response; return its status and body. Raises ConnectionError when the connection ends before."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := client.recv(65536)):
            raise ConnectionError("closed")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length:" in line)
    while len(body) < length:
        body += client.recv(65536)
    return int(head.split()[1]), body


def closed(client: socket.socket) -> bool:
    """Whether the server has closed the connection; reads what it still sent."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True
