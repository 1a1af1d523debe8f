"""Fenced blocks, as Markdown has them around code."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^[ \t]*```[^\n]*$", re.MULTILINE)


def fenced_blocks(text: str) -> Iterator[str]:
    """Yield what stands in each fenced block that is closed: from any fence to the next one without more on its line.

    Fence by fence, as one pattern for a whole block would read the rest of a text again for each that is not closed.
    """
    begun: int | None = None
    for fence in _FENCE.finditer(text):
        if begun is None:
            begun = fence.end() + 1
        elif fence[0].strip(" \t") == "```":
            yield text[begun : fence.start()]
            begun = None


def has_fenced_block(text: str) -> bool:
    """Return whether a text has a fenced block that is closed."""
    return next(fenced_blocks(text), None) is not None
