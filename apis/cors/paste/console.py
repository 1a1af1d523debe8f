"""What a browser's console says of a blocked call: Chrome's, Firefox's and Safari's messages, each in its module."""

from __future__ import annotations

import re

from apis.cors.paste import chrome, firefox, safari
from apis.cors.paste.result import Reader, Reading, ReadingError

_STRAIGHT = str.maketrans("‘’‚“”„`", "'''\"\"\"'")
_BROWSERS = (chrome, firefox, safari)
_BARE = ("Failed to fetch", "NetworkError when attempting to fetch", "Load failed", "Network Error", "net::ERR_")
"""What scripts and consoles say of every failed call, whatever the reason."""

_POWERSHELL = re.compile(r"\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm)\b")
_INSTEAD = "In DevTools' Network tab choose “Copy as fetch” or “Copy as cURL” of the call, and paste that."
_AXIOS = re.compile(r"\baxios\b")


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
    if _POWERSHELL.search(text):
        return f"PowerShell is no browser, and nothing of CORS holds for it. {_INSTEAD}"
    if not any(mark in text for mark in _BARE):
        if _AXIOS.search(text):
            return f"Calls of axios are not read. {_INSTEAD}"
        if "CORS" in text:
            return f"Consoles are read in English; this may be one in another language. {_INSTEAD}"
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
