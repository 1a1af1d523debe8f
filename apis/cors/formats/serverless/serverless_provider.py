"""The part `provider.httpApi` of a serverless.yml: the CORS of the API that Serverless generates, with its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.serverless.serverless_variables import known
from apis.cors.formats.values import (
    SERVERLESS_NAMES,
    Object,
    Unresolved,
    flag_of,
    is_unresolved,
    line_of,
    policy_from,
    refuse_repeated,
    unresolved,
)
from apis.cors.policy import CorsPolicy

_DEFAULT_HEADERS = (
    "Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)  # fmt: skip
_URL_DEFAULTS = {
    "allowedOrigins": ("*",),
    "allowedHeaders": (
        "Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amzn-Trace-Id",
    ),
    "allowedMethods": ("*",),
}  # fmt: skip
_ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")


@dataclass(frozen=True, slots=True)
class Provider:
    """What `provider` says about the API that Serverless generates.

    `cors`: the value there, `values`: the innermost object found, `is_stated`: whether it mentions CORS.
    `id` is that of an API made elsewhere, None without one. `unknown` is the error of a part that is a variable.
    """

    cors: Any
    values: Mapping[str, Any]
    is_stated: bool
    id: Any = None
    unknown: FormatError | None = None


def provider_of(document: Mapping[str, Any]) -> Provider:
    """Return what a serverless.yml, or its part from `provider`, `httpApi` or `cors` on, says about its own API."""
    part, outside = document, None
    try:
        for key in ("provider", "httpApi"):
            inner = known(part, key)
            if isinstance(inner, dict):
                part = inner
                outside = (inner.get("id") or None) if key == "httpApi" else None
        cors = known(part, "cors")
    except FormatError as error:
        return Provider(None, part, False, outside, error)
    if cors is None and any(key in part for key in SERVERLESS_NAMES):
        cors = part
    return Provider(cors, part, cors is not None, outside)


def generated(provider: Provider, document: Mapping[str, Any]) -> CorsPolicy:
    """Return the policy of the API that Serverless generates, before `resources` changes it. Raises FormatError."""
    value, line = provider.cors, line_of(provider.values, "cors")
    flag = flag_of(value)
    if value is None or flag is False:
        return CorsPolicy.off()
    value = {} if flag else value
    if not isinstance(value, dict):
        text = f"“{value}”" if isinstance(value, str) else "This"
        raise FormatError(f"{text[:80]} is not an object with the six fields, true or false.", "cors", line)
    stated = Object({"allowedOrigins": None, "allowedHeaders": None, "allowedMethods": None}, value)
    if stated["allowedOrigins"] is None:
        stated["allowedOrigins"] = ["*"]
    if stated["allowedHeaders"] is None:
        stated["allowedHeaders"] = list(_DEFAULT_HEADERS)
    if stated["allowedMethods"] is None:
        stated["allowedMethods"] = list(dict.fromkeys(["OPTIONS", *_served_methods(document)]))
    return policy_from(stated, SERVERLESS_NAMES)


def has_routes(document: Mapping[str, Any]) -> bool:
    """Return whether a function is called through the HTTP API, without which Serverless generates none."""
    return any(not is_unresolved(route) for route in _routes(document))


def other_apis(document: Mapping[str, Any]) -> list[str]:
    """Return the other kinds of API that the functions' events make, each with its article."""
    kinds = {"http": "a REST API", "websocket": "a WebSocket API", "alb": "a load balancer's routes"}
    found = {kind: None for event in _events(document) if isinstance(event, dict) for kind in event}
    return [kinds[kind] for kind in found if kind in kinds]


def policy_of_url(url: Any, line: int | None) -> CorsPolicy:
    """Return the policy of a function URL: `url: true` has none, `cors: true` and what is left out get defaults."""
    refuse_repeated(url, "cors")
    value = url.get("cors") if isinstance(url, dict) else None
    if isinstance(value, Unresolved):
        raise unresolved(value, "cors", line)
    flag = flag_of(value)
    if value is None or flag is False:
        return CorsPolicy.off()
    if not flag and not isinstance(value, dict):
        raise FormatError("must be an object with the six fields, true or false.", "cors", line)
    stated = Object({} if flag else value)
    for key, default in _URL_DEFAULTS.items():
        if key not in stated:
            stated[key] = list(default)
    return policy_from(stated, SERVERLESS_NAMES)


def function_urls(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the name of each function that has a URL, and what is stated of it."""
    functions = document.get("functions")
    for part in functions if isinstance(functions, list) else [functions]:
        for name, function in part.items() if isinstance(part, dict) else ():
            url = function.get("url") if isinstance(function, dict) else None
            if isinstance(url, dict) or flag_of(url):
                yield name, url


def _served_methods(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the methods of the functions' routes, which Serverless allows besides OPTIONS when none are named."""
    for route in _routes(document):
        method = route.get("method", "*") if isinstance(route, dict) else route
        if isinstance(method, Unresolved) and not method.text.lstrip().startswith("$"):
            method = method.text.partition("$")[0]  # only the path is unknown: `PUT /${self:custom.path}`
        word = method.split()[0] if isinstance(method, str) and method.strip() else method
        if is_unresolved(word):
            raise unresolved(word, "functions", line_of(document, "functions"))
        if isinstance(word, str):
            yield from _ANY_METHOD if word.upper() in ("*", "ANY") else [word.upper()]


def _routes(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the functions' events that are routes of the HTTP API; a variable, which may hold some, as Unresolved."""
    for event in _events(document):
        if isinstance(event, dict) and "httpApi" in event:
            yield event["httpApi"]
        elif is_unresolved(event):
            yield event


def _events(document: Mapping[str, Any]) -> Iterator[Any]:
    seen: set[int] = set()
    for functions in _listed(document.get("functions"), seen):
        for function in _listed(functions.values() if isinstance(functions, dict) else functions, seen):
            yield from _listed(function.get("events") if isinstance(function, dict) else function, seen)


def _listed(value: Any, seen: set[int]) -> Iterator[Any]:
    """Yield the entries of a list, or the value as one; a list or object that YAML's aliases repeat comes once."""
    if isinstance(value, list):
        if id(value) in seen:
            return
        seen.add(id(value))
    for entry in value if isinstance(value, list | ValuesView) else [value]:
        if not isinstance(entry, dict) or id(entry) not in seen:
            seen.add(id(entry))
            yield entry
