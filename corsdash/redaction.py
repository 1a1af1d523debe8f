"""Secrets are taken out of every log line, at every level, whichever library writes it."""

from __future__ import annotations

import logging
import re

REDACTED = "[redacted]"

_NAMES = "|".join((
    r"(?:x[-_]amz[-_])?security[-_ ]?token", r"(?:aws[-_ ]?)?secret[-_ ]?access[-_ ]?key",
    r"(?:aws[-_ ]?)?session[-_ ]?token", r"x[-_]amz[-_]signature",
    r"(?:access|refresh|id|bearer|auth|api|csrf|csrfmiddleware|web[-_]?identity)[-_ ]?token", "token",
    r"(?:old|new)?[-_]?password[0-9]?", "passwd", "pwd", r"secret(?:[-_]?key)?", r"(?:client|device)[-_]?secret",
    r"saml[-_]?assertion", "corsdash_(?:session|csrf|known)", "sessionid", "webhook-signature",
))  # fmt: skip
_HEADERS = r"(?:proxy-)?authorization|set-cookie|cookie|x-amz-security-token|x-csrftoken"
# Inside a longer word, as in NextToken, a name is none. Quotes may be escaped, as in JSON inside a string.
_START, _QUOTE = r"(?<![A-Za-z0-9])", r"\\{0,3}[\"']"
_IS = rf"{_QUOTE}?\s{{0,3}}[:=,]\s{{0,3}}"
_PATTERNS = tuple((re.compile(pattern), instead) for pattern, instead in (
    # <SessionToken>…</SessionToken>
    (rf"(?i)(<(?:{_NAMES})>)[^<]+", rf"\1{REDACTED}"),
    # 'Authorization': b'…', "SecretAccessKey" : "…", secret="…"
    (rf"(?i)({_START}(?:{_HEADERS}|{_NAMES}){_IS}b?{_QUOTE})[^\"'\\]+", rf"\1{REDACTED}"),
    # Authorization: … to the end of the line, as in a dump of headers
    (rf"(?i)({_START}(?:{_HEADERS}){_QUOTE}?\s{{0,3}}[:=]\s{{0,3}})(?!b?{_QUOTE})[^\r\n\"']+", rf"\1{REDACTED}"),
    # X-Amz-Security-Token=…&, password=…
    (rf"(?i)({_START}(?:{_NAMES})\s{{0,3}}[:=]\s{{0,3}})(?!b?{_QUOTE}|\[redacted)[^\s\"'&,;<>(){{}}\[\]]+",
     rf"\1{REDACTED}"),
    (r"(Signature[=:]\s?)[0-9a-f]{64}", rf"\1{REDACTED}"),
    # https://user:password@host
    (r"([a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s/:@\"']{0,200}:)[^\s/@\"']{1,500}@", rf"\1{REDACTED}@"),
    # our own tokens and webhook secrets
    (r"\b(cd_[A-Za-z0-9_-]{5})[A-Za-z0-9_-]{30,}", rf"\1{REDACTED}"),
    (r"\b(whsec_)[A-Za-z0-9+/=_-]{20,}", rf"\1{REDACTED}"),
))  # fmt: skip


def redact(text: str) -> str:
    """Return a text without the secrets that its form gives away."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class RedactingFormatter(logging.Formatter):
    """A formatter whose lines, tracebacks included, hold no secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return redact(super().format(record))
