"""Calls of EventSource, sendBeacon, workers and RTK Query's fetchBaseQuery, each with its own rules."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from apis.cors.paste.code.bindings import Script, arguments_at, end_of
from apis.cors.paste.code.fetch import header_pairs, with_body_type
from apis.cors.paste.code.script import Tokens
from apis.cors.paste.result import Draft, address_below
from apis.cors.paste.sent import read_sent

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_NEAR = 60
"""Within how many tokens from `query:` on the path of an endpoint may stand."""


def _event_source(script: Script, given: list[Tokens], at: int) -> Draft:
    """`new EventSource(url, {withCredentials})`: a plain GET; a polyfill takes headers as well."""
    options = script.options(given[1]) if len(given) > 1 else {}
    draft = Draft("fetch", url=script.text(given[0]) or "")
    if [token.value for token in script.resolve(options.get("withCredentials", []))] == ["true"]:
        draft.credentials = "include"
    pairs, complete = header_pairs(script, options.get("headers", []))
    draft.headers, draft.unknown = read_sent(pairs).headers, () if complete else ("headers",)
    return draft


def _beacon(script: Script, given: list[Tokens], at: int) -> Draft:
    """`navigator.sendBeacon(url, data)`: a POST that always sends credentials (Beacon: processing model)."""
    draft = Draft("fetch", url=script.text(given[0]) or "", method="POST", credentials="include")
    data = script.resolve(given[1]) if len(given) > 1 else []
    if [token.value for token in data[:3]] == ["new", "Blob", "("]:
        parts = arguments_at(Script(data), 2)
        kind = script.text(script.options(parts[1]).get("type", [])) if len(parts) > 1 else None
        draft.headers = [("Content-Type", kind)] if kind else []
    else:
        draft.headers = with_body_type([], data)
    return draft


def _imported(script: Script, given: list[Tokens], at: int) -> Draft:
    """`importScripts(url)` in a worker: a script is fetched without CORS (HTML: fetch a worker-imported script)."""
    return Draft("fetch", url=script.text(given[0]) or "", mode="no-cors")


def _worker(script: Script, given: list[Tokens], at: int) -> Draft:
    """`new Worker(url)`: its script must be of the page's own origin (HTML: fetch a worker script)."""
    return Draft("fetch", url=script.text(given[0]) or "", mode="same-origin")


def _base_query(script: Script, given: list[Tokens], at: int) -> Draft:
    """`fetchBaseQuery({baseUrl, prepareHeaders, credentials})` with the first endpoint's path and method."""
    options = script.options(given[0])
    base = script.text(options.get("baseUrl", [])) or ""
    path, method = _endpoint(script, end_of(script, at))
    url = address_below(base, path) if path and base else base
    draft = Draft("fetch", url=url, method=method or "GET")
    pairs, complete = header_pairs(script, options.get("headers", []))
    prepared = options.get("prepareHeaders", [])
    parameter = next((token.value for token in prepared if token.kind == "word" and token.value != "async"), "")
    pairs += script.added.get(parameter, [])
    draft.headers = read_sent(pairs).headers
    if script.text(options.get("credentials", [])) == "include":
        draft.credentials = "include"
    draft.unknown = ({"headers"} if not complete else set()) | ({"method"} if not path else set())
    return draft


def _trpc(script: Script, given: list[Tokens], at: int) -> Draft:
    """`httpBatchLink({url, headers})`: queries are GET and mutations POST, with headers from an object or function."""
    options = script.options(given[0])
    draft = Draft("fetch", url=script.text(options.get("url", [])) or "", unknown=("method",))
    members = script.returned(options.get("headers", []))
    draft.headers = read_sent([(name, script.text(value) or "") for name, value in members.items()]).headers
    return draft


def _endpoint(script: Script, start: int) -> tuple[str, str]:
    """Return the path and the method of the first endpoint behind a place, "" where it states none."""
    found = script.tokens[start:]
    queries = (at for at, (token, mark) in enumerate(pairwise(found)) if (token.value, mark.value) == ("query", ":"))
    at = next(queries, len(found))
    near = found[at : at + _NEAR]
    end = next((place for place, token in enumerate(near) if token.kind == "mark" and token.value == ";"), len(near))
    texts = [token.value for token in near[:end] if token.kind == "text"]
    path = next((text for text in texts if text and text.upper() not in _METHODS), "")
    return path, next((text.upper() for text in texts if text.upper() in _METHODS), "")


CLIENTS: dict[str, Callable[[Script, list[Tokens], int], Draft]] = {
    **dict.fromkeys(("EventSource", "EventSourcePolyfill"), _event_source),
    "sendBeacon": _beacon,
    "fetchBaseQuery": _base_query,
    "importScripts": _imported,
    "Worker": _worker,
    "SharedWorker": _worker,
    **dict.fromkeys(("httpLink", "httpBatchLink", "httpBatchStreamLink"), _trpc),
}
"""Each call's reader by its name; it gets the arguments and where their bracket opens."""
