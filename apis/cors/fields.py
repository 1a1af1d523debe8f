"""The Access-Control-* lines of an answer, read as browsers read them (Fetch: CORS protocol, header values)."""

from __future__ import annotations

import re
from functools import lru_cache

from apis.cors.exchange import Answer
from apis.cors.safelist import BROWSERS, Browser, is_token

READABLE = frozenset(
    {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
)
"""Response headers that script may always read."""

HIDDEN = frozenset({"set-cookie", "set-cookie2"})
"""Response headers that script may never read, whatever the server says."""

UNSET_LIFETIME = 5
"""Seconds for which browsers keep a preflight whose answer has no Access-Control-Max-Age."""

LIFETIME_CAP: dict[Browser, int] = {"chrome": 7200, "firefox": 86400, "safari": 600}
"""The most seconds for which each browser keeps a preflight, whatever the answer says."""

_LARGEST = 2**63 - 1  # Chrome and Safari read seconds as a 64-bit integer and ignore what does not fit
_LONGEST_CACHED = 32 * 1024
_LARGEST_DIGITS = len(str(_LARGEST))  # Python reads no number of thousands of digits


def members(value: str | None) -> list[str] | None:
    """Return the tokens of a list header, [] when it is missing or empty; None when one entry is no token.

    Empty entries between commas do not count, and the case of the tokens is kept.
    """
    if not value:
        return []
    found = _cached_tokens(value) if len(value) <= _LONGEST_CACHED else _tokens(value)
    return None if found is None else list(found)


def lower_members(value: str | None) -> frozenset[str] | None:
    """Return the tokens of a list of header names, in lower case; None when one entry is no token."""
    if not value:
        return frozenset()
    if len(value) <= _LONGEST_CACHED:
        return _cached_lower_tokens(value)
    found = _tokens(value)
    return None if found is None else frozenset(name.lower() for name in found)


def _tokens(value: str) -> tuple[str, ...] | None:
    found = []
    for part in value.split(","):
        part = part.strip("\t ")
        if not part:
            continue
        if not is_token(part):
            return None
        found.append(part)
    return tuple(found)


# A plan judges thousands of answers of one configuration, which says the same in each.
@lru_cache(32)
def _cached_tokens(value: str) -> tuple[str, ...] | None:
    return _tokens(value)


@lru_cache(32)
def _cached_lower_tokens(value: str) -> frozenset[str] | None:
    found = _cached_tokens(value)
    return None if found is None else frozenset(name.lower() for name in found)


def exposed(answer: Answer, include: bool) -> tuple[str, ...]:
    """Return the headers of an answer that script may read, in lower case, sorted.

    One entry of Access-Control-Expose-Headers that is no header name voids the whole list. With credentials
    (`include`) its `*` is a plain name.
    """
    listed = lower_members(answer.get("access-control-expose-headers")) or frozenset()
    present = answer.names
    if "*" in listed and not include:
        return tuple(sorted(present - HIDDEN))
    return tuple(sorted(present & (READABLE | listed) - HIDDEN))


def everything(answer: Answer) -> tuple[str, ...]:
    """Return the headers that script reads of its own origin's answer: all but the cookies."""
    return tuple(sorted(answer.names - HIDDEN))


def preflight_lifetime(value: str | None) -> dict[Browser, int]:
    """Return for how many seconds each browser keeps a preflight with this Access-Control-Max-Age; 0 is not at all.

    `value` is the header's joined value, None when it is missing. Measured in all three, the caps read from their
    sources: a negative number is 0 everywhere, though the standard says 5; what is no number is 5 in Chrome and
    Safari and 0 in Firefox.
    """
    text = (value or "").strip("\t ")
    return {browser: _lifetime(text, browser) for browser in BROWSERS}


def _lifetime(text: str, browser: Browser) -> int:
    if not text:
        return UNSET_LIFETIME
    sign = "[+-]?" if browser == "safari" else "-?"
    if not re.fullmatch(sign + "[0-9]+", text):
        return 0 if browser == "firefox" else UNSET_LIFETIME
    if text.startswith("-"):
        return 0
    digits = text.lstrip("+0")
    if len(digits) > _LARGEST_DIGITS or int(digits or "0") > _LARGEST:
        return LIFETIME_CAP[browser] if browser == "firefox" else UNSET_LIFETIME
    return min(int(digits or "0"), LIFETIME_CAP[browser])
