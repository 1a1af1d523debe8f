"""Origins and the URLs they come from, read and written as browsers do (URL standard, host parsing; HTML, origin)."""

from __future__ import annotations

import ipaddress
import re
import string
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

DEFAULT_PORT = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""The special schemes with a host, and the port that is left out of their origins."""

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# The URLs that nearly everyone has, already in canonical form: read without the long way round.
_PLAIN = re.compile(
    rf"(https?)://((?:[a-z0-9_\-]+\.)*[a-z][a-z0-9_\-]*|{_OCTET}(?:\.{_OCTET}){{3}})(?::([1-9][0-9]{{0,3}}|[1-5][0-9]{{4}}))?(?:[/?#]|\Z)"
)
_LONGEST_CACHED = 300  # characters: the same few origins and hosts come again and again, and no name is longer
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_LOOPBACK = re.compile(r"127(?:\.[0-9]+){3}\Z|\[::1\]\Z")


@dataclass(frozen=True, slots=True)
class Url:
    """What CORS needs of a URL. `host` is in its canonical form; `port` is None when it is the scheme's own."""

    scheme: str
    host: str
    port: int | None = None
    has_credentials: bool = False
    origin: str = field(init=False)
    """`scheme://host[:port]` without the default port; `null` for what has no host (data:, file:, …)."""

    def __post_init__(self) -> None:
        port = "" if self.port is None else f":{self.port}"
        object.__setattr__(self, "origin", f"{self.scheme}://{self.host}{port}" if self.host else "null")


def parse_url(text: str) -> Url | None:
    """Return an absolute URL by the URL standard; None when the standard (and so every browser) refuses it."""
    plain = _PLAIN.match(text)
    if plain and plain.end() <= _LONGEST_CACHED:
        return _plain(*plain.groups())
    return _parse(text)


@lru_cache(maxsize=1024)
def _plain(scheme: str, host: str, digits: str | None) -> Url:
    port = int(digits) if digits else None
    return Url(scheme, host, None if port == DEFAULT_PORT[scheme] else port)


def _parse(text: str) -> Url | None:
    import ada_url  # only for unusual URLs, for a quick start of the linter without it

    try:
        found = ada_url.URL(text if text.isascii() else _well_formed(text))
    except ValueError:
        return None
    scheme = found.protocol.removesuffix(":")
    host = "" if scheme == "file" else found.hostname
    port = int(found.port) if found.port else None
    return Url(scheme, host, port, has_credentials=bool(found.username or found.password))


def _well_formed(text: str) -> str:
    """Replace lone surrogates with U+FFFD, as browsers do before they parse."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def to_ascii(name: str) -> str:
    """Return a host name in lower case with its labels in punycode (UTS 46, as browsers do), or "" when it has none."""
    if name.isascii():
        return name.lower()
    import ada_url

    return ada_url.idna_to_ascii(_well_formed(name)).decode()


def origin_of(text: str) -> str | None:
    """Return the origin of a page by its URL, as browsers send it; None when that is no URL. `null` stays `null`."""
    return _origin_of(text) if len(text) <= _LONGEST_CACHED else _origin_of.__wrapped__(text)


def is_origin(text: str) -> bool:
    """Return whether a text is the origin of a page as browsers send it: no pattern, no URL with a path, not `null`."""
    url = parse_url(text)
    return "*" not in text and url is not None and url.origin == text


def written(text: str) -> str:
    """Return a URL as browsers print it, with what is not plain ASCII in percent form."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return quote(re.sub(r"[\t\n\r]", "", text.strip(_C0_AND_SPACE)), safe=string.punctuation, errors="replace")


@lru_cache(maxsize=1024)
def _origin_of(text: str) -> str | None:
    if text == "null":
        return text
    url = parse_url(text)
    return url.origin if url else None


def is_local(host: str) -> bool:
    """Return whether a canonical host is this machine or a private network by its own look (names are not resolved)."""
    return _is_local(host) if len(host) <= _LONGEST_CACHED else False


_SHARED = ipaddress.ip_network("100.64.0.0/10")


@lru_cache(maxsize=1024)
def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    # This machine and link-local addresses are private; browsers count shared ones (RFC 6598) as local, too.
    return address.is_private or (address.version == 4 and address in _SHARED)


def is_trustworthy(url: Url) -> bool:
    """Return whether a secure page may call the URL: https, or http to this machine itself (Secure Contexts)."""
    if url.scheme == "https" or url.host == "localhost" or url.host.endswith(".localhost"):
        return True
    return _LOOPBACK.match(url.host) is not None
