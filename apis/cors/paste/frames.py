"""Takes a pasted text out of what a page or a mail puts before each line: quote marks, numbers, bullets, cells."""

from __future__ import annotations

import re

from apis.cors.formats.wrappers import without_marks, without_numbers

_BULLET = re.compile(r"^[ \t]*[-*•] (?=\S)")
_ROW = re.compile(r"^[ \t]*\|[ \t]*([^|\n]{1,200}?)[ \t]*\|[ \t]*([^|\n]{0,8000}?)[ \t]*\|[ \t]*$")
_RULE = re.compile(r"^[ \t]*\|[ :|-]*$")
_CODE = re.compile(r"^[ \t]*\{(?:code|noformat)(?::[^{}\n]{0,80})?\}[ \t]*$", re.MULTILINE)
_TYPED = re.compile("“([^“”\"\n]*)”|‘([^‘’'\n]*)’")
_SHORT_DASH = re.compile(r"(?<!\S)[–—](?=[A-Za-z](?![a-z]))")
_LONG_DASH = re.compile(r"(?<!\S)[–—](?=[a-z]{2})")


def without_frame(text: str) -> str:
    """Return a text without what stands before each of its lines."""
    lines = without_numbers(without_marks(text.split("\n")))
    full = [line for line in lines if line.strip()]
    if full and all(_BULLET.match(line) for line in full):
        lines = [_BULLET.sub("", line) for line in lines]
    elif full and all(_ROW.match(line) or _RULE.match(line) for line in full):
        lines = ["" if _RULE.match(line) else _ROW.sub(r"\1: \2", line) for line in lines]
    return _CODE.sub("", "\n".join(lines))


def retyped(text: str) -> str:
    """Return a text with a keyboard's quotes and dashes for those that an editor for prose put in pairs and options."""
    if text.isascii():
        return text
    text = _TYPED.sub(lambda found: f'"{found[1]}"' if found[1] is not None else f"'{found[2]}'", text)
    return _LONG_DASH.sub("--", _SHORT_DASH.sub("-", text))
