"""The call in a pasted error: a console message, a `fetch(…)` snippet, a curl command or a HAR.

`read_error(text)` finds out which it is. It ends in a Reading or in a ReadingError, whatever the text.
"""

from collections.abc import Callable

from apis.cors.paste.console import CONSOLE, hint
from apis.cors.paste.curl import CURL
from apis.cors.paste.fetch import FETCH
from apis.cors.paste.har import HAR
from apis.cors.paste.result import MAX_CHARACTERS, PARTS, Reader, Reading, ReadingError, reading_of

READERS: dict[str, Reader] = {"har": HAR, "console": CONSOLE, "curl": CURL, "fetch": FETCH}
"""What can be read, in the order in which a text is tried."""

MAX_PASTE = 4 * 1024 * 1024
"""The longest text that is taken at all; only a HAR may be longer than MAX_CHARACTERS."""


def read_error(text: str) -> Reading:
    """The call that a pasted text tells of.

    Raises ReadingError, which says what can be pasted, or what to copy instead.
    """
    if not text.strip():
        raise ReadingError("Nothing was pasted.")
    if READERS["har"].looks_like(text):
        return READERS["har"].read(text)
    if len(text) > MAX_CHARACTERS:
        raise ReadingError(f"This is longer than {MAX_CHARACTERS:,} characters. Paste only the message or the call.")
    for reader in READERS.values():
        if reader.looks_like(text):
            return reader.read(text)
    raise ReadingError(
        hint(text)
        or "This is none of what can be read: a console message of Chrome, Firefox or Safari about CORS, a fetch(…) "
        "call, a curl command, or a HAR."
    )


def read_paste(text: str, is_known: Callable[[str], bool] | None = None) -> Reading:
    """The call of a pasted text; of several messages the one whose URL `is_known`. Raises ReadingError."""
    return read_error(text)


__all__ = ["MAX_PASTE", "PARTS", "READERS", "Reading", "ReadingError", "read_error", "read_paste", "reading_of"]
