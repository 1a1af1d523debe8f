"""Texts written so that each language reads them back unchanged, whatever is in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from apis.cors.policy import FIELDS, LIST_FIELDS, CorsPolicy

_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# One that is already doubled, or that nothing closes, is written as a character number: readers differ on those.
_TEMPLATE = re.compile(r"(?<![$%])([$%])\{(?=[^{}]*\})|([$%])(?=\{)")


def quoted(text: str) -> str:
    r"""Quote a text for YAML, HCL and Python: what does not print becomes `\uXXXX` or `\UXXXXXXXX`."""
    return f'"{_escaped(text, _long)}"'


def quoted_js(text: str) -> str:
    r"""Return a text in double quotes for JavaScript, TypeScript and JSON: beyond `\uFFFF` as two halves."""
    return f'"{_escaped(text, _halves)}"'


def quoted_hcl(text: str) -> str:
    """Return a text in double quotes for Terraform, where `${` and `%{` would begin a template."""
    return _TEMPLATE.sub(_literal, quoted(text))


def comment(text: str) -> str:
    """Return a text for the rest of a comment's line: everything that could end the line becomes a blank."""
    return "".join(char if char.isprintable() else " " for char in text)


def js_list(entries: Iterable[str]) -> str:
    """Return a list of texts on one line, for JavaScript, TypeScript and JSON."""
    return "[" + ", ".join(map(quoted_js, entries)) + "]"


def python_list(entries: Iterable[str]) -> str:
    """Return a list of texts on one line, for Python."""
    return "[" + ", ".join(map(quoted, entries)) + "]"


def yaml_block(values: dict[str, Any], indent: int, write: Callable[[str], str] = quoted) -> list[str]:
    """Return the lines of a YAML mapping of lists, numbers and booleans, indented; `write` quotes a text."""
    margin, lines = " " * indent, []
    for key, value in values.items():
        if isinstance(value, list) and value:
            lines += [f"{margin}{key}:", *(f"{margin}  - {write(entry)}" for entry in value)]
        else:
            lines.append(f"{margin}{key}: {json.dumps(value)}")
    return lines


def renamed(policy: CorsPolicy, names: dict[str, str]) -> dict[str, Any]:
    """Return all six fields of a policy that is on, by another format's names (AWS name to theirs)."""
    return {names[name]: policy.get(name) for name in FIELDS}


def expressions(policy: CorsPolicy, write_list: Callable[[Iterable[str]], str]) -> dict[str, str]:
    """Return a policy's six fields by AWS name, as expressions of a language whose numbers and booleans are JSON's."""
    return {
        name: write_list(policy.get(name)) if name in LIST_FIELDS else json.dumps(policy.get(name)) for name in FIELDS
    }


def _escaped(text: str, number: Callable[[int], str]) -> str:
    return "".join(_SHORT.get(char) or (char if char.isprintable() else number(ord(char))) for char in text)


def _long(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _halves(code: int) -> str:
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _literal(found: re.Match[str]) -> str:
    if found[1]:
        return found[1] * 2 + "{"
    return f"\\u{ord(found[2]):04x}"
