"""The ASGI application: it reads a whole request, then lends it a thread, and sends without one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.urls import get_resolver

from apis.management.web import limits
from apis.management.web.connection import REGISTRY, Connection, watch
from apis.management.web.limits import Busy, Client, client_key
from apis.management.web.stream import Gone, Stream
from apis.rest.waiting import DEFERS, RESUMED, WAIT, Wait
from corsdash.hosts import HEALTH_CHECKS
from corsdash.memory import spare_loaded

log = logging.getLogger(__name__)
_SWITCH_SECONDS = 0.001
_WHOLE = 2**20

type Headers = list[tuple[bytes, bytes]]
type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[Any]]
type Send = Callable[[Any], Awaitable[None]]
type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TooLarge:
    """Stand in for a body that is too large: reading it raises, so that Django answers 413."""

    def read(self, *_: int) -> bytes:
        """Raise RequestDataTooBig."""
        raise RequestDataTooBig("The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.")

    readline = read


@dataclass(frozen=True)
class Body:
    """What a request carries: its length as Django shall see it, and where Django reads it."""

    length: int
    stream: BytesIO | TooLarge

    def again(self) -> Body:
        """Return the same body, unread."""
        stream = self.stream
        return Body(self.length, BytesIO(stream.getvalue()) if isinstance(stream, BytesIO) else stream)


@dataclass(frozen=True)
class Answer:
    """A response: its status, its headers, and its body or the rest of it."""

    status: int
    headers: Headers
    body: bytes | Stream


class Application:
    """Django behind a buffer: slow clients hold memory within limits, never a thread."""

    def __init__(self, wsgi: Wsgi) -> None:
        self._wsgi = wsgi
        self._pool = ThreadPoolExecutor(limits.THREADS, "web")
        # Anyone who asks whether corsdash works gets an answer, whatever the other threads do.
        self._health_pool = ThreadPoolExecutor(1, "health")
        # Looks for requests that wait for a worker: each takes a moment and must not wait for a turn.
        self._waits = ThreadPoolExecutor(2, "waits")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                with REGISTRY.request(_client(scope)) as client:
                    await self._serve(scope, receive, send, client)
            except Busy:
                await _send_busy(send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, client: Client) -> None:
        connection: Connection = scope["state"]["connection"]
        buffered = 0

        def keep(size: int) -> None:
            nonlocal buffered
            buffered += size
            REGISTRY.buffer(client, size)

        try:
            body = await _read(scope, receive, keep)
            if body is None:
                return
            answer = await self._answer(_environ(scope, body), client, connection)
            if isinstance(answer, Wait):
                # No thread is held meanwhile. Django then gets the same request again, with what it needs to go on.
                await self._outlast(answer, connection)
                environ = _environ(scope, body.again()) | {RESUMED: answer.state}
                answer = await self._answer(environ, client, connection)
        finally:
            REGISTRY.buffer(client, -buffered)
        if isinstance(answer, Answer):
            if isinstance(body.stream, TooLarge):
                connection.linger()
            await _send(answer, send, connection)

    async def _outlast(self, wait: Wait, connection: Connection) -> None:
        """Wait until it is over, its deadline has passed or the client is gone."""
        loop = asyncio.get_running_loop()
        for pause in wait.pauses():
            await asyncio.sleep(pause)
            if connection.gone or await loop.run_in_executor(self._waits, wait.is_over):
                return

    async def _answer(self, environ: dict[str, Any], client: Client, connection: Connection) -> Answer | Wait | None:
        """Let a thread work; None when the client is gone before its turn. Raises Busy when its turn never comes."""
        loop = asyncio.get_running_loop()
        first: asyncio.Future[Answer | Wait | None] = loop.create_future()
        if environ["PATH_INFO"] in HEALTH_CHECKS:
            self._health_pool.submit(self._work, environ, loop, first, connection, lambda: None)
            return await first
        try:
            async with asyncio.timeout(limits.TURN_SECONDS):
                await client.turns.acquire()
        except TimeoutError:
            raise Busy from None
        if connection.gone:
            client.turns.release()
            return None
        self._pool.submit(self._work, environ, loop, first, connection, client.turns.release)
        return await first

    def _work(
        self,
        environ: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        first: asyncio.Future[Answer | Wait | None],
        connection: Connection,
        done: Callable[[], None],
    ) -> None:
        """Call Django in a thread; `first` gets the response as soon as it has begun."""

        def settle(answer: Answer | Wait | None) -> None:
            if not first.done():
                first.set_result(answer)

        def fail(error: BaseException) -> None:
            if not first.done():
                first.set_exception(error)

        try:
            if not connection.gone:
                self._call(environ, connection, lambda answer: loop.call_soon_threadsafe(settle, answer), loop)
            else:
                loop.call_soon_threadsafe(settle, None)
        except BaseException as error:
            loop.call_soon_threadsafe(fail, error)
        finally:
            loop.call_soon_threadsafe(done)

    def _call(
        self,
        environ: dict[str, Any],
        connection: Connection,
        settle: Callable[[Answer | Wait], object],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        began: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            pairs = [(name.encode("latin-1").lower(), value.encode("latin-1")) for name, value in headers]
            began.append((int(status[:3]), pairs))

        response = self._wsgi(environ, start_response)
        try:
            [(status, headers)] = began
            if wait := getattr(response, WAIT, None):
                settle(wait)
                return
            if not getattr(response, "streaming", False) or _length(headers) <= _WHOLE:
                settle(Answer(status, headers, b"".join(response)))
                return
            stream = Stream(loop, lambda: connection.gone)
            settle(Answer(status, headers, stream))
            try:
                for chunk in response:
                    stream.write(chunk)
            except Gone:
                pass
            except Exception:
                log.exception("A response was interrupted")
                loop.call_soon_threadsafe(connection.drop)
            finally:
                stream.end()
        finally:
            if close := getattr(response, "close", None):
                close()

    async def _live(self, receive: Receive, send: Send) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)  # The event loop waits for the interpreter's lock at every turn.
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            watching.cancel()
        await send({"type": "lifespan.shutdown.complete"})


def build() -> Application:
    """Return the application for uvicorn."""
    from corsdash.wsgi import application

    # All pages, which the first request would load. Going through them again stopped every thread for 0.1 s at times.
    _ = get_resolver().url_patterns
    spare_loaded()
    return Application(application)


def _client(scope: Scope) -> str:
    """Return who asks: behind a proxy the last address it forwards, else the peer."""
    if settings.CORSDASH_BEHIND_PROXY:
        for name, value in reversed(scope["headers"]):
            if name == b"x-forwarded-for":
                return client_key(value.decode("latin-1").rpartition(",")[2].strip())
    peer = scope["client"]
    return client_key(peer[0] if peer else "")


async def _read(scope: Scope, receive: Receive, keep: Callable[[int], None]) -> Body | None:
    """Read the body; None when the client is gone. What is too large is not read, and is never asked for by 100."""
    largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or limits.MESSAGE_BYTES
    if (length := _length(scope["headers"], 0)) > largest:
        return Body(length, TooLarge())
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk = message["body"]
        keep(len(chunk))
        size += len(chunk)
        if size > largest:
            return Body(size, TooLarge())
        chunks.append(chunk)
        if not message["more_body"]:
            return Body(size, BytesIO(b"".join(chunks)))


def _environ(scope: Scope, body: Body) -> dict[str, Any]:
    """Return the request in WSGI's terms (PEP 3333)."""
    server, peer = scope["server"] or ("", None), scope["client"]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "REMOTE_ADDR": peer[0] if peer else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body.stream,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        DEFERS: True,
    }
    several: dict[str, list[str]] = {}
    for raw_name, value in scope["headers"]:
        # With an underscore it would pass for the header with a hyphen that a proxy sets.
        if b"_" not in raw_name:
            several.setdefault(raw_name.decode("latin-1"), []).append(value.decode("latin-1"))
    for name, values in several.items():
        key = name.upper().replace("-", "_")
        joined = ("; " if name == "cookie" else ",").join(values)
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = joined
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(body.length)
    return environ


async def _send(answer: Answer, send: Send, connection: Connection) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if isinstance(answer.body, bytes):
        connection.sent += len(answer.body)
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})
        return
    with contextlib.closing(answer.body):
        while piece := await answer.body.read():
            if connection.gone:
                return
            connection.sent += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_busy(send: Send) -> None:
    text = b"Too many requests at once. Try again in a few seconds.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"retry-after", b"5"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": False})


def _length(headers: Iterable[tuple[bytes, bytes]], default: int = sys.maxsize) -> int:
    """Return the Content-Length."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return default
