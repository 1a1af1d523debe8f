"""Exchange and Verdict: what went over the wire for one cross-origin call, and what a browser decides of it."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from typing import Any, Literal

Headers = tuple[tuple[str, str], ...]
Credentials = Literal["omit", "same-origin", "include"]


@dataclass(frozen=True, slots=True)
class Request:
    """One call as script makes it with fetch(): headers are those that script sets, in order, repeats kept."""

    origin: str
    url: str
    method: str = "GET"
    headers: Headers = ()
    credentials: Credentials = "same-origin"
    mode: str = "cors"

    def as_json(self) -> dict[str, Any]:
        """Return the form of the `judge` contract."""
        return {
            "origin": self.origin,
            "url": self.url,
            "method": self.method,
            "headers": [list(pair) for pair in self.headers],
            "credentials": self.credentials,
            "mode": self.mode,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: the status and the header lines as they came, repeats kept."""

    status: int
    headers: Headers = ()
    _sorted: dict[str, list[str]] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def _by_name(self) -> dict[str, list[str]]:
        """The lines by name, sorted once: a verdict asks for six of them or more; a repeated answer, for none."""
        if self._sorted is not None:
            return self._sorted
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value.strip("\t "))
        object.__setattr__(self, "_sorted", found)
        return found

    @property
    def names(self) -> Set[str]:
        """The names of the headers, in lower case."""
        return self._by_name.keys()

    def lines(self, name: str) -> list[str]:
        """Return the values of every line of a header, by its name in any case, in order and without outer spaces."""
        return list(self._by_name.get(name.lower(), ()))

    def get(self, name: str) -> str | None:
        """Return a header's lines joined by ", " (Fetch, "get" of a header list); None when there is none."""
        found = self._by_name.get(name.lower())
        if not found:
            return None
        return found[0] if len(found) == 1 else ", ".join(found)

    def as_json(self) -> dict[str, Any]:
        """Return the form of the `judge` contract."""
        return {"status": self.status, "headers": [list(pair) for pair in self.headers]}


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect that the browser followed: the answer with its `Location`, and what the new URL's preflight got.

    `preflight` is None when the browser sent none to the new URL (or got no answer to it).
    """

    answer: Answer
    preflight: Answer | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form of the `judge` contract."""
        return {
            "answer": self.answer.as_json(),
            "preflight": self.preflight.as_json() if self.preflight else None,
        }


@dataclass(frozen=True, slots=True)
class Exchange:
    """The call and its answers; `preflight` or `response` is None when there was none.

    `redirects` are the answers between the preflight and the last one, `response`, in order.
    """

    request: Request
    preflight: Answer | None = None
    response: Answer | None = None
    redirects: tuple[Redirect, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form of the `judge` contract; `redirects` is left out when there was none."""
        value: dict[str, Any] = {
            "request": self.request.as_json(),
            "preflight": self.preflight.as_json() if self.preflight else None,
            "response": self.response.as_json() if self.response else None,
        }
        if self.redirects:
            value["redirects"] = [redirect.as_json() for redirect in self.redirects]
        return value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a browser decides: `code` is Chrome's `Network.CorsError` name, None when the call is allowed.

    `reason` is one sentence for people; `parameter` the header, method or value it turns on; `exposed` the response
    headers that script can read, in lower case, sorted; `notes` what differs between the standard and browsers or
    among browsers; `messages` the console's words by browser ("chrome", "firefox", "safari") when blocked.
    """

    needs_preflight: bool
    allowed: bool
    code: str | None
    reason: str
    exposed: tuple[str, ...] = ()
    parameter: str | None = None
    notes: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form in which results keep it and pages and REST show it."""
        return {
            "needs_preflight": self.needs_preflight,
            "allowed": self.allowed,
            "code": self.code,
            "reason": self.reason,
            "exposed": list(self.exposed),
            "parameter": self.parameter,
            "notes": list(self.notes),
            "messages": dict(self.messages),
        }


def headers(pairs: Iterable[Iterable[str]]) -> Headers:
    """Return header lines from any nested sequence, as the frozen form that this room works on."""
    return tuple((str(name), str(value)) for name, value in pairs)
