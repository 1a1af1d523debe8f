"""Exchanges as they are stored: once per distinct one, without the values of headers that differ every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from apis.cors.exchange import Exchange, Headers, Verdict

_VARYING = re.compile(
    r"(date|age|expires|last-modified|etag|content-length|set-cookie|server-timing|traceparent|tracestate|cf-ray)"
    r"|.*(request-?id|requestid|trace-?id|correlation-?id|amz-id-2|apigw-id|cf-id|nonce|timestamp)"
    r"|.*(runtime|response-time|x-timer|served-by|rate-?limit-(remaining|reset)|cache-hits)"
)
_FIXED = ("access-control-", "vary")
_request = attrgetter("origin", "url", "method", "headers", "credentials", "mode")
_verdict = attrgetter(
    "needs_preflight", "allowed", "code", "reason", "exposed", "parameter", "notes", "messages",
)  # fmt: skip


class Content:
    """What a run got, with the values of its varying headers set apart; `digest` is the same for the same content.

    Most runs repeat the last one: what is stored then already is not put together.
    """

    __slots__ = ("_exchange", "_verdict", "configuration", "digest", "error", "varying")

    def __init__(
        self, exchange: Exchange | None, verdict: Verdict | None, error: str, configuration: int | None
    ) -> None:
        self._exchange = exchange
        self._verdict = verdict
        self.error = error
        self.configuration = configuration
        self.varying: list[str] = []
        answers = [exchange.preflight, exchange.response] if exchange else []
        for redirect in exchange.redirects if exchange else ():
            answers += [redirect.answer, redirect.preflight]
        got = [answer and (answer.status, self._fixed(answer.headers)) for answer in answers]
        asked = exchange and _request(exchange.request)
        text = repr((asked, got, verdict and _verdict(verdict), error, configuration))
        self.digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()

    def _fixed(self, headers: Headers) -> list[tuple[str, str | None]]:
        """Return header lines without the values that vary, which are set apart."""
        fixed: list[tuple[str, str | None]] = []
        for line in headers:
            if is_varying(line[0]):
                self.varying.append(line[1])
                fixed.append((line[0], None))
            else:
                fixed.append(line)
        return fixed

    @property
    def exchange(self) -> dict[str, Any] | None:
        """The exchange as it is stored: varying headers have no value."""
        exchange = self._exchange.as_json() if self._exchange else None
        for pair in _headers(exchange):
            if is_varying(pair[0]):
                pair[1] = None
        return exchange

    @property
    def verdict(self) -> dict[str, Any] | None:
        """The verdict as it is stored."""
        return self._verdict.as_json() if self._verdict else None


def join(exchange: dict[str, Any] | None, varying: list[str] | None) -> dict[str, Any] | None:
    """Return a stored exchange with the values of its varying headers; without these headers where none are kept."""
    if exchange is None:
        return None
    whole: dict[str, Any] = json.loads(json.dumps(exchange))
    values = iter(varying or ())
    for pair in _headers(whole):
        if pair[1] is None:
            pair[1] = next(values, None)
    for answer in _answers(whole):
        answer["headers"] = [pair for pair in answer["headers"] if pair[1] is not None]
    return whole


@lru_cache(4096)
def is_varying(name: str) -> bool:
    """Return whether a response header has another value every time. Those that decide about CORS never count."""
    name = name.lower()
    return not name.startswith(_FIXED) and _VARYING.fullmatch(name) is not None


def _answers(exchange: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if exchange is None:
        return
    redirects = exchange.get("redirects", [])
    parts = [exchange["preflight"], exchange["response"]]
    for part in (*parts, *(redirect.get(name) for redirect in redirects for name in ("answer", "preflight"))):
        if part:
            yield part


def _headers(exchange: dict[str, Any] | None) -> Iterator[list[Any]]:
    for answer in _answers(exchange):
        yield from answer["headers"]
