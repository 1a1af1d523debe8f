"""Texts that a PowerShell script gives to its variables: in quotes, or between `@'` and `'@`."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(
    r"^[ \t]*\$([A-Za-z_]\w{0,100})[ \t]*=[ \t]*(?:@'[ \t]*\r?\n(?P<here>(?:(?!\r?\n'@)[\s\S])*+)\r?\n'@|"
    r"'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n$`]*)\")[ \t]*;?[ \t]*\r?$",
    re.MULTILINE,
)


def without_assignments(text: str) -> tuple[str, dict[str, str]]:
    """Return a script without the lines that give a text to a variable, and these variables.

    One that is given several texts is left out, so that it counts as unknown.
    """
    if "$" not in text or "=" not in text:
        return text, {}
    found: dict[str, str] = {}
    repeated: set[str] = set()
    for one in _ASSIGNED.finditer(text):
        value = next(value for value in (one["here"], one["single"], one["double"]) if value is not None)
        if one[1] in found:
            repeated.add(one[1])
        found.setdefault(one[1], value)
    if not found:
        return text, {}
    kept = _ASSIGNED.sub(lambda one: "\n" * one[0].count("\n"), text)
    return kept, {name: value for name, value in found.items() if name not in repeated}
