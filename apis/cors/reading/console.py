"""What a browser's console says of a blocked call: Chrome's, Firefox's and Safari's messages, each in its module."""

from __future__ import annotations

from apis.cors.reading import chrome, firefox, safari
from apis.cors.reading.result import Reader, Reading, ReadingError

_STRAIGHT = str.maketrans("‘’‚“”„`", "'''\"\"\"'")
_BROWSERS = (chrome, firefox, safari)
_BARE = ("Failed to fetch", "NetworkError when attempting to fetch", "Load failed", "Network Error", "net::ERR_")
"""What scripts and consoles say of every failed call, whatever the reason."""


def looks_like(text: str) -> bool:
    """Whether the text has a line of a console."""
    line = one_line(text)
    return any(mark in line for browser in _BROWSERS for mark in browser.MARKS)


def read(text: str) -> Reading:
    """The call in the first message that tells of one."""
    line = one_line(text)
    for browser in _BROWSERS:
        if any(mark in line for mark in browser.MARKS):
            return browser.read(line)
    raise ReadingError("There is no message about CORS here.")


def hint(text: str) -> str | None:
    """What to copy instead of a text that says that a call failed but not why; None for any other text."""
    if not any(mark in text for mark in _BARE):
        return None
    if "net::ERR_" in text and "net::ERR_FAILED" not in text:
        return (
            "This call got no answer at all (its net::ERR_… says why): the connection failed, so no CORS setting can "
            "mend it."
        )
    return (
        "This only says that a call failed. The reason is in another line of the console: in Chrome “Access to fetch "
        "at …”, in Firefox “Cross-Origin Request Blocked: …”, in Safari “… is not allowed by Access-Control-Allow-…”."
    )


def one_line(text: str) -> str:
    """The text on one line with straight quotes, as consoles wrap it and editors bend the quotes."""
    return " ".join(text.split()).translate(_STRAIGHT)


CONSOLE = Reader(looks_like, read)
