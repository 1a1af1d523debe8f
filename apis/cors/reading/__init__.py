"""The call in a pasted error: a console message, a `fetch(…)` snippet, a curl command or a HAR.

`read_error(text)` finds out which it is. It ends in a Reading or in a ReadingError, whatever the text.
"""

from apis.cors.reading.console import CONSOLE, hint
from apis.cors.reading.curl import CURL
from apis.cors.reading.fetch import FETCH
from apis.cors.reading.har import HAR
from apis.cors.reading.result import MAX_CHARACTERS, PARTS, Reader, Reading, ReadingError

READERS: dict[str, Reader] = {"har": HAR, "console": CONSOLE, "curl": CURL, "fetch": FETCH}
"""What can be read, in the order in which a text is tried."""


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


__all__ = ["PARTS", "READERS", "Reading", "ReadingError", "read_error"]
