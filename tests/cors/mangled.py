"""Texts made from those that people really paste: cut, spliced, repeated, nested, and in other encodings."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
LONGEST = 256 * 1024  # characters, the longest text that is taken
_CODECS = ("utf-8", "utf-16", "utf-16-le", "latin-1", "cp1252", "utf-7", "shift_jis", "cp437")
_STRANGE = ("\0", "\ud800", "\udfff", "\ufeff", "\u200b", "\u2028", "\x1b[31m", "\u00a0", "İ", "ſ", "\U0001f600", "\r")
_OPEN = ("{", "[", "(", '{"a":', "- ", "${", "$(", "`", "'", '"', "<<A\n", "/*", "<!--", "&a [", "a: ", "\\", '"\\"')
_CLOSE = ("}", "]", ")", "'", '"', "`", "*/", "-->", "\n", ",", ";", "|", "&&")


def kept_texts(reader: str) -> list[str]:
    """Return the kept texts of a reader: `paste` or `formats`."""
    key = {"paste": "text", "formats": "input"}[reader]
    files = sorted((HERE / reader).rglob("*.jsonl"))
    return [json.loads(line)[key] for path in files for line in path.read_text("utf-8").splitlines()]


def mangled(texts: Sequence[str], chance: random.Random, longest: int = LONGEST) -> Iterator[str]:
    """Yield texts without end, each made from a kept one by one to four changes and cut at `longest` characters."""
    while True:
        text = chance.choice(texts)
        for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
            text = chance.choice(_CHANGES)(text, texts, chance)[:longest]
        yield text


def _cut(text: str, _: Sequence[str], chance: random.Random) -> str:
    start, end = sorted(chance.randint(0, len(text)) for _ in "12")
    return chance.choice((text[:start], text[end:], text[start:end], text[:start] + text[end:]))


def _splice(text: str, texts: Sequence[str], chance: random.Random) -> str:
    other = _cut(chance.choice(texts), texts, chance)
    at = chance.randint(0, len(text))
    return text[:at] + other + text[at:]


def _repeat(text: str, _: Sequence[str], chance: random.Random) -> str:
    start, end = sorted(chance.randint(0, len(text)) for _ in "12")
    times = chance.choice((2, 2, 3, 3, 5, 8, 20, 50, 50, 1_000, 20_000))
    return text[:start] + text[start : min(end, start + 400)] * times + text[end:]


def _strange(text: str, _: Sequence[str], chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(_STRANGE) * chance.choice((1, 1, 3, 1_000)) + text[at:]


def _replace(text: str, _: Sequence[str], chance: random.Random) -> str:
    if not text:
        return chance.choice(_OPEN)
    old = chance.choice(text)
    return text.replace(old, chance.choice((*_STRANGE, *_OPEN, *_CLOSE, "")), chance.choice((1, 5, -1)))


def _recode(text: str, _: Sequence[str], chance: random.Random) -> str:
    data = text.encode(chance.choice(_CODECS), "replace")
    errors = chance.choice(("replace", "surrogateescape", "ignore", "backslashreplace"))
    return data.decode(chance.choice(_CODECS), errors if errors != "surrogateescape" else "replace")


def _bytes(text: str, _: Sequence[str], chance: random.Random) -> str:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _turn in range(chance.choice((1, 4, 50))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return data.decode("utf-8", chance.choice(("surrogateescape", "replace")))


def _nest(text: str, _: Sequence[str], chance: random.Random) -> str:
    at, deep = chance.randint(0, len(text)), chance.choice((1, 2, 3, 5, 30, 60, 70, 70, 1_500, 60_000))
    opening, closing = chance.choice(_OPEN), chance.choice((*_CLOSE, ""))
    return text[:at] + opening * deep + text[at : at + chance.choice((0, 80))] + closing * deep + text[at:]


def _lines(text: str, _: Sequence[str], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    chance.shuffle(lines)
    return chance.choice(("", " ", "> ", "\t")).join(lines)


def _wrap(text: str, _: Sequence[str], chance: random.Random) -> str:
    return chance.choice((json.dumps, repr, lambda it: json.dumps({"message": it, "body": [it]})))(text)


def _noise(_: str, __: Sequence[str], chance: random.Random) -> str:
    return chance.randbytes(chance.choice((10, 100, 1_000, 1_000, 10_000, LONGEST))).decode("latin-1")


_Change = Callable[[str, Sequence[str], random.Random], str]
_CHANGES: tuple[_Change, ...] = (
    *(_cut, _cut, _cut, _splice, _splice, _splice, _repeat, _strange, _strange, _replace, _replace, _replace),
    *(_recode, _bytes, _bytes, _nest, _lines, _wrap),
    _noise,
)
