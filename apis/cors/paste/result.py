"""What is read from a pasted error: the call, as far as the text states it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Credentials, Exchange, Headers, Request
from apis.cors.hosts import is_masked
from apis.cors.origins import origin_of, parse_url

MAX_CHARACTERS = 256 * 1024
"""The longest message, snippet or command that is read; a HAR may be longer."""

MOST_HEADERS = 200
"""The most request headers of one call; gateways and browsers take far fewer."""

Source = Literal[
    "chrome", "firefox", "safari", "edge", "fetch", "axios", "jquery", "xhr", "angular", "htmx", "curl", "httpie",
    "wget", "powershell", "headers", "http", "har", "probe", "aws", "node", "network", "request", "text",
]  # fmt: skip
PARTS = ("origin", "url", "method", "headers", "credentials")
"""What a call is made of, in the order in which forms ask for it."""

UNTOLD = frozenset({"method", "headers", "credentials"})
"""What a console's message does not state as a rule."""

# The request headers whose values browsers look at (Fetch: CORS-safelisted and forbidden request-headers).
_VALUES_COUNT = frozenset(
    {
        "accept",
        "accept-language",
        "content-language",
        "content-type",
        "range",
        "save-data",
        "x-http-method",
        "x-http-method-override",
        "x-method-override",
    }
)
_OF_ORIGINS = (
    "MissingAllowOriginHeader",
    "AllowOriginMismatch",
    "InvalidAllowOriginValue",
    "MultipleAllowOriginValues",
)
"""What the check of a response's Access-Control-Allow-Origin finds, whatever the call's method and headers are."""
_ODD = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class ReadingError(ValueError):
    """A pasted text that mentions no call; the message says what can be pasted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A call that was read from a text.

    What the text does not state has its usual value (`GET`, no headers, `same-origin`, an empty origin or URL) and is
    named in `missing`, with the words of PARTS: the person must fill it in. `code` is a verdict's code when the text
    names it, without `Preflight` when it does not state which answer is meant. `observed` holds the answers when the
    text has them. `url` is the one that script called, `redirected_to` where a redirect had led it.

    `preflight` says whether the text shows that a preflight was sent; `status` and `preflight_status` are what was
    answered; `blocked` says whether the text mentions a failed call. `symptom` is the code of a cause that the text
    alone shows (`mixed-content`, `not-a-browser`, …), `value` the header, name or value that it quotes. `no_origin`:
    the request is whole and had no Origin header.

    Of request headers only those values are kept that browsers look at: a pasted token must not get into a URL.
    """

    source: Source
    origin: str
    url: str
    method: str = "GET"
    headers: Headers = ()
    credentials: Credentials = "same-origin"
    code: str | None = None
    observed: Exchange | None = None
    missing: tuple[str, ...] = ()
    mode: str = "cors"
    redirected_to: str = ""
    preflight: bool | None = None
    status: int | None = None
    preflight_status: int | None = None
    blocked: bool = False
    symptom: str = ""
    value: str = ""
    no_origin: bool = False

    @property
    def request(self) -> Request:
        """The call in the form that the rules take."""
        return Request(self.origin, self.url, self.method, self.headers, self.credentials, self.mode)


@dataclass(slots=True)
class Draft:
    """A reading in the making: its texts may still be anything."""

    source: Source
    origin: str = ""
    url: str = ""
    method: str = "GET"
    headers: Iterable[tuple[str, str]] = ()
    credentials: Credentials = "same-origin"
    code: str | None = None
    preflight: Answer | None = None
    response: Answer | None = None
    unknown: Iterable[str] = ()
    mode: str = "cors"
    redirected_to: str = ""
    status: int | None = None
    preflight_status: int | None = None
    blocked: bool | None = None
    symptom: str = ""
    value: str = ""
    no_origin: bool = False

    def finish(self) -> Reading:
        """Return the reading, with its texts made harmless and what is missing named."""
        missing = set(self.unknown)
        origin = origin_of(clean(self.origin))
        if origin is None:
            missing.add("origin")
        url = clean(self.url)
        if "${" in url or parse_url(url) is None or is_masked(url):
            missing.add("url")
        lines = list(self.headers)
        if len(lines) > MOST_HEADERS:
            raise ReadingError(f"This call has {len(lines):,} request headers; at most {MOST_HEADERS} are read.")
        headers = tuple((clean(name), value_that_counts(name, value)) for name, value in lines)
        request = Request(origin or "", url, clean(self.method) or "GET", headers, self.credentials, self.mode)
        observed, code = None, self.code
        if self.preflight or self.response:
            observed = Exchange(request, self.preflight, self.response)
            if not missing - {"credentials"}:
                code = _code_of(observed if self.preflight else _unasked(observed))
                # The other answer is not there to be judged; that does not mean that none came.
                code = None if code == "InvalidResponse" else code
            if code is None and self.preflight:
                # Sent by hand, for a call that would need none.
                code = _refused(self.preflight.status) or _ungranted(observed, self.preflight, missing)
            if code is None and self.response and "," in (self.response.get("access-control-allow-origin") or ""):
                code = "MultipleAllowOriginValues"  # whatever the page's origin is
        return Reading(
            source=self.source,
            origin=request.origin,
            url=request.url,
            method=request.method,
            headers=request.headers,
            credentials=request.credentials,
            code=code,
            observed=observed,
            missing=tuple(part for part in PARTS if part in missing),
            mode=request.mode,
            redirected_to=clean(self.redirected_to),
            preflight=True if self.preflight or is_about_preflight(code) else None,
            status=self.response.status if self.response else self.status,
            preflight_status=self.preflight.status if self.preflight else self.preflight_status,
            blocked=code is not None if self.blocked is None else self.blocked,
            symptom=self.symptom,
            value=clean(self.value or _typed(self.origin, origin, code))[:500],
            no_origin=self.no_origin,
        )


def _code_of(observed: Exchange) -> str | None:
    """Return why a browser blocks the call, by its answers: a tool got them even where a browser would send nothing."""
    code = judge(observed).code
    request = observed.request
    if code == "mixed-content":
        secure = replace(request, url=f"https{request.url.removeprefix('http')}")
        code = judge(replace(observed, request=secure)).code or code
    return code


def _typed(given: str, origin: str | None, code: str | None) -> str:
    """Return an Origin header that no browser sends, such as one with a trailing slash, where nothing was allowed."""
    text = clean(given)
    is_missing = (code or "").endswith("MissingAllowOriginHeader")
    return text if is_missing and origin and text != origin and text.lower().startswith(origin) else ""


def _refused(status: int) -> str | None:
    """Return the code of a preflight's status alone, None for one that browsers accept."""
    if status in (301, 302, 303, 307, 308):
        return "PreflightDisallowedRedirect"
    return None if 200 <= status <= 299 else "PreflightInvalidStatus"


def _ungranted(observed: Exchange, preflight: Answer, missing: set[str]) -> str | None:
    """Return the code of a preflight response that does not allow the page's origin, None where the page is unknown."""
    if missing & {"origin", "url"}:
        return None
    code = _code_of(_unasked(replace(observed, response=preflight)))
    return f"Preflight{code}" if code in _OF_ORIGINS else None


def _unasked(observed: Exchange) -> Exchange:
    """Return a call without a recorded preflight as one that needs none: its last response must pass all the same."""
    request = observed.request
    return Exchange(Request(request.origin, request.url, credentials=request.credentials), response=observed.response)


def is_about_preflight(code: str | None) -> bool:
    """Return whether the code of a verdict shows that a preflight was sent."""
    return code is not None and "Preflight" in code


def clean(text: str) -> str:
    """Return a text without control characters and halves of characters, which nothing can store or show."""
    return _ODD.sub("", text).strip()


def without_punctuation(address: str) -> str:
    """Return an address from a sentence without the signs that follow it."""
    return address.rstrip(".,;:)'\"")


def address_below(base: str, path: str) -> str:
    """Return the address of a path below a base address."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def value_that_counts(name: str, value: str) -> str:
    """Return a request header's value if browsers look at it, else nothing."""
    return clean(value) if name.lower() in _VALUES_COUNT else ""


def requested_headers(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the headers that an Access-Control-Request-Headers or a message names, whose values are unknown.

    A Content-Type that has to be asked for is JSON nearly always.
    """
    found = (clean(name) for name in names)
    return [(name, "application/json" if name.lower() == "content-type" else "") for name in found if name]


def reading_of(request: Request, observed: Exchange | None = None, code: str | None = None) -> Reading:
    """Return a reading of a call that is known whole, with its answers and the verdict's code if there are any."""
    answer = observed.preflight if observed else None
    last = observed.response if observed else None
    return Reading(
        source="probe" if observed else "request",
        origin=request.origin,
        url=request.url,
        method=request.method,
        headers=request.headers,
        credentials=request.credentials,
        code=code,
        observed=observed,
        mode=request.mode,
        preflight=True if answer is not None else None,
        status=last.status if last else None,
        preflight_status=answer.status if answer else None,
        blocked=code is not None,
    )
