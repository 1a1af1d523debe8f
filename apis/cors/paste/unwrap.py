"""Takes a pasted text out of what surrounds it: quote marks, comment stars, bullets, Markdown, HTML entities, JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from apis.cors.paste.frames import retyped, without_frame

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|quot|apos|amp|lt|gt|nbsp|lsquo|rsquo|ldquo|rdquo);")
_PERCENT = re.compile(r"%20(?:CORS|Access-Control-)")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_MISREAD = re.compile("â€[\u02dc\u2122\u0153\u009d\u201d]")
_SINGLE_MISREAD = ("\u02dc", "\u2122")
"""How single quote marks in UTF-8 end that a program showed as Windows-1252."""
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u3000": " ", "\r": "\n"})
_MARKS = re.compile(
    r"^[ \t]*(?:(?:>+|\*+|\|+|//+|#+|[-•–·‣◦]|[0-9]{1,3}[.)])[ \t]+|>+|[0-9]{1,3}\.(?=[A-Z])"
    r"|[0-9]{1,5}[ \t]*[|│→][ \t])+",
    re.MULTILINE,
)
_SOFT_BREAK = re.compile(r"^([^\n]{69,75})=\n(?=\S)", re.MULTILINE)
"""Where a mail in quoted-printable goes on in the next line."""
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_ANGLES = re.compile(r"<(https?://[^<>|\s]*|chrome-extension://[^<>|\s]*)(?:\|[^<>\n]*)?>")
_EMPHASIS = re.compile(r"(?:\*\*|__)(?=['\"‘’“”`])|(?<=['\"‘’“”`])(?:\*\*|__)")
_STRAIGHT = str.maketrans("‘’‚‛“”„‟`´′″«»", "''''\"\"\"\"'''\"\"\"")
_HYPHEN = re.compile(r"(?<=[a-z])-\n[ \t]*(?=[A-Z])")
_SPREAD = re.compile(r"^[^\n{]{0,400}[:=]? ?\{(?=[ \t]*\n\s{0,40}\")", re.MULTILINE)
"""The line with which a JSON object begins that has its members on lines of their own."""
_SPACE = re.compile(r"\s*")
_ESCAPED = re.compile(r"\\(?:u00([0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|(n|r|t)|(['\"]))")
_SHOWN = re.compile(
    r"'((?:[^'\\\n]|\\.)*+)'|\"(?:[^\"\\\n]|\\.)*+\"|(?<![\w$])([A-Za-z_$][\w$]{0,200})(?=:[ \n])|"
    r"(?<![\w$])(True|False|None|undefined)\b|(\[(?:Object|Array|Circular|Function)[^\]\n]{0,80}\])|"
    r"(?<![\w$])[A-Z]\w{0,60} (?=\{)"
)
"""What Python and Node.js write in another way than JSON: texts, keys, words, what is left out, a class's name."""
_WORDS = {"True": "true", "False": "false", "None": "null"}
MOST_OBJECTS = 2_000


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text in three forms: `raw` with entities decoded, `plain` out of its wrappers, `flat` on one line.

    `objects` are the JSON objects in it; their texts are part of `plain`.
    """

    raw: str
    plain: str
    flat: str
    objects: tuple[Any, ...]


def unwrap(text: str) -> Pasted:
    """Take a text out of what surrounds it; linear in its length."""
    if _PERCENT.search(text):
        text = unquote(text)  # a message in an address, as a report sends it
    raw = _INVISIBLE.sub("", _unescaped_entities(text).replace("\r\n", "\n"))
    raw = _SOFT_BREAK.sub(r"\1", raw)
    raw = _MISREAD.sub(lambda found: "’" if found[0].endswith(_SINGLE_MISREAD) else "”", raw).translate(_BLANKS)
    if '{""' in raw:
        raw = raw.replace('""', '"')  # JSON in a column of a CSV file
    raw = without_frame(raw)
    objects, texts = _json(raw)
    plain = _LINK.sub(r"\1", "\n".join(texts))
    plain = _ANGLES.sub(r"\1", plain)
    plain = _EMPHASIS.sub("", plain)
    plain = _HYPHEN.sub("-", _MARKS.sub("", plain))
    flat = " ".join(plain.split())
    if "\\" in flat:
        flat = " ".join(_ESCAPED.sub(_unescaped, flat).split())
    return Pasted(retyped(raw), plain, flat.translate(_STRAIGHT), tuple(objects))


def _unescaped_entities(text: str) -> str:
    """Return a text without entities, which a page in a page escapes again."""
    for _ in range(3):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else " " if found[3] else found[4]


def _json(text: str) -> tuple[list[Any], list[str]]:
    """Return the JSON objects of a text, and all lines with the objects' texts in their place."""
    start = text.lstrip()
    several, end = _documents(start)
    if several:
        return several, [*texts(several), *start[end:].split("\n")]
    spread = _SPREAD.search(text)
    one = _load(text[spread.end() - 1 :]) if spread else None
    if spread and one:
        return [one], [text[: spread.end() - 1], *texts(one)]
    objects: list[Any] = []
    lines: list[str] = []
    for line in text.split("\n"):
        before, mark, rest = line.partition('{"')
        if not mark:
            before, mark, rest = line.partition("{'")
        found = _load(mark + rest) if mark and len(objects) < MOST_OBJECTS else None
        if found is None:
            lines.append(line)
        else:
            objects.append(found)
            lines += [before, *texts(found)]
    return objects, lines


def _documents(text: str) -> tuple[list[Any], int]:
    """Return the JSON documents with which a text begins, and where the rest of it begins."""
    found: list[Any] = []
    end = 0
    while len(found) < MOST_OBJECTS and text[end : end + 1] in ("{", "["):
        try:
            one, end = _DECODER.raw_decode(text, end)
        except (ValueError, RecursionError):
            break
        found.append(one)
        blanks = _SPACE.match(text, end)
        end = blanks.end() if blanks else end
    return found, end


def _load(text: str) -> Any:
    """Return a JSON object or list at the start of a text, or a Python one as print() shows it; None without one."""
    try:
        found, _ = _DECODER.raw_decode(shown_as_json(text) if text.startswith("{'") else text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def shown_as_json(text: str) -> str:
    """Return an object as JSON that Python's print() or Node.js's console.log() shows."""
    return _SHOWN.sub(_as_json, text)


def _as_json(found: re.Match[str]) -> str:
    if found[2]:
        return f'"{found[2]}"'
    if found[3] or found[4]:
        return _WORDS.get(found[3], "null")
    if found[1] is None:
        return found[0] if found[0].startswith('"') else ""
    inner = found[1].replace("\\'", "'").replace("\\x", "\\u00").replace('"', '\\"')
    return f'"{inner}"'


_DECODER = json.JSONDecoder()


def texts(value: Any) -> Iterator[str]:
    """Yield every string value of a JSON document, in order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
