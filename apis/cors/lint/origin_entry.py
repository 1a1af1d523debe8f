"""Parse an entry of AllowOrigins as written, and correct it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from apis.cors.aws_validation import SCHEME_WILDCARDS
from apis.cors.lint.fixes import Fix, replace
from apis.cors.origins import DEFAULT_PORT, Url, is_local, parse_url, to_ascii

WILDCARDS = SCHEME_WILDCARDS | {"*"}

_AROUND = " \t\r\n\v\f\xa0\"'`<>“”‘’"
_BETWEEN = re.compile(r"[\s,;]+|\|(?=\w+://)")
_LISTED = re.compile(r"\[.*://.*\]", re.S)
_PLACEHOLDER = re.compile(r"\$\{|\{\{|\$\(|<[^<>:/]*>|%[A-Za-z_]\w*%|\$[A-Za-z_]")
_TYPO = re.compile(r"(?i)(https?)[;,.]/{0,3}(?=\w)|(https?)(?::/|//|/)(?=\w)")
_WRITTEN = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*)://|(https?|wss?):[/\\]*(?![0-9]+(?:[/?#]|\Z))|//)?(.*)\Z", re.S)
_PLACE = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.S)
_HOST = re.compile(r"[a-z0-9_.\-]+\Z|\[[0-9a-f:.]+\]\Z")
"""Real host names. Browsers also send stranger ones, which can defeat pattern matching."""

_SCHEME = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Entry:
    """The parts of an entry as written: `scheme` and `port` are None when missing, `rest` is path, query and fragment.

    `intended` is the origin that was intended, as browsers send it, or None. An entry that is blank, a wildcard, `null`
    or several in one has only `text`, `bare` and `several`.
    """

    text: str
    bare: str
    several: tuple[str, ...] = ()
    scheme: str | None = None
    user: str | None = None
    host: str = ""
    port: str | None = None
    rest: str = ""
    intended: str | None = None
    misspelt: bool = False
    """Whether a typo separates it from the intended origin."""

    @property
    def is_placeholder(self) -> bool:
        """Whether it contains a placeholder that a tool should have replaced."""
        return _PLACEHOLDER.search(self.bare) is not None

    @property
    def is_null(self) -> bool:
        """Whether it is `null`."""
        return self.bare.lower() == "null"

    @property
    def has_pattern(self) -> bool:
        """Whether it contains a wildcard that API Gateway does not support."""
        return "*" in self.bare and self.bare not in WILDCARDS

    @property
    def is_plain(self) -> bool:
        """Whether it names one site: no wildcard, not `null`, not blank, not several."""
        plain = bool(self.bare) and not self.several and not self.is_null and "*" not in self.bare
        return plain and not self.misspelt and not self.is_placeholder

    @property
    def url(self) -> Url | None:
        """The canonical URL of the site it names, or None."""
        return parse_url(self.intended) if self.intended else None


@lru_cache(maxsize=4096)
def read(text: str) -> Entry:
    """Parse an entry; never raise."""
    bare = text.strip(_AROUND)
    if _LISTED.fullmatch(bare):
        bare = bare[1:-1].strip(_AROUND)
    if _PLACEHOLDER.search(text):
        return Entry(text, text.strip())
    corrected_text = _without_typos(bare)
    if corrected_text != bare:
        parts = _parts(corrected_text)
        return Entry(text, bare, (), *parts, intended=_intended(parts[0], parts[2], parts[3]), misspelt=True)
    several = tuple(part for part in _BETWEEN.split(bare) if part.strip(_AROUND))
    if not bare or bare in WILDCARDS or bare.lower() == "null":
        return Entry(text, bare)
    if len(several) > 1:
        return Entry(text, bare, several)
    if several and several[0] != bare:
        bare = several[0].strip(_AROUND)  # a comma before or after a single origin
    scheme, user, host, port, rest = _parts(bare)
    return Entry(text, bare, (), scheme, user, host, port, rest, _intended(scheme, host, port))


def _without_typos(bare: str) -> str:
    """Return an origin with its misplaced commas and slashes corrected; a list of origins stays unchanged."""
    if bare.count("://") > 1:
        return bare
    found = _TYPO.match(bare)
    if found:
        bare = f"{(found[1] or found[2]).lower()}://{bare[found.end() :]}"
    scheme, mark, rest = bare.partition("://")
    if not mark:
        return bare
    near = get_close_matches(scheme.lower(), ("https", "http"), 1, 0.7)
    if scheme.lower() not in _SCHEME and near:
        scheme = near[0]
    # `https://example,com`: the part after the comma is not a site of its own.
    first, comma, last = rest.partition(",")
    if (
        comma
        and re.fullmatch(r"[a-z]{2,}(?::\d+)?/?", last)
        and not is_local(last)
        and "." not in first.rpartition("@")[2]
    ):
        rest = f"{first}.{last}"
    return f"{scheme}://{rest}"


def _parts(bare: str) -> tuple[str | None, str | None, str, str | None, str]:
    found = _WRITTEN.match(bare)
    scheme, after = (found[1] or found[2], found[3]) if found else (None, bare)
    end = re.search(r"[/\\?#]", after)
    authority, rest = (after[: end.start()], after[end.start() :]) if end else (after, "")
    user, at, place = authority.rpartition("@")
    split = _PLACE.match(place)
    host, port = (split[1], split[2]) if split else (place, None)
    return scheme, user if at else None, host, port, rest


def _intended(scheme: str | None, host: str, port: str | None) -> str | None:
    if not host or "*" in f"{host}{port}":
        return None
    name = to_ascii(host)
    wanted = _SCHEME.get((scheme or ("http" if is_local(name) else "https")).lower())
    if wanted is None:
        return None
    number = port if port and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) <= 65535 else None
    url = parse_url(f"{wanted}://{host}" + (f":{number}" if number else ""))
    if url is None or not url.host:
        return None
    return url.origin if _HOST.match(url.host) else None


def corrected(text: str) -> tuple[str, ...]:
    """Return the entry corrected: itself, the intended origin or origins, or nothing when unclear."""
    entry = read(text)
    if entry.bare in WILDCARDS:
        return (entry.bare,)
    if entry.several:
        return tuple(dict.fromkeys(origin for part in entry.several for origin in corrected(part)))
    return (entry.intended,) if entry.intended else ()


def correction(text: str) -> Fix:
    """Make the fix that corrects the form of an entry."""
    return replace("AllowOrigins", text, corrected(text))


def is_port(text: str) -> bool:
    """Return whether a text is a port as browsers write it: 1 to 65535 without leading zeros."""
    return text.isascii() and text.isdigit() and len(text) < 6 and text[0] != "0" and int(text) <= 65535


def has_default_port(entry: Entry) -> bool:
    """Return whether the entry has the default port of its scheme."""
    return (
        entry.port is not None
        and is_port(entry.port)
        and int(entry.port) == DEFAULT_PORT.get((entry.scheme or "").lower())
    )
