"""One connection: uvicorn's protocol with deadlines and sizes."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from apis.management.web import limits
from apis.management.web.limits import Registry, client_key

log = logging.getLogger(__name__)
REGISTRY = Registry()
_TICK = 0.5


class TooLarge(Exception):
    """The head of a request is too large."""


class Connection(HttpToolsProtocol):
    """A connection that ends when its client is too slow, sends too much or is gone."""

    _in_head = True
    _head_size = 0
    _message_size = 0
    _idle_since: float | None = None
    _send_mark: tuple[float, int] | None = None
    _linger_until: float | None = None
    sent = 0
    """Response bytes passed to the transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection; the head of the first request is due from now on."""
        super().connection_made(transport)
        self.client_key = client_key(self.client[0] if self.client else "")
        self._reading_since: float | None = self.loop.time()
        self._made_at = self.loop.time()
        # Behind a proxy all clients share the proxy's connections.
        REGISTRY.add(self, None if settings.CORSDASH_BEHIND_PROXY else limits.CONNECTIONS_PER_CLIENT)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free all that the client held."""
        super().connection_lost(exc)
        REGISTRY.discard(self)

    @property
    def gone(self) -> bool:
        """Whether no one will read a response."""
        return self.transport.is_closing()

    @property
    def rank(self) -> tuple[bool, float]:
        """Whether a response is under way, and since when the connection does what it does."""
        return self._is_answering, self._reading_since or self._idle_since or self._made_at

    def linger(self) -> None:
        """Take the rest of a refused body before closing: a client that still sends would lose the response.

        For LINGER_SECONDS at most; see RFC 9112, section 9.6.
        """
        if self._reading_since is not None:
            self.cycle.keep_alive = True
            self._linger_until = self.loop.time() + limits.LINGER_SECONDS

    def drop(self) -> None:
        """Close the connection at once, without sending what is left."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on; the first byte of a request starts its deadline."""
        if self._reading_since is None:
            self._start_message()
        self._message_size += len(data)
        super().data_received(data)
        if self.gone:
            return
        if self._in_head and self._message_size > limits.HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._message_size > limits.MESSAGE_BYTES:
            self.drop()

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        if not self._in_head:
            self._start_message()

    def on_url(self, url: bytes) -> None:
        """Keep the URL, up to a size."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, up to a size. Trailers are ignored: no proxy has checked them."""
        if self._in_head:
            self._count_head(len(name) + len(value))
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the deadline of the body."""
        self._in_head = False
        self._reading_since = self.loop.time()
        self.scope["state"]["connection"] = self
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the deadline: from now on the client waits for us."""
        self._reading_since = None
        super().on_message_complete()
        if self._linger_until is not None:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has too large a head."""
        if self._head_size > limits.HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            self._refuse(HTTPStatus.BAD_REQUEST)

    def check(self, now: float) -> None:
        """End the connection when a deadline has passed."""
        if self._sends_too_slowly(now):
            self.drop()
        elif self.gone:
            return
        elif self._linger_until is not None:
            if now > self._linger_until:
                self.transport.close()
        elif self._reading_since is not None:
            seconds = limits.HEAD_SECONDS if self._in_head else limits.BODY_SECONDS
            # What we do not read ourselves, of a next request, is not late.
            if now - self._reading_since > seconds and not self.flow.read_paused:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._is_answering:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > self._idle_seconds:
            self.transport.close()

    @property
    def _is_answering(self) -> bool:
        return self._reading_since is None and self.cycle is not None and not self.cycle.response_complete

    @property
    def _idle_seconds(self) -> float:
        return limits.IDLE_SECONDS_OF_A_PROXY if settings.CORSDASH_BEHIND_PROXY else limits.IDLE_SECONDS

    def _start_message(self) -> None:
        self._reading_since, self._idle_since = self.loop.time(), None
        self._in_head, self._head_size, self._message_size = True, 0, 0

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > limits.HEAD_BYTES:
            raise TooLarge

    def _sends_too_slowly(self, now: float) -> bool:
        waiting = self.transport.get_write_buffer_size()
        taken = self.sent - waiting
        if not waiting:
            self._send_mark = None
        elif self._send_mark is None or taken - self._send_mark[1] >= limits.SEND_BYTES:
            self._send_mark = now, taken
        else:
            return now - self._send_mark[0] > limits.SEND_SECONDS
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            text = f"{status.phrase}\n".encode()
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
            self.transport.write(f"{head}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text)
        self.transport.close()


async def watch() -> None:
    """Check the deadlines of all connections, for ever."""
    clock = asyncio.get_running_loop().time
    while True:
        await asyncio.sleep(_TICK)
        now = clock()
        for connection in REGISTRY.all_connections():
            try:
                connection.check(now)
            except Exception:
                log.exception("A connection could not be checked")
                connection.drop()
