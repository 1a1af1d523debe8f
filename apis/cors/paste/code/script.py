"""Just enough of JavaScript to read the arguments of a call: its tokens, and objects and lists made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_WORD = re.compile(r"[A-Za-z_$\u0080-\U0010ffff][\w$]*|\d[\w.]*")
_BLANK = re.compile(r"\s+|//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)")
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.?))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NESTING = {**dict.fromkeys(_CLOSING, 1), **dict.fromkeys(_CLOSING.values(), -1)}
# What neither ends a text nor is an escape or, in a template, a brace.
_PLAIN = {quote: re.compile(rf"[^{quote}\\{other}]+") for quote, other in (("'", r"\n"), ('"', r"\n"), ("`", "{}"))}


class Token(NamedTuple):
    """One token: a text in quotes (what is in `${…}` stays as written), a word or number, or one other character."""

    kind: Literal["text", "word", "mark"]
    value: str

    @property
    def nesting(self) -> int:
        """Return 1 for an opening bracket, -1 for a closing one, 0 for everything else."""
        return _NESTING.get(self.value, 0) if self.kind == "mark" else 0


Tokens = list[Token]
_COMMA, _COLON = Token("mark", ","), Token("mark", ":")


def tokens(source: str, start: int = 0) -> Iterator[Token]:
    """Yield the tokens of a script. Never fails: a text that is not closed ends with its line or with the script."""
    at = start
    while at < len(source):
        blank = _BLANK.match(source, at)
        if blank:
            at = blank.end()
            continue
        char = source[at]
        if char in "'\"`":
            at, value = _text(source, at)
            yield Token("text", value)
            continue
        word = _WORD.match(source, at)
        yield Token("word", word[0]) if word else Token("mark", char)
        at = word.end() if word else at + 1


def _text(source: str, at: int) -> tuple[int, str]:
    """Return where a text in quotes ends, and what it says."""
    quote, pieces, depth = source[at], [], 0
    at += 1
    plain = _PLAIN[quote]
    while at < len(source):
        if found := plain.match(source, at):
            pieces.append(found[0])
            at = found.end()
            continue
        char = source[at]
        if found := _ESCAPE.match(source, at):
            pieces.append(_character(found))
            at = found.end()
            continue
        if char == quote and not depth:
            return at + 1, "".join(pieces)
        if char == "\n" and quote != "`":
            break
        if quote == "`":
            depth += (char == "{" and (depth > 0 or source[at - 1] == "$")) - (char == "}" and depth > 0)
        pieces.append(char)
        at += 1
    return at, "".join(pieces)


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if not digits:
        return _SHORT.get(found[4], found[4])
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else ""


def arguments(found: Iterator[Token]) -> list[Tokens]:
    """Return the arguments of a call, from behind its opening bracket to the closing one or the script's end."""
    inner: Tokens = []
    depth = 0
    for token in found:
        depth += token.nesting
        if depth < 0:
            break
        inner.append(token)
    return split(inner)


def split(given: Tokens) -> list[Tokens]:
    """Split tokens at the commas that are in no bracket; leave out empty parts."""
    parts: list[Tokens] = [[]]
    depth = 0
    for token in given:
        depth += token.nesting
        if token == _COMMA and depth <= 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def inside(given: Tokens, bracket: str) -> Tokens | None:
    """Return what is in the brackets when the tokens are one bracketed expression of that kind; else None."""
    if not given or given[0] != Token("mark", bracket):
        return None
    return given[1:-1] if given[-1] == Token("mark", _CLOSING[bracket]) else given[1:]


def members(given: Tokens) -> list[tuple[str, Tokens]] | None:
    """Return the keys and values of an object literal, None when the tokens are none.

    What brings keys that are not to be seen (`...common`, `[name]: value`) has the key "...".
    """
    inner = inside(given, "{")
    if inner is None:
        return None
    found = []
    for part in split(inner):
        key, rest = part[0], part[1:]
        if key.kind == "mark":
            found.append(("...", rest))
        elif rest[:1] == [_COLON]:
            found.append((key.value, rest[1:]))
        else:
            found.append((key.value, [key] if not rest else part))
    return found


JOINING = frozenset("+().")
"""The marks of an expression that joins texts."""


def literal(given: Tokens) -> str | None:
    """Return the text of an expression: one in quotes, or several joined by `+`; other parts become `${name}`.

    None when there is no text in it.
    """
    if not any(token.kind == "text" for token in given):
        return None
    pieces = []
    for token in given:
        if token.kind == "text":
            pieces.append(token.value)
        elif token.kind == "word":
            pieces.append(f"${{{token.value}}}")
        elif token.value == ".":
            pieces.append(".")
        elif token.value not in JOINING:
            return None
    return "".join(pieces).replace("}.${", ".")
