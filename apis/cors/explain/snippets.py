"""A call as text to copy: curl commands that send what browsers send, and the fetch() that script makes."""

from __future__ import annotations

import json
import shlex

from apis.cors.browser import preflight_headers
from apis.cors.call import Leg
from apis.cors.exchange import Headers, Request


def curls(request: Request, leg: Leg) -> tuple[str, ...]:
    """Return one command for the preflight, if there is one, and one for the call itself."""
    call = sent_lines(request, leg)
    commands = []
    if leg.sends_preflight:
        commands.append(_curl("OPTIONS", request.url, preflight_headers(request)))
    commands.append(_curl(leg.method, request.url, call))
    return tuple(commands)


def sent_lines(request: Request, leg: Leg) -> Headers:
    """Return the header lines of the call that decide anything: Origin, and what script set and the browser sends."""
    named = leg.cors or leg.method not in ("GET", "HEAD")
    lines = [("Origin", leg.origin)] if named else []
    written: dict[str, str] = {}
    for name, _ in request.headers:
        written.setdefault(name.lower(), name)
    lines += [(written.get(name, name), value) for name, value in leg.sent.items()]
    return tuple(lines)


def _curl(method: str, url: str, lines: Headers) -> str:
    first = f"curl -i {shlex.quote(url)}"
    if method == "HEAD":
        first = f"curl --head {shlex.quote(url)}"
    elif method != "GET":
        first = f"curl -i -X {shlex.quote(method)} {shlex.quote(url)}"
    # curl sends a header without a value only when it is written with a semicolon.
    given = [f"  -H {shlex.quote(f'{name}: {value}' if value else f'{name};')}" for name, value in lines]
    return " \\\n".join([first, *given])


def fetch(request: Request) -> str:
    """Return the call as JavaScript."""
    options = []
    if request.method != "GET":
        options.append(f"  method: {json.dumps(request.method)},")
    if request.mode != "cors":
        options.append(f"  mode: {json.dumps(request.mode)},")
    if request.headers:
        options.append(f"  headers: {_headers(request.headers)},")
    if request.credentials != "same-origin":
        options.append(f"  credentials: {json.dumps(request.credentials)},")
    url = json.dumps(request.url)
    if not options:
        return f"const response = await fetch({url});"
    return "\n".join([f"const response = await fetch({url}, {{", *options, "});"])


def _headers(lines: Headers) -> str:
    if len({name.lower() for name, _ in lines}) < len(lines):
        return json.dumps([list(pair) for pair in lines])
    return "{ " + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in lines) + " }"
