"""Takes a pasted configuration out of what surrounds it: prompts, quote marks, line numbers, prose, typed quotes.

Lines stay where they are, so that an error names the line that was pasted.
"""

from __future__ import annotations

import html
import re

_PROMPT = re.compile(
    r"^(?:\[?[\w.-]{1,64}@[^\n$#%>]{1,120}[$#%]|PS [^\n>]{0,200}>|[A-Za-z]:\\[^\n>|]{0,200}>|[$➜❯])(?:[ \t]+|$)",
    re.MULTILINE,
)
_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u202f\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff"),
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("‘’‚‛", "'"),
    }
)
_DASH = re.compile(r"(?<!\S)[–—](?=[a-z])")
_QUOTE_MARK = re.compile(r"^[ \t]*>+ ?")
_NUMBER = re.compile(r"^[ \t]*([0-9]{1,6})(?:[ \t]*[|│](?=[ \t]|$)|[ \t]?:(?=[ \t]|$)|(?=[ \t]|$))[ \t]?")
_PLACE = re.compile(r"^([\w./-]{1,200})[:-][0-9]{1,6}[:-]")
"""The file and the line with which grep begins each line."""
_BULLET = re.compile(r"^[ \t]*[•‣◦][ \t]+")
_SIDE = re.compile(r"^[ +-]")
_COLOUR = re.compile("\x1b\\[[0-9;]{0,20}m")
_ENTITY = re.compile(r"&(?:quot|apos|amp|lt|gt|nbsp|#3[49]|#x2[27]);")
_JIRA = re.compile(r"^[ \t]*\{(?:code|noformat)(?::[^{}\n]{0,80})?\}[ \t]*$", re.MULTILINE)
_LEFT_OUT = re.compile(r"^[ \t]*(?:(?:#|//)[ \t]*)?(?:\.\.\.|…)[ \t]*,?[ \t]*$", re.MULTILINE)
_TABS = re.compile(r"^[ ]*\t+", re.MULTILINE)
_TYPED_LINE = re.compile(r"^(?:>>>|>) \S")
"""What was typed at the prompt of Python or Node.js."""
_NO_PROSE = re.compile(r"^\s|[{}\[\]=<>|\\\"]|:\s|^[-#]|\s--\w|^[^\s:]*:$")


def without_prompts(text: str) -> str:
    """Return what a person typed at a prompt and what was printed, without the prompts; a text without one as it is."""
    start = text.lstrip()
    return _PROMPT.sub("", text) if _PROMPT.match(start) else text


def without_colours(text: str) -> str:
    """Return a text without a terminal's escapes for colours, which are part of no configuration."""
    return _COLOUR.sub("", text) if "\x1b" in text else text


def retyped(text: str) -> str:
    """Return a text without entities, and with a keyboard's quotes, blanks and dashes."""
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if text.isascii():
        return text
    return _DASH.sub("--", text.translate(_TYPED))


def unwrapped(text: str) -> str:
    """Return a text without quote marks, line numbers, left-out lines, and prose before and behind it."""
    lines = _without_places(without_numbers(without_marks(text.split("\n"))))
    text = _LEFT_OUT.sub("", _JIRA.sub("```", "\n".join(lines)))
    text = _TABS.sub(lambda found: found[0].replace("\t", "  "), text)
    lines = text.split("\n")
    for places in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        for at in places:
            if _NO_PROSE.search(lines[at]) and not _TYPED_LINE.match(lines[at]):
                break
            lines[at] = ""
    return "\n".join(lines)


def without_marks(lines: list[str]) -> list[str]:
    """Return the lines without a quote mark before each, if all lines with more than blanks have one."""
    is_quoted = all(_QUOTE_MARK.match(line) for line in lines if line.strip())
    return [_QUOTE_MARK.sub("", line) for line in lines] if is_quoted else lines


def without_numbers(lines: list[str]) -> list[str]:
    """Return the lines without their numbers, if all lines with more than blanks have one and each is larger."""
    found = [_NUMBER.match(line) for line in lines if line.strip()]
    numbers = [int(one[1]) for one in found if one]
    if len(numbers) < max(len(found), 2) or sorted(set(numbers)) != numbers:
        return lines
    return [_NUMBER.sub("", line) for line in lines]


def _without_places(lines: list[str]) -> list[str]:
    """Return the lines without what grep, a list or a diff without its header puts before each of them."""
    full = [line for line in lines if line.strip()]
    files = {found[1] if (found := _PLACE.match(line)) else None for line in full}
    if full and len(files) == 1 and None not in files:
        return [_PLACE.sub("", line) for line in lines]
    if full and all(map(_BULLET.match, full)):
        return [_BULLET.sub("", line) for line in lines]
    if all(map(_SIDE.match, full)) and any(line[0] == "+" for line in full):
        return ["" if line.startswith("-") else f" {line[1:]}" for line in lines]
    return lines
