"""What a pasted text shows about a call: console messages, headers, commands, scripts, recorded traffic.

`read_paste(text)` finds out what a text is. It ends in a Reading or in a ReadingError, whatever the text.
"""

from __future__ import annotations

from collections.abc import Callable

from apis.cors.paste import bruno, commands, curl, har, json_calls, lambda_events, panel, python, wire
from apis.cors.paste.browsers import console, other_messages
from apis.cors.paste.code import fetch, htmx, libraries
from apis.cors.paste.result import MAX_CHARACTERS, MOST_HEADERS, PARTS, Draft, Reading, ReadingError, reading_of
from apis.cors.paste.unwrap import Pasted, unwrap

MAX_PASTE = har.MAX_CHARACTERS
"""The longest text that is taken at all; only a HAR may be longer than MAX_CHARACTERS."""

_CAN_BE_READ = (
    "Paste a console message about CORS, the Headers panel of DevTools, a curl, HTTPie or wget command with its "
    "output, a script's call (fetch, axios, jQuery, XMLHttpRequest, Angular), or a HAR."
)


def read_paste(text: str, is_known: Callable[[str], bool] | None = None) -> Reading:
    """Read a pasted text; of several messages the one about a URL that `is_known`, else the first with a reason.

    Raises ReadingError, which says what can be pasted.
    """
    return choose(read_calls(text), is_known)


def choose(found: Reading | list[Draft], is_known: Callable[[str], bool] | None = None) -> Reading:
    """Return the call that is meant: the one about a URL that `is_known`, else the first with a reason."""
    return console.with_known_url(found, is_known).finish() if isinstance(found, list) else found


def read_calls(text: str) -> Reading | list[Draft]:
    """Read a pasted text: all calls that it mentions, or the one that it is about. Raises ReadingError.

    What it returns can be pickled.
    """
    if not text.strip():
        raise ReadingError("Nothing was pasted.")
    problem: ReadingError | None = None
    text = har.inside(text)
    if len(text) > MAX_PASTE or (har.looks_like(text) and har.is_har(text)):
        try:
            return har.read(text)
        except ReadingError as error:
            if len(text) > MAX_CHARACTERS or '"response"' in text or '"entries"' in text:
                raise
            problem = error  # an API client's file and a monitoring tool's event have the same words
    if len(text) > MAX_CHARACTERS:
        raise ReadingError(f"This is longer than {MAX_CHARACTERS:,} characters. Paste only the message or the call.")
    pasted = unwrap(text)
    found = _drafts(pasted)
    if found:
        for draft in found:
            draft.headers, draft.unknown = list(draft.headers), set(draft.unknown)
        return found
    if problem is not None:
        raise problem
    if har.looks_like(text):
        return har.read(text)
    raise ReadingError(f"No call and no error message was found in this text. {_CAN_BE_READ}")


def read_error(text: str) -> Reading:
    """Read a pasted text, without knowing any API."""
    return read_paste(text)


def _drafts(pasted: Pasted) -> list[Draft]:
    """Return the calls of a text by the first reader that finds one."""
    problem: ReadingError | None = None
    for read in READERS.values():
        try:
            found = read(pasted)
        except ReadingError as error:
            problem = problem or error
            continue
        if found:
            return found
    if problem is not None:
        raise problem
    return []


READERS: dict[str, Callable[[Pasted], list[Draft]]] = {
    "console": lambda pasted: console.messages(pasted.flat),
    "headers": lambda pasted: panel.read(pasted.raw) if panel.looks_like(pasted.raw) else [],
    "curl": lambda pasted: curl.read(pasted.raw),
    "command": lambda pasted: commands.read(pasted.raw),
    "python": lambda pasted: python.read(pasted.raw),
    "http": lambda pasted: wire.read(pasted.raw) if wire.looks_like(pasted.raw) else [],
    "bruno": lambda pasted: bruno.read(pasted.raw),
    "json": lambda pasted: json_calls.read(pasted.objects, pasted.raw),
    "htmx": lambda pasted: htmx.read(pasted.raw),
    "fetch": lambda pasted: fetch.read(pasted.raw),
    "library": lambda pasted: libraries.read(pasted.raw) if libraries.looks_like(pasted.raw) else [],
    "event": lambda pasted: lambda_events.read(pasted.raw),
    "aws": lambda pasted: [one] if (one := other_messages.refusal(pasted.flat)) else [],
    "failure": lambda pasted: console.last_resort(pasted.flat),
}
"""Every reader but the HAR's, in the order in which a text is tried."""

__all__ = [
    "MAX_PASTE",
    "MOST_HEADERS",
    "PARTS",
    "READERS",
    "Reading",
    "ReadingError",
    "choose",
    "read_calls",
    "read_error",
    "read_paste",
    "reading_of",
    "unwrap",
]
