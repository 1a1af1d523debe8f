"""Read a configuration from a file, or from a text that a person has pasted with what surrounds it."""

from __future__ import annotations

from collections.abc import Callable

from apis.cors.formats.detect import Unknown, document_in
from apis.cors.formats.format import MAX_IN_FILES, FormatError, WrongSyntax, reader, reader_up_to
from apis.cors.formats.found import Document, StatedApi, stated, the_only
from apis.cors.formats.wrappers import retyped, unwrapped, without_colours
from apis.cors.policy import CorsPolicy

_UNREADABLE = (Unknown, WrongSyntax)


@reader
def detect_and_parse(text: str) -> tuple[str, CorsPolicy]:
    """Return the name of a text's format, and the policy of the only API that it states.

    Raises FormatError: with the line and the field where the text is wrong, or with what can be pasted.
    """
    return _out_of_wrappers(text, lambda found: (found.format, the_only(found.found).read([])))


@reader
def read_api(text: str) -> tuple[str, StatedApi]:
    """Return the name of a text's format, and the only API that it states. Raises FormatError."""
    return _out_of_wrappers(text, lambda found: (found.format, stated(the_only(found.found))))


@reader_up_to(MAX_IN_FILES)
def read_apis(text: str) -> tuple[str, list[StatedApi]]:
    """Return the name of a text's format, and every API and function URL that it states. Raises FormatError."""
    return _out_of_wrappers(text, _all_of)


@reader_up_to(MAX_IN_FILES)
def read_file(text: str) -> tuple[str, list[StatedApi]]:
    """Return the same for the text of a file, which has to be right as it is. Raises FormatError."""
    return _all_of(document_in(text))


def _all_of(document: Document) -> tuple[str, list[StatedApi]]:
    return document.format, [stated(one) for one in document.found]


def _out_of_wrappers[Read](text: str, read: Callable[[Document], Read]) -> Read:
    """Return what a text states, as it is, else without what surrounds it.

    Raises the error of the text as it is, unless only what surrounds it makes it unreadable.
    """
    text = without_colours(text)
    try:
        return read(document_in(text))
    except FormatError as error:
        typed, best = retyped(text), error
        inner = unwrapped(typed) if isinstance(error, _UNREADABLE) else typed
        for one in dict.fromkeys((typed, inner)):
            try:
                if one != text:
                    return read(document_in(one))
            except FormatError as found:
                best = found if isinstance(best, _UNREADABLE) and not isinstance(found, _UNREADABLE) else best
        raise best from None
