"""Calls in JSON that is no HAR: axios errors, Postman collections, Firefox's headers, Lambda events, logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apis.cors.exchange import Answer
from apis.cors.origins import origin_of
from apis.cors.paste.browsers.other_messages import logged_call
from apis.cors.paste.result import UNTOLD, Draft, address_below, requested_headers
from apis.cors.paste.sent import read_sent
from apis.cors.paste.wire import Sent, draft_of

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_LINE = re.compile(
    rf"({'|'.join(_METHODS)}) (https?://[^\s\"'{{}}]{{1,8000}}?):?[ \t]+(?:([1-5][0-9]{{2}})\b[^{{}}\n]{{0,80}})?\{{"
)
_CODE = re.compile(r"[A-Za-z]{3,60}")
_OF_ACCESS_LOGS = frozenset({"routeKey", "requestTime", "resourcePath", "responseLength"})
"""Names that the console suggests for the entries of an access log, besides httpMethod and status."""
MOST_VALUES = 20_000


def read(objects: tuple[Any, ...], text: str) -> list[Draft]:
    """Return the calls in JSON documents, in order; `text` is their source."""
    found: list[Draft] = []
    for value in _dicts(objects):
        config = value.get("config")
        if isinstance(config, dict) and isinstance(config.get("url"), str):
            found.append(_axios(value, config))
        request = value.get("request")
        if isinstance(request, dict) and isinstance(request.get("header"), list):
            found.append(_postman(request))
        context = value.get("requestContext")
        if isinstance(context, dict) and isinstance(context.get("http"), dict):
            found.append(_event(value, context))
        blocked = value.get("httpRequest")
        if isinstance(blocked, dict) and value.get("action") == "BLOCK":
            found.append(_of_firewall(blocked))
    return (found or _firefox(objects, text) or [*_logged(objects)] or [*_saved(objects)])[:50]


def _saved(objects: tuple[Any, ...]) -> Iterator[Draft]:
    """Yield the requests that an API client has saved, such as Insomnia: a URL, a method and a list of headers."""
    for value in _dicts(objects):
        url, method, headers = value.get("url") or value.get("endpoint"), value.get("method"), value.get("headers")
        if not isinstance(url, str) or not isinstance(method, str) or method.upper() not in _METHODS:
            continue
        if isinstance(headers, dict):
            pairs = [(str(name), str(content)) for name, content in headers.items()]
        elif isinstance(headers, list):
            lines = [line for line in headers if isinstance(line, dict)]
            lines = [line for line in lines if not line.get("disabled") and line.get("active") is not False]
            pairs = [(str(line.get("name") or line.get("key") or ""), str(line.get("value", ""))) for line in lines]
        else:
            continue
        yield _request(url, method, pairs)


def _event(event: dict[str, Any], context: dict[str, Any]) -> Draft:
    """Return the request that an HTTP API or a function URL hands to a Lambda function (payload 2.0)."""
    method, path = (str(context["http"].get(name, "")) for name in ("method", "path"))
    headers = event.get("headers")
    pairs = [(str(name), str(value)) for name, value in headers.items()] if isinstance(headers, dict) else []
    return draft_of(Sent(method.upper(), f"https://{context.get('domainName', '')}{path}", pairs), None)


def _of_firewall(request: dict[str, Any]) -> Draft:
    """Return the request that AWS WAF says in its log it has blocked."""
    pairs = _pairs(request)
    host = next((value for name, value in pairs if name.lower() == "host"), "")
    draft = draft_of(Sent(str(request.get("httpMethod")), f"https://{host}{request.get('uri')}", pairs), None)
    draft.symptom, draft.blocked = "firewall-answered", True
    return draft


def _firefox(objects: tuple[Any, ...], text: str) -> list[Draft]:
    """Read Firefox's Headers panel (“Copy All”) and Postman's log: JSON with the headers of both sides."""
    sections = {str(key).partition(" (")[0].lower(): value for one in _dicts(objects) for key, value in one.items()}
    sent, answered = (_pairs(sections.get(f"{side} headers")) for side in ("request", "response"))
    if not sent:
        return []
    line = _REQUEST_LINE.search(text)
    if line:
        answer = Answer(int(line[3]), tuple(answered)) if line[3] else None
        return [draft_of(Sent(line[1], line[2], sent), answer)]
    method = next((name for name in _METHODS if isinstance(sections.get(name.lower()), dict)), "")
    place = sections.get(method.lower()) if method else {}
    path = str(place.get("filename", "")) if isinstance(place, dict) else ""
    if not method:
        method = "OPTIONS" if any(name.lower() == "access-control-request-method" for name, _ in sent) else "GET"
    status = str(sections.get("status", ""))[:3]
    # Firefox shows no status for some calls; without one the response cannot be judged.
    answer = Answer(int(status), tuple(answered)) if status.isdigit() and len(status) == 3 else None
    draft = draft_of(Sent(method, path or "/", sent), answer, "headers")
    if not path:
        draft.unknown = {*draft.unknown, "url"}
    return [draft]


def _pairs(section: Any) -> list[tuple[str, str]]:
    if isinstance(section, dict) and "headers" not in section:
        return [(str(name), str(value)) for name, value in section.items() if isinstance(value, str | int)]
    lines = section.get("headers") if isinstance(section, dict) else None
    lines = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    return [(str(line.get("name", "")), str(line.get("value", ""))) for line in lines]


def _logged(objects: tuple[Any, ...]) -> Iterator[Draft]:
    """Yield the calls that a monitoring tool or the browser's protocol has recorded: a URL, a method and a status."""
    page, unanswered = "", None
    for value in _dicts(objects):
        about = value.get("request")
        if isinstance(value.get("breadcrumbs"), dict | list):
            unanswered = 0
            page = origin_of(str(about.get("url", ""))) or "" if isinstance(about, dict) else ""
        code = value.get("corsError")
        if isinstance(code, str) and _CODE.fullmatch(code):
            draft = Draft("chrome", code=code, value=str(value.get("failedParameter", "")), unknown=UNTOLD)
            draft.blocked = True
            if code == "HeaderDisallowedByPreflightResponse" and draft.value:
                draft.headers = requested_headers([draft.value])
            if code == "MethodDisallowedByPreflightResponse" and draft.value:
                draft.method, draft.unknown = draft.value, UNTOLD - {"method"}
            yield draft
        if isinstance(value.get("httpMethod"), str) and value.keys() & _OF_ACCESS_LOGS:
            yield from _access_log(value)
        url, method = value.get("url"), value.get("method")
        # A breadcrumb of a call that failed has no status.
        status = next((value[name] for name in ("status_code", "statusCode", "status") if name in value), unanswered)
        if not isinstance(url, str) or "://" not in url or not isinstance(method, str) or not isinstance(status, int):
            continue
        draft = Draft("network", page, url, method.upper(), unknown=UNTOLD - {"method"})
        if 100 <= status <= 999:
            draft.status, draft.symptom, draft.blocked = status, "not-cors", False
        else:
            draft.symptom, draft.blocked = "reason-in-another-line", True
        yield draft


def _access_log(entry: dict[str, Any]) -> Iterator[Draft]:
    """Yield the call of an entry of an HTTP API's access log."""
    method, status = entry["httpMethod"].upper(), str(entry.get("status", ""))
    if method not in _METHODS or not (status.isdigit() and len(status) == 3):
        return
    host, path = entry.get("domainName"), entry.get("path") or entry.get("rawPath")
    url = f"https://{host}{path}" if isinstance(host, str) and isinstance(path, str) else ""
    yield logged_call(url, method, int(status))


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
        url = address_below(base, url)
    headers = config.get("headers")
    pairs = [(str(name), str(value)) for name, value in headers.items()] if isinstance(headers, dict) else []
    pairs = [pair for pair in pairs if pair[0].lower() not in ("accept", "user-agent", "content-length")]
    method = config.get("method")
    draft = Draft("axios", url=url, method=method.upper() if isinstance(method, str) else "GET")
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
    pairs = [(str(line.get("key", "")), str(line.get("value", ""))) for line in lines]
    method = request.get("method")
    return _request(raw if isinstance(raw, str) else "", method if isinstance(method, str) else "GET", pairs)


def _request(url: str, method: str, pairs: list[tuple[str, str]]) -> Draft:
    """Return a request as an API client keeps it; one for a preflight is the call that it asks for."""
    parsed = read_sent(pairs)
    draft = Draft("http", parsed.origin, url, method.upper(), parsed.headers)
    if parsed.requested_method:
        draft.method, draft.headers = parsed.requested_method, requested_headers(parsed.asked)
    if not parsed.origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return draft
