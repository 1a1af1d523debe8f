"""Helpers for lists of methods and headers."""

from __future__ import annotations

from apis.cors.safelist import is_token

QUOTES = "\"'`"
"""Quotes that copied names often keep."""

SEVERAL = "it holds several names, which AWS may refuse"
"""The problem with an entry that `is_several`, for a sentence."""


def is_several(text: str) -> bool:
    """Return whether an entry holds names separated by commas, which browsers would split."""
    return all(is_token(part.strip()) for part in text.split(","))
