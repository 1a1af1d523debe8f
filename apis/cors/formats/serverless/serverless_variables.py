"""Serverless's variables, `${self:custom.origin}`, resolved with what the file itself states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apis.cors.formats.escape import quoted
from apis.cors.formats.format import FormatError
from apis.cors.formats.values import Object, Plain, Unresolved, is_unresolved, line_of, refuse_repeated, unresolved

_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{")
_BRACES = re.compile(r"(?<!\\)(\\*)\$\{|\}")
_MOST_STEPS = 200_000
_DEPTH = 24
_LONGEST = 20_000  # characters of a text that variables make
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PLAIN = re.compile(r"-?[0-9]+|true|false|null")
_DEFAULTS = {"stage": "dev", "region": "us-east-1"}


def escaped(text: str) -> str:
    """Quote a text so that `${` in it is no variable: Serverless halves the backslashes before it."""
    return quoted(_VARIABLE.sub(lambda found: found[1] * 2 + "\\${", text))


def resolved_document(document: Mapping[str, Any]) -> tuple[Object, dict[str, Any]]:
    """Return a copy of a document with its variables resolved, and each variable with its value.

    What only another file, the account or the shell knows becomes Unresolved, with a reason.
    """
    resolver = _Resolver(document)
    return resolver.value(document), resolver.found


def known(values: Any, key: str) -> Any:
    """Return the value of a key, None without one. Raises FormatError when it is unresolved."""
    value = values.get(key) if isinstance(values, dict) else None
    if is_unresolved(value):
        raise unresolved(value, key, line_of(values, key))
    return value


class _Unknown(Exception):
    """Why a variable cannot be resolved."""


class _Resolver:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.found: dict[str, Any] = {}
        self.done: dict[int, Any] = {}
        self.open: set[str] = set()
        self.steps = 0

    def value(self, value: Any, depth: int = 0) -> Any:
        """Resolve a value and everything in it; what YAML's aliases share stays shared."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise FormatError("This has too many values. Paste only the part about the API.")
        if isinstance(value, str):
            return self._text(value, depth)
        if not isinstance(value, list | dict):
            return value
        if id(value) in self.done:
            return self.done[id(value)]
        copy: Any
        if isinstance(value, list):
            self.done[id(value)] = copy = []
            copy += [self.value(entry, depth) for entry in value]
            return copy
        self.done[id(value)] = copy = Object(value)
        for key, entry in value.items():
            copy[key] = self.value(entry, depth)
        return copy

    def _text(self, text: str, depth: int) -> Any:
        """Resolve the variables of a text; one that is the whole text keeps its type."""
        if "${" not in text:
            return text
        pieces: list[str] = []
        end = 0
        for start, stop in _spans(text):
            before = text[end:start]
            slashes = len(before) - len(before.rstrip("\\"))
            try:
                if stop < 0:
                    raise _Unknown("")
                value = self._variable(text[start + 2 : stop - 1], depth + 1)
            except _Unknown as unknown:
                return Unresolved(text, why=str(unknown))
            self.found[text[start:stop]] = value
            if start == 0 and stop == len(text):
                return value
            if not isinstance(value, str | int) or isinstance(value, bool):
                return Unresolved(text)
            pieces += [_literal(before[: len(before) - slashes]), "\\" * (slashes // 2), str(value)]
            end = stop
        pieces.append(_literal(text[end:]))
        result = "".join(pieces)
        if len(result) > _LONGEST:
            return Unresolved(text[:80])
        return result

    def _variable(self, inside: str, depth: int) -> Any:
        """Return the value of what is between the braces: the first of its sources that has one."""
        if depth > _DEPTH:
            raise _Unknown("")
        why = ""
        for source in _sources(inside):
            try:
                value = self._source(source, depth)
            except _Unknown as unknown:
                raise _Unknown(str(unknown) or source[:60]) from None
            if value is not None:
                return value
            why = why or f"{source[:60]} has no value here"
        raise _Unknown(why)

    def _source(self, source: str, depth: int) -> Any:
        if "${" in source:
            inner = self._text(source, depth)
            if not isinstance(inner, str):
                raise _Unknown(source[:60])
            source = inner
        if _QUOTED.fullmatch(source):
            return source[1:-1]
        if _PLAIN.fullmatch(source):
            return None if source == "null" else Plain(source)
        kind, _, address = source.partition(":")
        if kind == "self" and address:
            return self._self(address, depth)
        if kind in ("opt", "env"):
            return None  # given on the command line or in the environment, else the next source counts
        if kind == "param" and address:
            return self._param(address, depth)
        if source == "sls:stage":
            return self._self("provider.stage", depth)
        raise _Unknown(f"{source[:60]} is not in this file")

    def _param(self, address: str, depth: int) -> Any:
        """Return a parameter of the stage, else of every stage; None without one."""
        stage = self._self("provider.stage", depth)
        if not isinstance(stage, str):
            raise _Unknown(f"param:{address[:60]} depends on the stage")
        for name in (stage, "default"):
            for table in (f"stages.{name}.params", f"params.{name}"):
                found = self._self(f"{table}.{address}", depth)
                if found is not None:
                    return found
        return None

    def _self(self, address: str, depth: int) -> Any:
        """Return what the document states at an address, `custom.origins.dev`; None without it."""
        if address in self.open:
            raise _Unknown(f"self:{address[:60]} refers to itself")
        value: Any = self.document
        for key in address.split("."):
            if isinstance(value, str) and "${" in value:
                value = self._text(value, depth + 1)
            if isinstance(value, Unresolved):
                raise _Unknown(value.why or value.text[:60])
            if isinstance(value, list) and key.isascii() and key.isdigit() and int(key[:6]) < len(value):
                value = value[int(key[:6])]
            else:
                refuse_repeated(value, key)
                value = value.get(key) if isinstance(value, dict) else None
        if value is None and address.startswith("provider."):
            return _DEFAULTS.get(address.removeprefix("provider."))
        self.open.add(address)
        try:
            result = self._text(value, depth + 1) if isinstance(value, str) else self.value(value, depth + 1)
        finally:
            self.open.discard(address)
        if isinstance(result, Unresolved):
            raise _Unknown(result.why or result.text[:60])
        return result


def _spans(text: str) -> list[tuple[int, int]]:
    """Return where the outermost `${…}` of a text begin and end; an end of -1 is one that is not closed.

    An odd number of backslashes before it makes a `${` literal.
    """
    spans: list[tuple[int, int]] = []
    depth, start = 0, -1
    for found in _BRACES.finditer(text):
        if found[0] == "}":
            depth -= depth > 0
            if not depth and start >= 0:
                spans.append((start, found.end()))
                start = -1
        elif len(found[1]) % 2 == 0:
            if not depth:
                start = found.end() - 2
            depth += 1
        if not depth:
            start = -1
    if depth:
        spans.append((start, -1))
    return spans


def _literal(text: str) -> str:
    """Return a text in which every `${` is escaped, without the escapes."""
    return _VARIABLE.sub(lambda found: "\\" * (len(found[1]) // 2) + "${", text)


def _sources(inside: str) -> list[str]:
    """Return the sources of a variable, which commas part outside of quotes, parentheses and inner variables."""
    found, start, depth, quote = [], 0, 0, ""
    for place, char in enumerate(inside):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "{(":
            depth += 1
        elif char in "})":
            depth -= 1
        elif char == "," and not depth:
            found.append(inside[start:place].strip())
            start = place + 1
    return [*found, inside[start:].strip()]
