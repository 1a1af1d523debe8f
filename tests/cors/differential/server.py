"""A local HTTP server that plays the answers of exchanges, byte for byte, and keeps what the browser sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from apis.cors.exchange import Answer, Exchange

PAGE = b"<!doctype html><meta charset=utf-8><title>Differential</title>"


@dataclass(slots=True)
class Played:
    """One exchange on its way: the exchange with its real URLs, and the requests that came, in order."""

    exchange: Exchange
    requests: list[Sent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it arrived; `hop` is 0 for the first URL, then one more for each redirect."""

    hop: int
    method: str
    headers: dict[str, str]

    @property
    def is_preflight(self) -> bool:
        """Whether the browser asks for permission."""
        return self.method == "OPTIONS" and "access-control-request-method" in self.headers


class Server:
    """Answers `/NUMBER[/HOP]` from `played`; `/page` and `/sandboxed` are pages, the latter of an opaque origin."""

    def __init__(self) -> None:
        self.played: dict[str, Played] = {}
        self.port = 0

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                start, *lines = head.split("\r\n")
                method, path, _ = start.split(" ", 2)
                if "://" in path:  # as browsers ask a proxy
                    path = "/" + path.split("/", 3)[3]
                sent = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
                }
                await reader.readexactly(int(sent.get("content-length", 0)))
                writer.write(self._answer(method, path, sent))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, path: str, sent: dict[str, str]) -> bytes:
        if path in ("/page", "/sandboxed"):
            policy = b"Content-Security-Policy: sandbox allow-scripts\r\n" if path == "/sandboxed" else b""
            length = b"Content-Length: %d\r\n\r\n" % len(PAGE)
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + policy + length + PAGE
        number, _, hop = path.strip("/").partition("/")
        played = self.played.get(number)
        if played is None or not (hop or "0").isdigit():
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        request = Sent(int(hop or 0), method, sent)
        played.requests.append(request)
        return _wire(_planned(played.exchange, request), method)


def _planned(exchange: Exchange, sent: Sent) -> Answer:
    """The answer that the exchange has for a request."""
    redirects = exchange.redirects
    if sent.is_preflight:
        answer = exchange.preflight if sent.hop == 0 else redirects[min(sent.hop, len(redirects)) - 1].preflight
    else:
        answer = redirects[sent.hop].answer if sent.hop < len(redirects) else exchange.response
    return answer or Answer(599)


def _wire(answer: Answer, method: str) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in answer.headers), "", ""]
    body = b"" if method == "HEAD" or answer.get("content-length") is None else b"ok"
    return "\r\n".join(lines).encode("latin-1") + body
