"""The tokens of JavaScript and TypeScript."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>(?:0[xX][0-9a-fA-F]+|[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>=>|\?\?|\|\||&&|===|!==|\.\.\.|\?\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r?\n)|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class Token(NamedTuple):
    """A token: `text` is what it says without quotes, `kind` one of text, template, number, name and sign."""

    kind: str
    text: str
    line: int


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a text, without blanks and comments."""
    found: list[Token] = []
    at, line = 0, 1
    while at < len(text):
        if text[at] == "`":
            end = _template_end(text, at + 1)
            found.append(Token("template", text[at + 1 : end], line))
            line += text.count("\n", at, end)
            at = end + 1
            continue
        token = _TOKEN.match(text, at)
        if token is None:
            at += 1
            continue
        kind, word = str(token.lastgroup), token[0]
        if kind == "text":
            found.append(Token(kind, unescape(word[1:-1]), line))
        elif kind != "blank":
            found.append(Token(kind, word, line))
        line += word.count("\n")
        at = token.end()
    return found


def _template_end(text: str, at: int) -> int:
    """Return where a text in backquotes ends; the braces of `${…}` may hold quotes of their own."""
    depth = 0
    while at < len(text):
        if not depth:
            found = _TEMPLATE.match(text, at)
            at = found.end() if found else at
        char = text[at : at + 1]
        if char == "`" and not depth:
            return at
        if char == "$" and text.startswith("${", at):
            depth += 1
            at += 1
        elif char == "{" and depth:
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        at += 1
    return len(text)


def unescape(text: str) -> str:
    """Return a JavaScript text with its escapes undone."""
    if "\\" not in text:
        return text
    # Beyond U+FFFF a character is written as two halves.
    halves = _ESCAPE.sub(_character, text).encode("utf-16", "surrogatepass")
    return halves.decode("utf-16", "surrogatepass")


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else found[0]
    return "" if found[4] else _SHORT.get(found[5], found[5])
