"""The part `provider.httpApi` of a serverless.yml: the CORS of the API that Serverless generates, with its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import dataclass
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.serverless_variables import known, plain, plain_object
from apis.cors.formats.values import Object, flag_of, is_unresolved, line_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

NAMES = {
    "allowedOrigins": "AllowOrigins",
    "allowedHeaders": "AllowHeaders",
    "allowedMethods": "AllowMethods",
    "exposedResponseHeaders": "ExposeHeaders",
    "maxAge": "MaxAge",
    "allowCredentials": "AllowCredentials",
}
"""Serverless's names of the six fields."""

_DEFAULT_HEADERS = (
    "Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)  # fmt: skip
_ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")


@dataclass(frozen=True, slots=True)
class Provider:
    """What `provider` says of the API that Serverless generates.

    `cors` is what stands there, `values` the innermost object that was found, `is_stated` whether it speaks of CORS.
    `id` is that of an API made elsewhere, None without one. `unknown` is the error of a part that is a variable.
    """

    cors: Any
    values: Mapping[str, Any]
    is_stated: bool
    id: Any = None
    unknown: FormatError | None = None


def provider_of(document: Mapping[str, Any]) -> Provider:
    """What a serverless.yml, or the part of one from `provider`, `httpApi` or `cors` on, says of its own API."""
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
    if cors is None and any(key in part for key in NAMES):
        cors = part
    return Provider(cors, part, cors is not None, outside)


def generated(provider: Provider, document: Mapping[str, Any]) -> CorsPolicy:
    """The policy of the API that Serverless generates, before `resources` changes it. Raises FormatError."""
    value, line = provider.cors, line_of(provider.values, "cors")
    flag = flag_of(value)
    if value is None or flag is False:
        return CorsPolicy.off()
    value = {} if flag else plain_object(value)
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
    return policy_from(stated, NAMES)


def has_routes(document: Mapping[str, Any]) -> bool:
    """Whether a function is called through the HTTP API, without which Serverless generates none."""
    return any(not is_unresolved(route) for route in _routes(document))


def _served_methods(document: Mapping[str, Any]) -> Iterator[str]:
    """The methods of the functions' routes, which Serverless allows beside OPTIONS when none are named."""
    for route in _routes(document):
        method = route.get("method", "*") if isinstance(route, dict) else route
        word = plain(method.split()[0]) if isinstance(method, str) and method.strip() else method
        if is_unresolved(word):
            raise unresolved(word, "functions", line_of(document, "functions"))
        if isinstance(word, str):
            yield from _ANY_METHOD if word.upper() in ("*", "ANY") else [word.upper()]


def _routes(document: Mapping[str, Any]) -> Iterator[Any]:
    """The events of the functions that are routes of the HTTP API; a variable, which may hold some, as Unresolved."""
    seen: set[int] = set()
    for functions in _listed(document.get("functions"), seen):
        for function in _listed(functions.values() if isinstance(functions, dict) else functions, seen):
            for event in _listed(function.get("events") if isinstance(function, dict) else function, seen):
                if isinstance(event, dict) and "httpApi" in event:
                    yield event["httpApi"]
                elif is_unresolved(event):
                    yield event


def _listed(value: Any, seen: set[int]) -> Iterator[Any]:
    """The entries of a list, or the value as one; a list or object that YAML's aliases repeat comes once."""
    if isinstance(value, list):
        if id(value) in seen:
            return
        seen.add(id(value))
    for entry in value if isinstance(value, list | ValuesView) else [value]:
        if not isinstance(entry, dict) or id(entry) not in seen:
            seen.add(id(entry))
            yield plain(entry)
