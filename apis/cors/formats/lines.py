"""Lines of a pasted text: the first that is no comment, and those that a diff leaves."""

from __future__ import annotations

import re

_COMMENTS = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))+", re.DOTALL)


def first_line(text: str) -> str:
    """Return the first line that is neither empty nor a comment."""
    return text[comment_end(text) :].partition("\n")[0].strip()


def line_at(text: str, number: int | None) -> str:
    """Return the line of a number from 1; "" without a number."""
    return "".join(text.splitlines()[number - 1 : number]) if number else ""


def comment_end(text: str) -> int:
    """Return where the comments end with which a text begins."""
    found = _COMMENTS.match(text)
    return found.end() if found else 0


def new_sides(text: str) -> list[str]:
    """Return each file of a diff as it is after the change, as far as the diff shows it."""
    sides: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("+++ "):
            sides.append([])
        elif line[:1] in ("+", " ", ""):
            sides[-1].append(line[1:])
    return ["\n".join(side) + "\n" for side in sides if any(side)]
