"""What the lists of names have in common: methods and headers are written by people, often several in one entry."""

from __future__ import annotations

from apis.cors.safelist import is_token

QUOTES = "\"'`"
"""What people leave around a name when they copy it."""

SEVERAL = "it is several in one entry, which AWS may refuse, though browsers would read them one by one"
"""What is wrong with an entry that `is_several`, as a part of a sentence."""


def is_several(text: str) -> bool:
    """Whether an entry is names with commas between them: of the joined list browsers take each by itself."""
    return all(is_token(part.strip()) for part in text.split(","))
