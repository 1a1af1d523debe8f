"""Short ways to write the exchanges that the tests are about."""

from __future__ import annotations

from apis.cors.exchange import Answer, Credentials, Exchange, Redirect, Request

PAGE = "https://app.example.com"
API = "https://api.example.com/items"

Lines = dict[str, str] | list[tuple[str, str]]


def lines(given: Lines) -> tuple[tuple[str, str], ...]:
    """Header lines from a dict, or from pairs where a name comes twice."""
    return tuple(given.items() if isinstance(given, dict) else given)


def call(
    method: str = "GET",
    headers: Lines | None = None,
    *,
    origin: str = PAGE,
    url: str = API,
    credentials: Credentials = "same-origin",
    mode: str = "cors",
) -> Request:
    """A call from the app to the API."""
    return Request(origin, url, method, lines(headers or {}), credentials, mode)


def answer(
    status: int = 200,
    headers: Lines | None = None,
    *,
    origin: str | None = None,
    methods: str | None = None,
    names: str | None = None,
    credentials: str | None = None,
    expose: str | None = None,
) -> Answer:
    """An answer; `names` are its Access-Control-Allow-Headers, and each of the others its line of that name."""
    allow = (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", names),
        ("Access-Control-Allow-Credentials", credentials),
        ("Access-Control-Expose-Headers", expose),
    )
    return Answer(status, tuple((name, value) for name, value in allow if value is not None) + lines(headers or {}))


OPEN = answer(origin="*", methods="*", names="*")
"""An answer that allows everything to calls without credentials."""


def exchange(
    request: Request, preflight: Answer | None = OPEN, response: Answer | None = OPEN, *redirects: Redirect
) -> Exchange:
    """A call and its answers, which allow everything unless given."""
    return Exchange(request, preflight, response, redirects)


def redirect(location: str, status: int = 302, preflight: Answer | None = OPEN, allow: str = "*") -> Redirect:
    """A redirect that passes the CORS check, and the answer to the next URL's preflight."""
    return Redirect(answer(status, {"Location": location}, origin=allow), preflight)
