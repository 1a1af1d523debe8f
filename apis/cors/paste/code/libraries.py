"""Calls that scripts make with axios, jQuery, XMLHttpRequest, Angular's HttpClient and other libraries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from apis.cors.paste.code.bindings import Script, arguments_at, end_of, read_script
from apis.cors.paste.code.fetch import header_pairs, with_body_type
from apis.cors.paste.code.other_clients import CLIENTS
from apis.cors.paste.code.script import Token, Tokens, members
from apis.cors.paste.result import Draft, Source, address_below
from apis.cors.paste.sent import read_sent

_MARK = re.compile(
    r"(?<![\w$.])request\s*\.\s*(?:get|post|put|patch|delete|head|options)\s*\(|ApolloClient|[hH]ttpLink\b|GraphQLClient|\bcreateClient\s*[(<]|fetchOptions|\bhttp(?:Batch)?(?:Stream)?Link\b|"
    r"(?<![\w$])(?:axios|ky|got|ofetch|superagent|\$http|jQuery|EventSource(?:Polyfill)?|fetchBaseQuery|use(?:Lazy)?Fetch)\b|"
    r"\$fetch\b|(?:sendBeacon|importScripts|new (?:Shared)?Worker)\s*\(|XMLHttpRequest|HttpClient|"
    r"\$\.(?:ajax|get|post|getJSON)\b|"
    r"\bhttp(?:Client)?\b\s*\.\s*(?:get|post|put|patch|delete|request|head)\b|\.setRequestHeader\s*\(|\.open\s*\(\s*['\"]"
)
_VERBS = {"get": "GET", "delete": "DELETE", "head": "HEAD", "options": "OPTIONS", "post": "POST", "put": "PUT",
          "patch": "PATCH", "request": "", "postForm": "POST", "putForm": "PUT", "patchForm": "PATCH",
          **{name: name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}}  # fmt: skip
_WITH_BODY = frozenset({"post", "put", "patch", "postForm", "putForm", "patchForm"})
_FORM = "application/x-www-form-urlencoded; charset=UTF-8"
_GRAPHQL = frozenset({"ApolloClient", "HttpLink", "createHttpLink", "BatchHttpLink", "GraphQLClient"})
MOST_CALLS = 20


@dataclass(slots=True)
class _Client:
    """What a client was made with: its base URL and options."""

    source: Source
    options: dict[str, Tokens]


def looks_like(text: str) -> bool:
    """Return whether the text calls one of the libraries."""
    return _MARK.search(text) is not None


def read(text: str) -> list[Draft]:
    """Return the calls of a script, in order."""
    script = read_script(text)
    clients = _clients(script)
    found: list[Draft] = []
    for at, token in enumerate(script.tokens):
        if token.kind != "word" or len(found) >= MOST_CALLS:
            continue
        after = [one.value for one in script.tokens[at + 1 : at + 4]]
        name = token.value
        if name in CLIENTS and after[:1] == ["("]:
            given = arguments_at(script, at + 1)
            found += [CLIENTS[name](script, given, at + 1)] if given else []
        elif name in clients and after[:1] == ["("]:
            found += _configured(script, clients[name], "", arguments_at(script, at + 1))
        elif name in clients and after[:1] == ["."] and (after[1:2] or [""])[0] in _VERBS:
            opening = _opening(script, at + 3)
            if opening:
                calls = _configured(script, clients[name], after[1], arguments_at(script, opening))
                found += [_chained(script, draft, opening) for draft in calls]
        elif name in ("$", "jQuery") and after[:1] == ["."] and after[2:] == ["("]:
            found += _jquery(script, after[1], arguments_at(script, at + 3))
        elif name in _GRAPHQL and after[:1] == ["("]:
            found += _graphql(script, name, arguments_at(script, at + 1))
        elif name in ("createClient", "Client") and after[:1] == ["("]:
            found += _urql(script, arguments_at(script, at + 1))
        elif name == "open" and script.tokens[at - 1] == Token("mark", ".") and after[:1] == ["("]:
            found += _xhr(script, script.tokens[at - 2].value, arguments_at(script, at + 1))
    return [draft for draft in found if draft.url]


def _chained(script: Script, draft: Draft, opening: int) -> Draft:
    """Return a call with what superagent's chain adds: `.set(name, value)`, `.send(body)`, `.withCredentials()`."""
    pairs = list(draft.headers)
    at = end_of(script, opening) + 1
    for _ in range(MOST_CALLS):
        link = [token.value for token in script.tokens[at : at + 3]]
        if draft.source != "xhr" or len(link) < 3 or link[0] != "." or link[2] != "(":
            break
        given = arguments_at(script, at + 2)
        if link[1] == "set" and given:
            first = script.text(given[0]) if len(given) > 1 else None
            pairs += [(first, script.text(given[1]) or "")] if first else header_pairs(script, given[0])[0]
        elif link[1] == "withCredentials":
            draft.credentials = "include"
        elif link[1] == "send" and given and not any(name.lower() == "content-type" for name, _ in pairs):
            pairs += _body_type(script, given[0])
        at = end_of(script, at + 2) + 1
    draft.headers = read_sent(pairs).headers
    return draft


def _graphql(script: Script, name: str, given: list[Tokens]) -> list[Draft]:
    """Return the calls of a GraphQL client: POST with JSON to the one address that it was made with."""
    options = script.options(given[0]) if given else {}
    place = options.get("uri") or options.get("url") or (given[0] if given and name == "GraphQLClient" else [])
    url = (script.text(place) if place else None) or ""
    if name == "GraphQLClient" and len(given) > 1:
        options |= script.options(given[1])
    pairs, complete = header_pairs(script, options.get("headers", []))
    draft = Draft(
        "fetch", url=url, method="POST", headers=read_sent([*pairs, ("content-type", "application/json")]).headers
    )
    sent_with = options | script.options(options.get("fetchOptions", []))
    draft.credentials = "include" if script.text(sent_with.get("credentials", [])) == "include" else "same-origin"
    draft.unknown = () if complete else ("headers",)
    return [draft]


def _urql(script: Script, given: list[Tokens]) -> list[Draft]:
    """Return the calls of urql's client, whose fetchOptions may be a function that returns them."""
    options = script.options(given[0]) if given else {}
    if not options.keys() & {"fetchOptions", "exchanges"}:
        return []
    stated = script.returned(options.get("fetchOptions", []))
    found = _graphql(script, "Client", given)
    if stated:
        pairs, complete = header_pairs(script, stated.get("headers", []))
        found[0].headers = read_sent([*pairs, ("content-type", "application/json")]).headers
        found[0].unknown = () if complete else ("headers",)
        if script.text(stated.get("credentials", [])) == "include":
            found[0].credentials = "include"
    return found


def _opening(script: Script, at: int) -> int:
    """Return the opening bracket of a call, behind a type in angle brackets; 0 when there is none near."""
    for place in range(at, min(at + 40, len(script.tokens))):
        value = script.tokens[place].value
        if value == "(":
            return place
        if script.tokens[place].kind == "mark" and value in ";={":
            return 0
    return 0


def _clients(script: Script) -> dict[str, _Client]:
    """Return the names of clients: the libraries' own, those made with `create` or `extend`, and Angular's."""
    found = {
        "axios": _Client("axios", {}),
        **{name: _Client("fetch", {}) for name in ("ky", "got", "ofetch", "$fetch", "useFetch", "useLazyFetch")},
        **{name: _Client("xhr", {}) for name in ("superagent", "request")},
    }
    found |= {name: _Client("angular", {}) for name in ("http", "httpClient", "$http", "_http")}
    for name, place in script.bound.items():
        words = [token.value for token in script.tokens[place][:4]]
        if len(words) == 4 and words[0] in found and words[1] == "." and words[2] in ("create", "extend"):
            given = arguments_at(script, place.start + 3)
            found[name] = _Client(found[words[0]].source, script.options(given[0]) if given else {})
        elif words[:1] == ["createClient"]:
            given = arguments_at(script, _opening(script, place.start + 1))
            found[name] = _Client("fetch", script.options(given[0]) if given else {})
    for at, (owner, token) in enumerate(zip(script.tokens, script.tokens[2:], strict=False)):
        if token.value == "defaults" and owner.value in found:
            _default(found[owner.value], script.tokens[at + 3 : at + 7])
    return found


def _default(client: _Client, following: Tokens) -> None:
    """`axios.defaults.baseURL = …`, `axios.defaults.withCredentials = true`."""
    if [token.value for token in following[:3:2]] == [".", "="]:
        client.options.setdefault(following[1].value, following[3:])


def _configured(script: Script, client: _Client, verb: str, given: list[Tokens]) -> list[Draft]:
    """Return a call of a client: `client.verb(url, [body], options)` or `client({url, method, …})`."""
    if not given:
        return []
    options = dict(client.options)
    body: Tokens = []
    first = script.resolve(given[0])
    if members(first) is not None:
        options |= script.options(first)
        body = options.get("data", [])
    elif verb == "request" and client.source == "angular" and len(given) > 1:
        options |= {"method": given[0], "url": given[1]} | (script.options(given[2]) if len(given) > 2 else {})
    else:
        options["url"] = given[0]
        at = 2 if verb in _WITH_BODY and client.source != "fetch" else 1
        body = given[1] if at == 2 and len(given) > 1 else []
        options |= script.options(given[at]) if len(given) > at else {}
        if client.source == "fetch":
            body = options.get("json") or options.get("body", [])
    method = _VERBS.get(verb, "") or (script.text(options.get("method", [])) or "GET").upper()
    draft = Draft(client.source, url=_url(script, options), method=method)
    if _is_true(script, options.get("withCredentials", [])) or script.text(options.get("credentials", [])) == "include":
        draft.credentials = "include"
    pairs, complete = header_pairs(script, options.get("headers", []))
    if client.source == "axios":
        pairs += _of_every_call(script)
    elif client.source == "angular":
        pairs += _of_interceptors(script)
    pairs = pairs if method in ("POST", "PUT", "PATCH", "DELETE") else _without_type(client, pairs)
    if body and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs = [*pairs, *_body_type(script, body)]
    sent = read_sent(pairs)
    draft.headers, draft.origin = sent.headers, sent.origin if sent.names_origin else ""
    draft.unknown = () if complete else ("headers",)
    return [draft]


def _of_every_call(script: Script) -> list[tuple[str, str]]:
    """Return the headers that `axios.defaults.headers.common[…]` and an interceptor's `config.headers.…` add."""
    words = {token.value for token in script.tokens if token.kind == "word"}
    common = script.added.get("common", []) if "defaults" in words else []
    return common + (script.added.get("headers", []) if "interceptors" in words else [])


def _of_interceptors(script: Script) -> list[tuple[str, str]]:
    """Return the headers that Angular's `request.clone({setHeaders: {…}})` adds to every call."""
    found = []
    for at, (token, mark) in enumerate(pairwise(script.tokens)):
        if token.value == "setHeaders" and mark.value == ":":
            members = script.options(script.tokens[at + 2 : end_of(script, at + 2) + 1])
            found += [(name, script.text(value) or "") for name, value in members.items()]
        if len(found) >= MOST_CALLS:
            break
    return found


def _without_type(client: _Client, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Axios drops Content-Type from calls without a body."""
    return [pair for pair in pairs if client.source != "axios" or pair[0].lower() != "content-type"]


def _body_type(script: Script, body: Tokens) -> list[tuple[str, str]]:
    """Return the Content-Type that axios and Angular add: JSON for objects, what fetch() adds for all else."""
    resolved = script.resolve(body)
    if members(resolved) is not None or (resolved and resolved[0].value == "["):
        return [("Content-Type", "application/json")]
    if len(resolved) == 1 and resolved[0].kind == "word" and resolved[0].value not in ("null", "undefined"):
        return [("Content-Type", "application/json")]  # nearly always an object
    return with_body_type([], resolved)


def _url(script: Script, options: dict[str, Tokens]) -> str:
    base = script.text(options.get("baseURL", []) or options.get("baseUrl", []) or options.get("prefixUrl", [])) or ""
    path = script.text(options.get("url", []))
    if path is None:
        words = "".join(token.value for token in options.get("url", []))
        path = f"${{{words[:200]}}}" if words else ""
    if not base or "://" in path:
        return path
    return address_below(base, path) if path else base


def _is_true(script: Script, given: Tokens) -> bool:
    return [token.value for token in script.resolve(given)] in (["true"], ["!", "0"])


def _jquery(script: Script, verb: str, given: list[Tokens]) -> list[Draft]:
    if verb not in ("ajax", "get", "post", "getJSON") or not given:
        return []
    options = script.options(given[0])
    if not options:
        options = {"url": given[0], **(script.options(given[1]) if verb == "ajax" and len(given) > 1 else {})}
    stated = script.text(options.get("type", []) or options.get("method", []))
    method = (stated or ("POST" if verb == "post" else "GET")).upper()
    draft = Draft("jquery", url=_url(script, options), method=method)
    pairs, complete = header_pairs(script, options.get("headers", []))
    before = options.get("beforeSend", [])
    set_before = _set_headers(script, before)
    pairs += set_before
    kind = script.text(options.get("contentType", []))
    data = options.get("data") or (given[1] if verb == "post" and len(given) > 1 else None)
    if any(name.lower() == "content-type" for name, _ in pairs):
        pass  # jQuery lets `headers` override `contentType`
    elif kind:
        pairs.append(("Content-Type", kind))
    elif data and method != "GET" and "contentType" not in options:
        pairs.append(("Content-Type", _FORM))
    fields = script.options(options.get("xhrFields", []))
    if _is_true(script, fields.get("withCredentials", [])):
        draft.credentials = "include"
    draft.headers = read_sent(pairs).headers
    draft.unknown = () if complete and (set_before or not before) else ("headers",)
    return [draft]


def _xhr(script: Script, name: str, given: list[Tokens]) -> list[Draft]:
    if len(given) < 2:
        return []
    method, url = script.text(given[0]), script.text(given[1])
    if method is None:
        return []
    words = "".join(token.value for token in given[1])[:200]
    draft = Draft("xhr", url=url if url is not None else f"${{{words}}}", method=method.upper())
    for at, token in enumerate(script.tokens):
        following = [one.value for one in script.tokens[at + 1 : at + 5]] if token.value == name else []
        if following == [".", "withCredentials", "=", "true"]:
            draft.credentials = "include"
    draft.headers = read_sent(_set_headers(script, script.tokens, name)).headers
    return [draft]


def _set_headers(script: Script, among: Tokens, name: str = "") -> list[tuple[str, str]]:
    """Return the headers that `name.setRequestHeader(header, value)` sets among some tokens; without a name, of any."""
    pairs = []
    for at, token in enumerate(among):
        if token.value != "setRequestHeader" or at < 2 or (name and among[at - 2].value != name):
            continue
        header = arguments_at(Script(among), at + 1)
        text = script.text(header[0]) if header else None
        if text:
            pairs.append((text, (script.text(header[1]) if len(header) > 1 else "") or ""))
    return pairs
