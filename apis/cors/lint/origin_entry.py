"""One entry of AllowOrigins taken apart as written, and what it should read: the rules on origins look at this."""

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
_SLIP = re.compile(r"(?i)(https?)[;,.]/{0,3}(?=\w)|(https?)(?::/|//|/)(?=\w)")
_WRITTEN = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*)://|(https?|wss?):[/\\]*(?![0-9]+(?:[/?#]|\Z))|//)?(.*)\Z", re.S)
_PLACE = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?\Z", re.S)
_HOST = re.compile(r"[a-z0-9_.\-]+\Z|\[[0-9a-f:.]+\]\Z")
"""Hosts that exist. Browsers send stranger ones too, which is how some people's pattern matching is tricked."""

_MEANT = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's parts as written: `scheme` and `port` are None when missing, `rest` is path, query and fragment.

    `meant` is the one origin that was meant, as browsers send it; None when there is no such thing. Of an entry that
    is blank, a wildcard, `null` or several in one only `text`, `bare` and `several` are told.
    """

    text: str
    bare: str
    several: tuple[str, ...] = ()
    scheme: str | None = None
    user: str | None = None
    host: str = ""
    port: str | None = None
    rest: str = ""
    meant: str | None = None
    misspelt: bool = False
    """Whether a slip of the keyboard stands between it and the origin that was meant."""

    @property
    def is_placeholder(self) -> bool:
        """Whether it holds a name in whose place some tool should have put a value."""
        return _PLACEHOLDER.search(self.bare) is not None

    @property
    def is_null(self) -> bool:
        """Whether it says `null`."""
        return self.bare.lower() == "null"

    @property
    def has_pattern(self) -> bool:
        """Whether it has a wildcard of a kind that API Gateway does not know."""
        return "*" in self.bare and self.bare not in WILDCARDS

    @property
    def is_plain(self) -> bool:
        """Whether it stands for one site: no wildcard, not `null`, not blank, not several."""
        plain = bool(self.bare) and not self.several and not self.is_null and "*" not in self.bare
        return plain and not self.misspelt and not self.is_placeholder

    @property
    def url(self) -> Url | None:
        """The site it stands for, canonical; None when there is none."""
        return parse_url(self.meant) if self.meant else None


@lru_cache(maxsize=4096)
def read(text: str) -> Entry:
    """Take an entry apart; never raises."""
    bare = text.strip(_AROUND)
    if _LISTED.fullmatch(bare):
        bare = bare[1:-1].strip(_AROUND)
    if _PLACEHOLDER.search(text):
        return Entry(text, text.strip())
    slip = _without_slips(bare)
    if slip != bare:
        parts = _parts(slip)
        return Entry(text, bare, (), *parts, meant=_meant(parts[0], parts[2], parts[3]), misspelt=True)
    several = tuple(part for part in _BETWEEN.split(bare) if part.strip(_AROUND))
    if not bare or bare in WILDCARDS or bare.lower() == "null":
        return Entry(text, bare)
    if len(several) > 1:
        return Entry(text, bare, several)
    if several and several[0] != bare:
        bare = several[0].strip(_AROUND)  # a comma before or after a single origin
    scheme, user, host, port, rest = _parts(bare)
    return Entry(text, bare, (), scheme, user, host, port, rest, _meant(scheme, host, port))


def _without_slips(bare: str) -> str:
    """An origin with its commas and slashes where they belong; a list of origins as it is."""
    if bare.count("://") > 1:
        return bare
    found = _SLIP.match(bare)
    if found:
        bare = f"{(found[1] or found[2]).lower()}://{bare[found.end() :]}"
    scheme, mark, rest = bare.partition("://")
    if not mark:
        return bare
    near = get_close_matches(scheme.lower(), ("https", "http"), 1, 0.7)
    if scheme.lower() not in _MEANT and near:
        scheme = near[0]
    # `https://example,com`: what follows the comma is no site of its own.
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


def _meant(scheme: str | None, host: str, port: str | None) -> str | None:
    if not host or "*" in host or "*" in (port or ""):
        return None
    name = to_ascii(host)
    wanted = _MEANT.get((scheme or ("http" if is_local(name) else "https")).lower())
    if wanted is None:
        return None
    number = port if port and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) <= 65535 else None
    url = parse_url(f"{wanted}://{host}" + (f":{number}" if number else ""))
    if url is None or not url.host:
        return None
    return url.origin if _HOST.match(url.host) else None


def mended(text: str) -> tuple[str, ...]:
    """What an entry should read: itself, the origin or origins that were meant, or nothing when that is hopeless."""
    entry = read(text)
    if entry.bare in WILDCARDS:
        return (entry.bare,)
    if entry.several:
        return tuple(dict.fromkeys(origin for part in entry.several for origin in mended(part)))
    return (entry.meant,) if entry.meant else ()


def mend(text: str) -> Fix:
    """The fix of everything that is wrong with the form of an entry."""
    return replace("AllowOrigins", text, mended(text))


def is_port(text: str) -> bool:
    """Whether a text is a port as browsers write it: 1 to 65535 without zeros before it."""
    return text.isascii() and text.isdigit() and len(text) < 6 and text[0] != "0" and int(text) <= 65535


def has_default_port(entry: Entry) -> bool:
    """Whether the port is written out although it is the scheme's own."""
    return (
        entry.port is not None
        and is_port(entry.port)
        and int(entry.port) == DEFAULT_PORT.get((entry.scheme or "").lower())
    )
