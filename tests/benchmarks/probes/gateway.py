"""Answers preflights as API Gateway does, over HTTP/2: granian runs `tests.benchmarks.probes.gateway:answer`."""

from __future__ import annotations

from typing import Any

_HEADERS = [
    ("access-control-allow-origin", "https://app.example.com"),
    ("access-control-allow-methods", "GET,POST"),
    ("access-control-allow-headers", "authorization,content-type"),
    ("access-control-max-age", "600"),
    ("vary", "origin"),
    ("apigw-requestid", "AbCdEfGhIjKlMnO="),
]


async def answer(scope: Any, protocol: Any) -> None:
    """Answer any request with the same preflight response (RSGI)."""
    protocol.response_empty(204, _HEADERS)
