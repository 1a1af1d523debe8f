"""Terraform's language, read by python-hcl2's grammar: blocks and attributes with their lines, nothing evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from apis.cors.formats.format import FormatError
from apis.cors.formats.values import Object, Unresolved

_MAX_CHARACTERS = 64 * 1024  # the grammar's parser takes a second for some texts of this length
_MAX_DEPTH = 32
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_NAMES = ("identifier", "keyword", "literal_value")


@dataclass(slots=True)
class Body:
    """What is between the braces of a block: its attributes, and the blocks in it."""

    attributes: Object = field(default_factory=Object)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """One block: `resource "aws_apigatewayv2_api" "api" { … }` has a kind and two labels."""

    kind: str
    labels: tuple[str, ...]
    body: Body
    line: int | None


def read_hcl(text: str) -> Body:
    """The blocks and attributes of a Terraform text. Values that need evaluation become Unresolved."""
    if len(text) > _MAX_CHARACTERS:
        raise FormatError(f"This is longer than {_MAX_CHARACTERS:,} characters. Paste only the API's resource.")
    try:
        tree = hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        raise FormatError("This is not Terraform's language (HCL).", line=max(error.line, 1)) from None
    except LarkError:
        raise FormatError("This is not Terraform's language (HCL).") from None
    return _body(_children(tree, "body")[0], text, 0)


def _body(tree: Tree[Token], text: str, depth: int) -> Body:
    if depth > _MAX_DEPTH:
        raise FormatError("This is nested too deeply. Paste only the part about the API.", line=_line(tree))
    found = Body()
    for part in _trees(tree):
        if part.data == "attribute":
            name, value = (child for child in part.children if isinstance(child, Tree))
            key = _word(name)
            if key in found.attributes:
                raise FormatError("is there twice. Keep the one that is meant.", key[:64], _line(name))
            found.attributes[key] = _value(value, text, depth)
            found.attributes.lines[key] = _line(name) or 1
        elif part.data == "block":
            *labels, inner = (child for child in _trees(part) if child.data != "new_line_or_comment")
            kind, *others = [_label(label) for label in labels]
            found.blocks.append(Block(kind, tuple(others), _body(inner, text, depth + 1), _line(part)))
    return found


def _value(tree: Tree[Token], text: str, depth: int) -> Any:
    """An attribute's value: text, number, boolean, None, list or object; else Unresolved."""
    if depth > _MAX_DEPTH:
        raise FormatError("This is nested too deeply. Paste only the part about the API.", line=_line(tree))
    inner = [child for child in _trees(tree) if child.data != "new_line_or_comment"]
    if tree.data == "expr_term" and len(inner) == 1:
        return _value(inner[0], text, depth + 1)
    if tree.data == "string":
        return _string(tree)
    if tree.data == "int_lit":
        return _word(tree)
    if tree.data == "unary_op" and _tokens(tree) == ["-"] and len(inner) == 1:
        number = _value(inner[0], text, depth + 1)
        return f"-{number}" if isinstance(number, str) and number.isdigit() else _unresolved(tree, text)
    if tree.data == "literal_value":
        return {"true": True, "false": False, "null": None}.get(_word(tree))
    if tree.data == "tuple":
        return [_value(item, text, depth + 1) for item in inner]
    if tree.data == "object":
        return _object(inner, text, depth)
    return _unresolved(tree, text)


def _object(elements: list[Tree[Token]], text: str, depth: int) -> Object:
    found = Object()
    for element in elements:
        key, value = _trees(element)
        while len(key.children) == 1 and key.data not in _NAMES and isinstance(key.children[0], Tree):
            key = key.children[0]
        name = _label(key)
        found[name] = _value(value, text, depth + 1)
        found.lines[name] = _line(element) or 1
    return found


def _string(tree: Tree[Token]) -> Any:
    pieces = []
    for part in _children(tree, "string_part"):
        for token in part.children:
            if not isinstance(token, Token):
                return Unresolved("${…}", _line(tree))
            escaped = token.type in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE")
            pieces.append(str(token)[1:] if escaped else str(token))
    return _ESCAPE.sub(lambda found: _character(found, tree), "".join(pieces))


def _character(found: re.Match[str], tree: Tree[Token]) -> str:
    if found[3]:
        if found[3] not in _SHORT:
            raise FormatError(f"“{found[0]}” is no escape that Terraform knows.", line=_line(tree))
        return _SHORT[found[3]]
    code = int(found[1] or found[2], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise FormatError(f"“{found[0]}” is no character.", line=_line(tree))
    return chr(code)


def _label(tree: Tree[Token]) -> str:
    if tree.data != "string":
        return _word(tree)
    value = _string(tree)
    return value if isinstance(value, str) else "${…}"


def _unresolved(tree: Tree[Token], text: str) -> Unresolved:
    tokens = list(tree.scan_values(lambda part: isinstance(part, Token)))
    if not tokens:
        return Unresolved(str(tree.data))
    start, end = tokens[0].start_pos or 0, tokens[-1].end_pos or 0
    return Unresolved(" ".join(text[start:end].split())[:80], tokens[0].line)


def _word(tree: Tree[Token]) -> str:
    return "".join(_tokens(tree))


def _tokens(tree: Tree[Token]) -> list[str]:
    return [str(child) for child in tree.children if isinstance(child, Token)]


def _trees(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    return (child for child in tree.children if isinstance(child, Tree))


def _children(tree: Tree[Token], kind: str) -> list[Tree[Token]]:
    return [child for child in _trees(tree) if child.data == kind]


def _line(tree: Tree[Token]) -> int | None:
    """The line of a tree's first token."""
    while tree.children:
        first = tree.children[0]
        if isinstance(first, Token):
            return first.line
        tree = first
    return None
