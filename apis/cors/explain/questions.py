"""Ask for missing parts of a call, one question at a time, the most useful first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import Cause

_SETTLED = frozenset({
    "not-a-browser", "websocket-api", "mixed-content", "unsupported-scheme", "forbidden-request-header", "not-cors",
    "local-network-access", "client-certificate-required", "blocked-by-client", "custom-scheme-origin", "null-origin",
    "not-an-http-api", "function-url", "rest-api-answered", "firewall-answered", "emulator-answered", "no-cors-mode",
    "response-header-sent-as-request-header", "method-case", "same-origin-mode", "url-with-credentials",
})  # fmt: skip
"""Causes for which nothing else needs to be known."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: the part of the call that it is about, and answers to choose from."""

    part: str
    question: str
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form of the REST contract."""
        return {"part": self.part, "question": self.question, "choices": list(self.choices)}


def questions(case: Case, cause: Cause | None) -> tuple[Ask, ...]:
    """Return what is still missing."""
    return tuple(_questions(case, cause))


def _questions(case: Case, cause: Cause | None) -> Iterator[Ask]:
    reading = case.reading
    if cause is not None and cause.code in _SETTLED:
        return
    if reading.symptom == "reason-in-another-line":
        yield Ask("pasted", "Paste the line of the browser's console that names CORS or access control.")
    if "url" in reading.missing:
        yield Ask("url", "Which URL does the page call?", tuple((case.target.bases or ())[:6]))
    elif not case.known:
        yield Ask("api", "Which API is behind this URL? Choose it, or paste its CORS configuration.")
    if "origin" in reading.missing:
        yield Ask("origin", "On which page did it happen?", tuple(case.target.listed_origins()))
    if reading.code is None and "method" in reading.missing and reading.url:
        yield Ask("method", "Which method does the call use?", tuple(case.target.methods(case.request.url)))
