"""YAML and JSON documents as plain values, read without running or expanding anything.

Scalars of YAML stay texts, so `[GET, no, 1]` is a list of three texts, and only an empty or `null` one is None. A key
that is stated twice is noted, not refused: only the reader knows whether it matters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from typing import Any

from apis.cors.formats.format import FormatError, WrongSyntax
from apis.cors.formats.values import Object

# A text or comment that never ends takes the rest, so that no later place is tried again.
_COMMENTS = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TOKENS = re.compile(r'("(?:[^"\\\n]|\\.)*+"(?=\s*:))|"(?:[^"\\\n]|\\.)*+"|[{}\n]')
_LAST_COMMAS = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)


class _NotJson(WrongSyntax):
    pass


def read_document(text: str) -> Any:
    """Return the value that a JSON or YAML text states. Raises FormatError with the line of what is wrong."""
    found, second = read_documents(text)
    if second:
        raise FormatError("A second document begins here. Paste one.", line=second)
    return found[0] if found else None


def read_documents(text: str) -> tuple[list[Any], int | None]:
    """Return the documents of a JSON or YAML text, and the line on which the second one begins."""
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        return _read_yaml(text)
    with suppress(_NotJson):
        return [read_json(text)], None
    try:
        return [read_json(_without_comments(text))], None
    except FormatError as error:
        try:
            return _read_yaml(text)  # YAML's own braces, in which keys need no quotes
        except FormatError:
            raise error from None


def _without_comments(text: str) -> str:
    """Return JSON without the comments and last commas that editors allow; line numbers stay."""
    bare = _COMMENTS.sub(lambda found: found[0] if found[0][0] == '"' else "\n" * found[0].count("\n"), text)
    return _LAST_COMMAS.sub(lambda found: found[0] if found[0][0] == '"' else "", bare)


def read_json(text: str) -> Any:
    """Return the value that a JSON text states."""
    try:
        return json.loads(text, object_pairs_hook=_Objects(text) if "\n" in text else _unique)
    except json.JSONDecodeError as error:
        raise _NotJson(f"This is not JSON: {error.msg[:1].lower()}{error.msg[1:]}.", line=error.lineno) from None
    except ValueError:  # a number of thousands of digits
        raise FormatError("This has a number that is too long.") from None


class JsonObject(Object):
    """An object that is written in JSON, where a quoted `true` is a text."""


def _unique(pairs: list[tuple[str, Any]], lines: Iterable[int | None] = repeat(None)) -> JsonObject:
    found = JsonObject()
    for (key, value), line in zip(pairs, lines, strict=False):
        if key in found:
            found.twice[key] = line
        elif line is not None:
            found.lines[key] = line
        found[key] = value
    return found


class _Objects:
    """Make the objects of a JSON text in the order in which they end, each with the lines of its keys."""

    def __init__(self, text: str) -> None:
        self._lines = _lines_of_keys(text)

    def __call__(self, pairs: list[tuple[str, Any]]) -> JsonObject:
        return _unique(pairs, next(self._lines, ()))


def _lines_of_keys(text: str) -> Iterator[list[int]]:
    """Yield, for each object of a JSON text at its end, the lines of its keys in order."""
    line, pending = 1, list[list[int]]()
    for found in _TOKENS.finditer(text):
        token = found[0][0]
        if token == "\n":
            line += 1
        elif token == "{":
            pending.append([])
        elif token == "}" and pending:
            yield pending.pop()
        elif found[1] and pending:
            pending[-1].append(line)


def _read_yaml(text: str) -> tuple[list[Any], int | None]:
    from apis.cors.formats.documents.yaml_events import (
        Builder,  # only for YAML, for a quick start of the linter without it
    )

    return Builder().read(text)
