"""Texts that a PowerShell script gives to its variables: in quotes, or between `@'` and `'@`."""

from __future__ import annotations

import re
from collections import Counter

_ASSIGNED = re.compile(
    r"^[ \t]*\$([A-Za-z_]\w{0,100})[ \t]*=[ \t]*"
    r"(?:(?P<here>@'[ \t]*\r?\n)|(?:'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n$`]*)\")[ \t]*;?[ \t]*\r?$)",
    re.MULTILINE,
)
_APPENDED = re.compile(r"\$([A-Za-z_]\w{0,100})[ \t]*\+=")
_HERE_END = "\n'@"


def without_assignments(text: str) -> tuple[str, dict[str, str]]:
    """Return a script without the lines that give a text to a variable, and these variables.

    One that is given several texts is left out, so that it counts as unknown. Linear in the text's length.
    """
    if "$" not in text or "=" not in text:
        return text, {}
    found: list[tuple[str, str]] = []
    kept: list[str] = []
    end = 0
    for one in _ASSIGNED.finditer(text):
        if one.start() < end:
            continue
        stop, value = one.end(), one["single"] if one["single"] is not None else one["double"]
        if one["here"]:
            close = text.find(_HERE_END, one.end() - 1)
            if close == -1:
                break
            value, stop = text[one.end() : close].rstrip("\r"), close + len(_HERE_END)
        found.append((one[1], value or ""))
        kept += [text[end : one.start()], "\n" * text.count("\n", one.start(), stop)]
        end = stop
    counts = Counter([*(name for name, _ in found), *_APPENDED.findall(text)])
    return "".join([*kept, text[end:]]), {name: value for name, value in found if counts[name] == 1}
