"""Calls in JSON that is no HAR: an axios error, a Postman collection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apis.cors.paste.result import UNTOLD, Draft
from apis.cors.paste.sent import read_sent

MOST_VALUES = 20_000


def read(objects: tuple[Any, ...]) -> list[Draft]:
    """The calls in JSON documents, in order."""
    found: list[Draft] = []
    for value in _dicts(objects):
        config = value.get("config")
        if isinstance(config, dict) and isinstance(config.get("url"), str):
            found.append(_axios(value, config))
        request = value.get("request")
        if isinstance(request, dict) and isinstance(request.get("header"), list):
            found.append(_postman(request))
    return found[:50]


def _dicts(objects: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    waiting = list(reversed(objects))
    seen = 0
    while waiting and seen < MOST_VALUES:
        one = waiting.pop()
        seen += 1
        if isinstance(one, dict):
            yield one
            waiting += reversed(list(one.values()))
        elif isinstance(one, list):
            waiting += reversed(one)


def _axios(error: dict[str, Any], config: dict[str, Any]) -> Draft:
    base, url = config.get("baseURL"), config["url"]
    if isinstance(base, str) and "://" not in url:
        url = f"{base.rstrip('/')}/{url.lstrip('/')}"
    headers = config.get("headers")
    pairs = [(str(name), str(value)) for name, value in headers.items()] if isinstance(headers, dict) else []
    pairs = [pair for pair in pairs if pair[0].lower() not in ("accept", "user-agent", "content-length")]
    method = config.get("method")
    draft = Draft("axios", "", url, method.upper() if isinstance(method, str) else "GET")
    draft.headers = read_sent(pairs).headers
    draft.credentials = "include" if config.get("withCredentials") is True else "same-origin"
    status = error.get("status")
    response = error.get("response")
    if not isinstance(status, int) and isinstance(response, dict):
        status = response.get("status")
    if isinstance(status, int) and 100 <= status <= 999:
        draft.status, draft.symptom, draft.blocked = status, "not-cors", False
    else:
        draft.symptom, draft.blocked = "reason-in-another-line", True
    draft.unknown = () if pairs else UNTOLD - {"method"}
    return draft


def _postman(request: dict[str, Any]) -> Draft:
    url = request.get("url")
    raw = url.get("raw") if isinstance(url, dict) else url
    lines = [line for line in request["header"] if isinstance(line, dict) and line.get("disabled") is not True]
    told = read_sent([(str(line.get("key", "")), str(line.get("value", ""))) for line in lines])
    method = request.get("method")
    draft = Draft("http", told.origin, raw if isinstance(raw, str) else "")
    draft.method = method if isinstance(method, str) else "GET"
    draft.headers = told.headers
    if not told.origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return draft
