"""Exchanges as they are stored: once per distinct one, without the values of headers that differ every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

_VARYING = re.compile(
    r"(date|age|expires|last-modified|etag|content-length|set-cookie|server-timing|traceparent|tracestate|cf-ray)"
    r"|.*(request-?id|requestid|trace-?id|correlation-?id|amz-id-2|apigw-id|cf-id|nonce|timestamp)"
    r"|.*(runtime|response-time|x-timer|served-by|rate-?limit-(remaining|reset)|cache-hits)"
)
_encode = json.JSONEncoder(separators=(",", ":")).encode
_FIXED = ("access-control-", "vary")


@dataclass(frozen=True, slots=True)
class Content:
    """What a run got, with the values of its varying headers set apart; `digest` is the same for the same content."""

    exchange: dict[str, Any] | None
    verdict: dict[str, Any] | None
    error: str
    configuration: int | None
    varying: list[str]
    digest: bytes


def content_of(
    exchange: dict[str, Any] | None, verdict: dict[str, Any] | None, error: str, configuration: int | None
) -> Content:
    """Return an exchange as it is stored. Takes the values of varying headers out of it."""
    varying: list[str] = []
    for pair in _headers(exchange):
        if is_varying(pair[0]):
            varying.append(pair[1])
            pair[1] = None
    text = _encode([exchange, verdict, error, configuration])
    return Content(exchange, verdict, error, configuration, varying, blake2b(text.encode(), digest_size=12).digest())


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
