"""The CORS page of AWS's console as people copy it: header names with their values, in lines or in a table."""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, part
from apis.cors.formats.lists import read_list
from apis.cors.formats.values import flag_of, policy_from
from apis.cors.policy import HEADER_OF_FIELD, LIST_FIELDS, CorsPolicy

_FIELDS = {name.lower(): field for field, header in HEADER_OF_FIELD.items() for name in (field, header)}
_NAME = re.compile(
    rf"[ \t|*_`\"'>-]{{0,20}}({'|'.join(sorted(_FIELDS, key=len, reverse=True))})[ \t*_`\"']{{0,20}}"
    r"(?:[:=|\t][ \t`\"']{0,20}([^\n]*)|\r?$)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\s|+:=-]*")
_NONE = re.compile(r"no [\w -]{1,40} (?:are|is) allowed|none|not set|-+|–|—", re.IGNORECASE)
_SECONDS = re.compile(r"(-?[0-9]{1,9})(?:[ \t]*(?:s|sec|secs|second|seconds))?", re.IGNORECASE)
_RESPONSE = re.compile(
    r"^[ \t<]*(?:HTTP/[0-9.]+ [0-9]{3}\b|(?:apigw-requestid|x-amz[\w-]*|vary|via|server|content-length)[ \t]*:)",
    re.MULTILINE | re.IGNORECASE,
)
_MOST_LINES = 400


def is_console_page(text: str) -> bool:
    """Return whether a text begins with the name of one of the six fields and has another, each before its value."""
    lines = [line for line in text.split("\n", _MOST_LINES)[:_MOST_LINES] if line.strip()]
    named = [place for place, line in enumerate(lines) if _NAME.match(line)]
    return len(named) > 1 and named[0] < 6 and (_stands_alone(lines, named) or _has_headers(lines, named))


def _has_headers(lines: list[str], named: list[int]) -> bool:
    return all("access-control-" in lines[place].lower() or "|" in lines[place] for place in named)


def _stands_alone(lines: list[str], named: list[int]) -> bool:
    return all((found := _NAME.match(lines[place])) is not None and found[2] is None for place in named)


def read(text: str) -> Document:
    """Return the configuration that the page shows. Raises FormatError."""
    if _RESPONSE.search(text):
        raise FormatError("These are the headers of a response, not a configuration. Paste what get-api prints.")
    values: dict[str, list[str]] = {}
    field = ""
    for number, line in enumerate(text.split("\n"), 1):
        found = _NAME.match(line)
        if found:
            field = _FIELDS[found[1].lower()]
            if field in values:
                raise FormatError("is there twice. Keep the one that is meant.", found[1], number)
            values[field] = [_cell(found[2] or "")]
        elif field and not _RULE.fullmatch(line):
            values[field].append(_cell(line))
    stated = {name: _value(name, "\n".join(lines).strip()) for name, lines in values.items()}
    return Document("console", [part(lambda: _policy(stated))])


def _policy(stated: dict[str, Any]) -> CorsPolicy:
    if not any(stated.get(name) for name in LIST_FIELDS):
        raise FormatError(
            "Nothing is allowed here: CORS may be off, or on with an empty configuration. Paste what get-api prints."
        )
    return policy_from({name: value for name, value in stated.items() if value is not None})


def _cell(text: str) -> str:
    return text.strip(" \t|`*_\r") if text.strip(" \t|`_\r") != "*" else "*"


def _value(name: str, text: str) -> Any:
    if name not in LIST_FIELDS:
        if not text or _NONE.fullmatch(text):
            return None
        if name == "MaxAge":
            found = _SECONDS.fullmatch(text)
            return found[1] if found else text
        flag = flag_of(text)
        return text if flag is None else flag
    return [] if not text or _NONE.fullmatch(text) else read_list(text)
