"""Walks through a Terraform text: blanks, comments, signs and patterns, with a bound on depth."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable
from typing import Any

from apis.cors.formats.format import FormatError, WrongSyntax

_MAX_DEPTH = 32
_BLANK = re.compile(r"(?:[ \t\r]+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)


class Scanner:
    """A place in a text, with what moves it on."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.lines = False  # whether a line's end is only a blank, as in brackets
        self.ends = [place for place, char in enumerate(text) if char == "\n"]
        self.first_line = first_line

    def line(self, at: int | None = None) -> int:
        """Return the line of a place, from 1."""
        return bisect.bisect_left(self.ends, self.at if at is None else at) + self.first_line

    def wrong(self, at: int | None = None) -> FormatError:
        """Return the error for the text at a position."""
        return WrongSyntax("This is not Terraform's language (HCL).", line=self.line(at))

    def deeper(self, read: Callable[[], Any]) -> Any:
        """Read one level deeper. Raises FormatError below the last one."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise FormatError("This is nested too deeply. Paste only the part about the API.", line=self.line())
        result = read()
        self.depth -= 1
        return result

    def skip(self, lines: bool | None = None) -> None:
        """Pass over blanks and comments."""
        pattern = _BLANK_LINES if (self.lines if lines is None else lines) else _BLANK
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, sign: str) -> bool:
        """Pass over a sign, when it is next."""
        self.skip()
        if not self.text.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True

    def expect(self, sign: str) -> None:
        """Pass over a sign that has to be next. Raises FormatError."""
        if not self.take(sign):
            raise self.wrong()

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass over what a pattern matches here."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def within(self, lines: bool, read: Callable[[], Any]) -> Any:
        """Read with line ends as blanks, or as ends."""
        before, self.lines = self.lines, lines
        result = self.deeper(read)
        self.lines = before
        return result
