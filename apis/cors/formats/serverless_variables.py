"""Serverless's variables, `${self:custom.origin}`: what has one is worked out at deployment; an escaped one is text."""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats.escape import quoted
from apis.cors.formats.values import Object, Unresolved, is_unresolved, line_of, unresolved

_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{")


def escaped(text: str) -> str:
    """A text in quotes in which `${` is no variable: Serverless halves the backslashes before it."""
    return quoted(_VARIABLE.sub(lambda found: found[1] * 2 + "\\${", text))


def plain(value: Any) -> Any:
    """A value with the escapes of `${` undone; a text with a variable is Unresolved."""
    if not isinstance(value, str):
        return value
    for found in _VARIABLE.finditer(value):
        if len(found[1]) % 2 == 0:
            return Unresolved(value)
    return _VARIABLE.sub(lambda found: found[1][: len(found[1]) // 2] + "${", value)


def plain_object(value: Any) -> Any:
    """The same for what is in an object and in the lists of it, which is as deep as a CORS configuration goes."""
    if not isinstance(value, dict):
        return plain(value)
    copy = Object(value)
    for key, entry in value.items():
        copy[key] = [plain(one) for one in entry] if isinstance(entry, list) else plain(entry)
    return copy


def known(values: Any, key: str) -> Any:
    """The value of a key, None without one. Raises FormatError when it is worked out at deployment."""
    value = plain(values.get(key)) if isinstance(values, dict) else None
    if is_unresolved(value):
        raise unresolved(value, key, line_of(values, key))
    return value
