"""Placeholders that a template engine or a shell fills in, in a document whose own format knows no variables."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Notes
from apis.cors.policy import LIST_FIELDS, CorsPolicy

_WITHOUT_VARIABLES = frozenset({"json", "openapi", "ack", "crossplane", "console"})
_ANYWHERE = r"\$\{[^{}\n]{1,200}\}|\{\{[^{}\n]{1,200}\}\}|<%[^%\n]{1,200}%>"
_PLACEHOLDER = re.compile(_ANYWHERE)
# No host has these signs, but the name of a header may.
_IN_ORIGIN = re.compile(rf"{_ANYWHERE}|\$\([^()\n]{{1,200}}\)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|<[^<>:/\n]{{1,200}}>")
_SIGNS = re.compile(r"[$%<]|\{\{")
_NUMBERS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "$%<{"}


def as_numbers(quoted: str) -> str:
    """Return a quoted text of JSON with the signs of placeholders as numbers, so that it is read back literally."""
    return quoted.translate(_NUMBERS)


def refusing_placeholders(text: str, document: Document) -> Document:
    """Return a document whose APIs raise FormatError for an entry with a placeholder, as `text` writes it."""
    is_part = document.format == "cloudformation" and not any(one.name for one in document.found)
    if not (is_part or document.format in _WITHOUT_VARIABLES) or not _SIGNS.search(text):
        return document
    return Document(document.format, [replace(one, read=_refusing(text, one.read)) for one in document.found])


def _refusing(text: str, read: Callable[[Notes], CorsPolicy]) -> Callable[[Notes], CorsPolicy]:
    def read_checked(notes: Notes) -> CorsPolicy:
        policy = read(notes)
        for name in LIST_FIELDS:
            pattern = _IN_ORIGIN if name == "AllowOrigins" else _PLACEHOLDER
            for entry in policy.get(name):
                found = pattern.search(entry)
                if found and found[0] in text:
                    what = f"{found[0][:80]} is filled in by a template engine or a shell. Write the value itself."
                    raise FormatError(what, name)
        return policy

    return read_checked
