"""The AWS CLI's shorthand, `AllowOrigins=https://a.example,https://b.example,MaxAge=600`, as the CLI reads it."""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats.format import FormatError

_KEY = re.compile(r"[A-Za-z0-9\-_.#/:]*")
_BLANK = re.compile(r"[ \t\n\r\x0b\x0c]*")
_QUOTED = {"'": re.compile(r"'((?:\\'|[^'])*)'"), '"': re.compile(r'"((?:\\"|[^"])*)"')}
_START = r"(?:\\,|[^\x00-\x20\"',=\[{])"
_FIRST = re.compile(_START + r"(?:\\,|[^\"',\]}])*")
_NEXT = re.compile(_START + r"(?:\\,|[^\"',=])*")


def parse_shorthand(text: str) -> dict[str, Any]:
    """Return the members of a shorthand text; a value is a text or a list of texts. Raises FormatError."""
    return _Shorthand(text).members()


class _Shorthand:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def members(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            self._skip(_BLANK)
            key = self._match(_KEY)
            self._expect("=", key)
            value = self._value(key)
            if key in found:
                raise FormatError("is there twice. Keep the one that is meant.", key[:64])
            found[key] = value
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return found
            self._expect(",", key)

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._match(pattern)

    def _expect(self, char: str, key: str) -> None:
        self._skip(_BLANK)
        if self.text[self.at : self.at + 1] != char:
            rest = self.text[self.at : self.at + 30]
            what = f"there should be a “{char}” before “{rest}”." if rest else f"a “{char}” is missing at the end."
            raise FormatError(what, key[:64] or None)
        self.at += 1
        self._skip(_BLANK)

    def _value(self, key: str) -> Any:
        if self.text.startswith("[", self.at):
            return self._listed(key)
        if self.text.startswith("{", self.at):
            raise FormatError("is a list of texts, a number or true or false, and begins here with {.", key[:64])
        entries = [self._entry(_FIRST, key)]
        while True:
            self._skip(_BLANK)
            comma = self.at
            if not self.text.startswith(",", comma):
                break
            self.at += 1
            self._skip(_BLANK)
            if self.text.startswith(",", self.at):
                break  # the CLI takes two commas before the next key for one
            if not self._is_entry():
                self.at = comma
                break
            entries.append(self._entry(_NEXT, key))
        return entries[0] if len(entries) == 1 else entries

    def _is_entry(self) -> bool:
        """Return whether the text goes on with another entry of the list rather than with the next `Key=`."""
        if self.text[self.at : self.at + 1] in ("'", '"'):
            return True
        found = _NEXT.match(self.text, self.at)
        return found is not None and self.text[found.end() : found.end() + 1] != "="

    def _listed(self, key: str) -> list[str]:
        self.at += 1
        entries: list[str] = []
        while True:
            self._skip(_BLANK)
            if self.text.startswith("]", self.at):
                self.at += 1
                return entries
            if entries:
                self._expect(",", key)
            entries.append(self._entry(_FIRST, key))

    def _entry(self, plain: re.Pattern[str], key: str) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote in _QUOTED:
            found = _QUOTED[quote].match(self.text, self.at)
            if not found:
                raise FormatError("has a quote that is not closed.", key[:64])
            self.at = found.end()
            return found[1].replace("\\" + quote, quote).replace("\\\\", "\\")
        return self._match(plain).replace("\\,", ",").rstrip()
