"""An element with htmx's attributes, such as `hx-post="https://…"`, and the headers that htmx adds to its call."""

from __future__ import annotations

import re

from apis.cors.paste.result import Draft
from apis.cors.paste.sent import read_sent

_IS = r"\s{0,20}=\s{0,20}[\"']?"
_CALL = re.compile(rf"(?<![\w-])(?:data-)?hx-(get|post|put|patch|delete){_IS}(https?://[^\s\"'<>]{{1,8000}})")
_HEADERS = re.compile(rf"(?<![\w-])(?:data-)?hx-headers{_IS}(?:js:|javascript:)?\s{{0,20}}\{{([^{{}}<>]{{0,4000}})\}}")
_PAIR = re.compile(r"[\"']?([\w-]{1,200})[\"']?\s*:\s*(?:\"([^\"]{0,500})\"|'([^']{0,500})'|[^,\"']{1,500})(?:,|\Z)")
_CREDENTIALS = re.compile(r"hx-(?:request|config)\s*=[^<>]{0,300}?credentials[\"']?\s*:\s*[\"']?(?:true|include)\b")
_JSON, _FILES = re.compile(r"\bjson-enc"), re.compile(rf"hx-encoding{_IS}multipart/form-data")
_OWN = (("HX-Request", ""), ("HX-Current-URL", ""))
"""The headers that every version of htmx sends with every call; others name elements that have an id."""
_LONGEST = 10_000
MOST_CALLS = 20


def read(text: str) -> list[Draft]:
    """Return the calls of elements, in order."""
    found: list[Draft] = []
    for call in _CALL.finditer(text):
        start = max(text.rfind("<", max(0, call.start() - _LONGEST), call.start()), 0)
        end = text.find("<", call.end(), call.end() + _LONGEST)
        found.append(_call(call, text[start : end if end >= 0 else call.end() + _LONGEST]))
        if len(found) == MOST_CALLS:
            break
    return found


def _call(call: re.Match[str], element: str) -> Draft:
    method = call[1].upper()
    stated = _HEADERS.search(element)
    pairs = [(name, double or single) for name, double, single in _PAIR.findall(stated[1])] if stated else []
    if method in ("POST", "PUT", "PATCH") and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("Content-Type", _body_type(element)))
    draft = Draft("htmx", url=call[2], method=method, headers=read_sent([*_OWN, *pairs]).headers)
    if _CREDENTIALS.search(element):
        draft.credentials = "include"
    return draft


def _body_type(element: str) -> str:
    if _JSON.search(element):
        return "application/json"
    return "multipart/form-data; boundary=x" if _FILES.search(element) else "application/x-www-form-urlencoded"
