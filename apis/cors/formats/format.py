"""What a format is, and the error of a text that cannot be read."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from apis.cors.policy import CorsPolicy

MAX_CHARACTERS = 256 * 1024
MAX_IN_FILES = 1024 * 1024  # CloudFormation's own limit for a template
"""The longest text that an import reads; a CORS configuration is a thousand times shorter."""


class FormatError(ValueError):
    """A pasted text that is no CORS configuration: what is wrong, where, and what to do.

    `field` is the key at fault as the text writes it, `line` its line from 1; both None when unknown.
    """

    def __init__(self, message: str, field: str | None = None, line: int | None = None) -> None:
        place = ", ".join(part for part in (f"line {line}" if line else "", field or "") if part)
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.field = field
        self.line = line


class WrongSyntax(FormatError):
    """A text that is not written in the language that it seems to be in."""


@dataclass(frozen=True, slots=True)
class ExportContext:
    """What an export says about the API besides its CORS configuration; what is empty gets a placeholder."""

    api_id: str = ""
    name: str = ""
    region: str = ""


Export = Callable[[CorsPolicy, ExportContext], str]
Parse = Callable[[str], CorsPolicy]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a CORS configuration down.

    `export` never fails, whatever the policy's texts are; `parse` raises FormatError and nothing else, and is None
    for a format that is only written. `note` is one sentence on its use.
    """

    name: str
    title: str
    export: Export
    parse: Parse | None = None
    note: str = ""


def reader[Found](read: Callable[[str], Found]) -> Callable[[str], Found]:
    """Make a function of a pasted text safe for any text: what it cannot read ends in a FormatError."""
    return reader_up_to(MAX_CHARACTERS)(read)


def reader_up_to[Found](longest: int) -> Callable[[Callable[[str], Found]], Callable[[str], Found]]:
    """Return the same for texts of at most so many characters."""

    def decorated(read: Callable[[str], Found]) -> Callable[[str], Found]:
        @functools.wraps(read)
        def guarded(text: str) -> Found:
            if len(text) > longest:
                raise FormatError(f"This is longer than {longest:,} characters. Paste only the part about the API.")
            if not text.isascii():
                place = next((at for at, char in enumerate(text) if "\ud800" <= char <= "\udfff"), None)
                if place is not None:
                    line = text.count("\n", 0, place) + 1
                    raise FormatError("Half a character is left of something here.", line=line)
            try:
                return read(text.lstrip("\ufeff"))
            except RecursionError as error:
                raise FormatError("This is nested too deeply. Paste only the part about the API.") from error

        return guarded

    return decorated
