"""What script may set on a call, and which of it browsers ask permission for (Fetch: forbidden and safelisted)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from apis.cors.exchange import Headers

Browser = Literal["chrome", "firefox", "safari"]
BROWSERS: tuple[Browser, ...] = ("chrome", "firefox", "safari")

SAFE_METHODS = frozenset({"GET", "HEAD", "POST"})
FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})
_NORMALISED = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})

FORBIDDEN_HEADERS = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
_QUOTED = re.compile(r'(?s)"(?:[^"\\]|\\.)*"?')
_METHOD_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})

# Old client hints, which Chrome takes without a preflight when their value is right; Firefox and Safari ask first.
_WHOLE, _DECIMAL = re.compile(r"[0-9]+\Z"), re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
_CHROME_HINTS = {
    "device-memory": _DECIMAL,
    "downlink": _DECIMAL,
    "dpr": _DECIMAL,
    "ect": re.compile(r"(?:slow-2g|[234]g)\Z"),
    "intervention": re.compile(""),
    "rtt": _WHOLE,
    "save-data": re.compile(r"(?i:on)\Z"),
    "viewport-width": _WHOLE,
    "width": _WHOLE,
}
CHROME_ONLY = frozenset(_CHROME_HINTS)
LOST_ON_REDIRECT = CHROME_ONLY - {"intervention", "save-data"}  # in Chrome, whatever their values

# The names that come again and again; what someone made long is not kept.
_LONGEST_CACHED = 64
_MAX_VALUE = 128  # bytes of one safelisted value
_MAX_VALUES = 1024  # bytes of all safelisted values together
_ACCEPT = "*/*"
_SAFE_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
_UNSAFE_BYTE = re.compile(r'[\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]')
_LANGUAGE = re.compile(r"[0-9A-Za-z *,\-.;=]*\Z")
_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)\Z")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
# Browsers read range numbers as 64-bit integers, the standard has no limit; Chrome from 153 on leaves out the last one,
# Firefox takes them without sign.
_LAST_BYTE: dict[Browser, int] = {"chrome": 2**63 - 2, "firefox": 2**64 - 1, "safari": 2**63 - 1}


def is_token(text: str) -> bool:
    """Return whether text is a method or header name as HTTP allows (RFC 9110, token)."""
    return _is_token(text) if len(text) <= _LONGEST_CACHED else _TOKEN.match(text) is not None


@lru_cache(4096)
def _is_token(text: str) -> bool:
    return _TOKEN.match(text) is not None


def is_value(text: str) -> bool:
    """Return whether script may give text as a header's value: bytes only, and none of NUL, CR and LF inside."""
    return not any(char in text for char in "\0\r\n") and (text.isascii() or max(text) <= "\xff")


def normal_method(method: str) -> str:
    """Return the method as fetch() sends it: only these six are put in upper case, so `patch` stays `patch`."""
    upper = method.upper()
    return upper if upper in _NORMALISED and method.isascii() else method


def normal_value(value: str) -> str:
    """Return a header value without the white space around it that fetch() drops."""
    return value.strip("\t\n\r ")


def is_forbidden_header(name: str, value: str = "", browser: Browser = "chrome") -> bool:
    """Return whether browsers drop a header that script sets, without a word. `name` is in lower case."""
    if name in FORBIDDEN_HEADERS or name.startswith(("proxy-", "sec-")):
        return True
    if name in _METHOD_OVERRIDES:
        # Firefox takes a comma for one even in quotes.
        parts = (value if browser == "firefox" else _QUOTED.sub('""', value)).split(",")
        return any(part.strip("\t ").upper() in FORBIDDEN_METHODS for part in parts)
    return False


def sent_lines(headers: Iterable[tuple[str, str]], browser: Browser) -> Headers:
    """Return the headers that script set and the browser sends, with their names in lower case."""
    lines = [(name.lower(), normal_value(value)) for name, value in headers]
    return tuple(
        (name, value)
        for name, value in lines
        if not is_forbidden_header(name, value, browser) and (name != "user-agent" or browser != "chrome")
    )


def joined(lines: Headers) -> dict[str, str]:
    """Name to value, those of repeats joined by ", " (Fetch, "combine")."""
    sent: dict[str, str] = {}
    for name, value in lines:
        sent[name] = f"{sent[name]}, {value}" if name in sent else value
    return sent


def is_safelisted(name: str, value: str, browser: Browser = "chrome") -> bool:
    """Return whether a header needs no permission. `name` in lower case, `value` as sent."""
    if len(value) > _MAX_VALUE:
        return False
    if name == "content-type":
        essence = value.partition(";")[0].strip("\t\n\r ").lower()
        return essence in _SAFE_TYPES and not _UNSAFE_BYTE.search(value)
    if name == "accept":
        return not _UNSAFE_BYTE.search(value) and (browser != "firefox" or value.isascii())
    if name in ("accept-language", "content-language"):
        return _LANGUAGE.match(value) is not None
    if name == "range":
        return _is_simple_range(value.lower() if browser == "safari" else value, _LAST_BYTE[browser])
    hint = _CHROME_HINTS.get(name) if browser == "chrome" else None
    return hint is not None and hint.match(value) is not None


def _is_simple_range(value: str, limit: int) -> bool:
    found = _RANGE.match(value)
    if not found:
        return False
    first = int(found[1])
    last = int(found[2]) if found[2] else first
    return first <= last <= limit


def unsafe_names(lines: Iterable[tuple[str, str]], browser: Browser) -> tuple[str, ...]:
    """Return the names that a preflight must ask for, sorted: those not safelisted, or all when values are too long.

    The Accept that browsers add when script sets none counts as well.
    """
    lines = list(lines)
    names = {name for name, _ in lines} | {"accept"}
    unsafe, total = set(), 0 if any(name == "accept" for name, _ in lines) else len(_ACCEPT)
    for name, value in lines:
        if is_safelisted(name, value, browser):
            total += len(value)
        else:
            unsafe.add(name)
    return tuple(sorted(names if total > _MAX_VALUES else unsafe))
