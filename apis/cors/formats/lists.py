"""A pasted list of entries for one field, however it was written down."""

from __future__ import annotations

import json
import re

from apis.cors.formats.format import MAX_CHARACTERS, FormatError
from apis.cors.formats.values import CAMEL_NAMES
from apis.cors.policy import HEADER_OF_FIELD, LIST_FIELDS

_KEYS = sorted(
    {name for field in LIST_FIELDS for name in (field, HEADER_OF_FIELD[field])}
    | {key for key, name in CAMEL_NAMES.items() if name in LIST_FIELDS}
    | {"allow_origins", "allow_headers", "allow_methods", "expose_headers"}
    | {"allowedOrigins", "allowedHeaders", "allowedMethods", "exposedResponseHeaders"},
    key=len,
    reverse=True,
)
_KEY = re.compile(rf"[\s{{,\"'-]*(?:{'|'.join(map(re.escape, _KEYS))})[\"']?\s*[:=]", re.IGNORECASE)
_ENTRY = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([^\s,;\[\]\"']+(?:\[[0-9A-Fa-f:.]*\][^\s,;\[\]\"']*)?)")


def read_list(text: str) -> list[str]:
    """The entries of a pasted text, in order, with repeats: between commas, blanks or line ends, quoted or not,
    as JSON, as a list of a program or of YAML, or behind a field's or a header's name (`AllowOrigins="a","b"`).

    Raises FormatError only when the text is too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise FormatError(f"This is longer than {MAX_CHARACTERS:,} characters.")
    text = text.strip().lstrip("\ufeff")
    from_json = _from_json(text)
    if from_json is not None:
        return from_json
    named = _KEY.match(text)
    if named:
        text = text[named.end() :]
    entries = (found[1] or found[2] or found[3] or "" for found in _ENTRY.finditer(text))
    # A lone dash is the mark of an item in YAML and Markdown, a lone bracket or brace is punctuation.
    return [entry.strip() for entry in entries if entry.strip() not in ("", "-", "{", "}", "•")]


def _from_json(text: str) -> list[str] | None:
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        return None
    return [entry.strip() for entry in value if entry.strip()]
