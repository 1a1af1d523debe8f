"""Preflights and calls that people send with Python's requests or httpx to see the response headers."""

from __future__ import annotations

import re

from apis.cors.exchange import Answer
from apis.cors.paste.commands import finished
from apis.cors.paste.result import Draft

_CALL = re.compile(
    r"\b(?:requests|httpx|session|client|s)\.(get|post|put|patch|delete|options|head|request)\(\s*"
    r"(?:['\"]([A-Za-z]{3,7})['\"]\s*,\s*)?(?:url\s*=\s*)?(?:f?['\"](https?://[^'\"\s]{1,8000})['\"]|([A-Za-z_]\w{0,60}))"
)
_LIBRARY = re.compile(r"\b(?:requests|httpx)\b")
_HEADERS = re.compile(r"\bheaders\s*=\s*\{([^{}]{0,4000})\}")
_PAIR = re.compile(r"['\"]([A-Za-z][\w-]{0,200})['\"]\s*:\s*f?(?:'([^'\n]{0,4000})'|\"([^\"\n]{0,4000})\")")
_ANSWER = re.compile(
    r"\b([1-5][0-9]{2})(?: [A-Z][A-Za-z ]{1,40})?\]?>?(?:[\s#>,]|\\n){0,12}(?:Headers\()?\{([^{}]{1,8000})\}"
)
_STATUS = re.compile(r"<Response \[([1-5][0-9]{2})\b")


def read(text: str) -> list[Draft]:
    """Return the first call that has an Origin header: no other is about CORS."""
    call = _CALL.search(text) if _LIBRARY.search(text) else None
    stated = _HEADERS.search(text) if call else None
    if call is None or stated is None:
        return []
    headers = _pairs(stated[1])
    if not any(name.lower() == "origin" for name, _ in headers):
        return []
    method = (call[2] or call[1]).upper()
    kind = _content_type(text[call.end() : call.end() + 4_000])
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    draft = Draft("http", url=call[3] or _value(text, call[4]), method=method, headers=headers)
    found = _ANSWER.search(text, call.end())
    draft = finished(draft, Answer(int(found[1]), tuple(_pairs(found[2]))) if found else None)
    status = None if found else _STATUS.search(text, call.end())
    if status and method == "OPTIONS":
        draft.preflight_status = int(status[1])
    elif status:
        draft.status = int(status[1])
    return [draft]


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(name, first or second) for name, first, second in _PAIR.findall(text)]


def _content_type(arguments: str) -> str:
    """Return the Content-Type that the library adds for a body."""
    if re.search(r"\bjson\s*=", arguments):
        return "application/json"
    return "application/x-www-form-urlencoded" if re.search(r"\bdata\s*=\s*\{", arguments) else ""


def _value(text: str, name: str) -> str:
    """Return the text that a name was given, "" without one."""
    found = re.search(rf"\b{re.escape(name)}\s*=\s*f?['\"](https?://[^'\"\s]{{1,8000}})['\"]", text)
    return found[1] if found else ""
