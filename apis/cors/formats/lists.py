"""A pasted list of entries for one field, however it was written down."""

from __future__ import annotations

import json
import re
from collections import Counter

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
_ENTRY = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([^\s,;\[\]\"'`]+(?:\[[0-9A-Fa-f:.]*\][^\s,;\[\]\"'`]*)?)")
_NAMED = re.compile(
    r"\s*(?:(?:export|const|let|var|val|set|local|readonly|ENV|ARG|public|private|static|final)\s+)*"
    r"(?:[A-Za-z_][\w.-]*(?:\s*:\s*[\w<>\[\]., ]{1,60}?)?\s*=(?!=)\s*(?=[\[(\"'`]|(?:new\s+)?\w+(?:\.\w+)*\()"
    r"|[A-Za-z_][\w.-]*\s*:\s+(?=[\[\"'])|(?:\$env:)?[A-Z][A-Z0-9_]+\s*(?:=|:\s)(?!=)\s*)"
)
"""A name before a list: of a variable of a program or a shell, of a constant, of an argument."""
_CALL = re.compile(r"(?:new\s+)?[A-Za-z_][\w.]*(?:<[\w, ]*>)?\(\s*(?=[\[\"'])")
_MARKDOWN_LINK = re.compile(r"\[[^\[\]\n]{0,300}\]\((\w+://[^()\s]{1,300})[^()\n]{0,100}\)")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t:|-]*)?")
_COMMENT = re.compile(r"(^|\s)(?:#|//)[^\n]*")
_BULLET = re.compile(r"^[ \t]*(?:[-+•–]|\d+[.)])[ \t]+", re.MULTILINE)
_STARRED = re.compile(r"^[ \t]*\*[ \t]+(?=\S)", re.MULTILINE)
_LINK = re.compile(r"<(\w+://.*)>")


def read_list(text: str) -> list[str]:
    """Return the entries of a pasted text, in order, with repeats: between commas, blanks or line ends, quoted or not,
    as JSON, as a list of a program, of YAML or Markdown, or behind a field's or a header's name
    (`AllowOrigins="a","b"`). The panel's script takes a text apart by the same rules.

    Raises FormatError only when the text is too long.
    """
    if len(text) > MAX_CHARACTERS:
        raise FormatError(f"This is longer than {MAX_CHARACTERS:,} characters.")
    text = text.replace("\0", "").strip().lstrip("\ufeff")
    from_json = _from_json(text)
    if from_json is not None:
        return from_json
    text = _column(_MARKDOWN_LINK.sub(r"\1", _COMMENT.sub(r"\1", text)))
    text = _without_stars(text)
    for pattern in (_KEY, _NAMED, _CALL):
        named = pattern.match(text)
        if named:
            text = text[named.end() :].lstrip()
    if text.startswith("[") and "]" in text:
        text = text[: text.rindex("]") + 1]
        from_json = _from_json(text)
        if from_json is not None:
            return from_json
    text = _BULLET.sub("", text)
    entries = (entry for found in _ENTRY.finditer(text) for entry in _split(found))
    plain = (link[1] if (link := _LINK.fullmatch(entry)) else entry for entry in entries)
    # A lone dash is the mark of an item in YAML and Markdown, a lone bracket or brace is punctuation.
    return [entry for entry in plain if entry not in _PUNCTUATION]


_PUNCTUATION = frozenset({"", "-", "{", "}", "•", "(", ")", ");"})


def _split(found: re.Match[str]) -> list[str]:
    """Return an entry, or those of a list in quotes: `"GET,POST"`."""
    quoted = found[1] or found[2] or ""
    if "," in quoted:
        parts = [part.strip(" \t\"'") for part in quoted.split(",")]
        if not any(" " in part for part in parts):
            return parts
    return [(quoted or found[3] or "").strip()]


def _column(text: str) -> str:
    """Return the cells of a Markdown table, one a line: of the column with the most URLs, else of the first."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    rule = next((place for place, line in enumerate(lines[:3]) if "|" in line and _TABLE_RULE.fullmatch(line)), -1)
    if rule < 0:
        return text
    rows = [[cell.strip(" \t`") for cell in line.strip("|").split("|")] for line in lines[rule + 1 :]]
    urls: Counter[int] = Counter(place for row in rows for place, cell in enumerate(row) if "://" in cell)
    column = urls.most_common(1)[0][0] if urls else 0
    return "\n".join(row[column] for row in rows if column < len(row))


def _without_stars(text: str) -> str:
    """Without the marks of a Markdown list; a star that stands for itself, as in `*, authorization`, stays."""
    lines = [line for line in text.split("\n") if line.strip()]
    is_list = all(_STARRED.match(line) for line in lines)
    if is_list and (len(lines) > 1 or re.match(r"\*[ \t]+\S+://", text)):
        return _STARRED.sub("", text)
    return text


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
