"""A request of Bruno, in its own text format (Bru): `put { url: … }`, `headers { Name: value }`."""

from __future__ import annotations

import re

from apis.cors.paste.result import Draft, requested_headers
from apis.cors.paste.sent import read_sent

_CALL = re.compile(r"^(get|head|post|put|patch|delete|options)[ \t]*\{[ \t]*\n(?:[^\n}]{0,500}\n){0,20}?"
                   r"[ \t]*url:[ \t]*(\S{1,8000})", re.MULTILINE)  # fmt: skip
_BLOCK = re.compile(r"^(headers|body:[\w-]{1,30})[ \t]*\{[ \t]*\n", re.MULTILINE)
_HEADER = re.compile(r"[ \t]*([A-Za-z][\w-]{0,200}):[ \t]*(.*)")
_TYPES = {"body:json": "application/json", "body:form-urlencoded": "application/x-www-form-urlencoded",
          "body:graphql": "application/json", "body:xml": "application/xml", "body:text": "text/plain",
          "body:multipart-form": "multipart/form-data; boundary=x"}  # fmt: skip


def read(text: str) -> list[Draft]:
    """Return the request of a .bru file; names that start with ~ are switched off."""
    found = _CALL.search(text)
    if found is None:
        return []
    pairs: list[tuple[str, str]] = []
    kind = ""
    for block in _BLOCK.finditer(text):
        if block[1] != "headers":
            kind = _TYPES.get(block[1], "")
            continue
        for line in text[block.end() : block.end() + 60_000].split("\n"):
            header = _HEADER.fullmatch(line)
            if line.strip() == "}":
                break
            if header:
                pairs.append((header[1], header[2].strip()))
    if kind and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("Content-Type", kind))
    sent = read_sent(pairs)
    draft = Draft("http", sent.origin, found[2], found[1].upper(), sent.headers)
    if sent.requested_method:
        draft.method, draft.headers = sent.requested_method, requested_headers(sent.asked)
    if not sent.origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return [draft]
