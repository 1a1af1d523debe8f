"""Origins and the URLs they come from, read and written as browsers do (URL standard, host parsing; HTML, origin)."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

DEFAULT_PORT = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""The special schemes with a host, and the port that is left out of their origins."""

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# The URLs that nearly everybody has, already in canonical form: read without the long way round.
_PLAIN = re.compile(
    rf"(https?)://((?:[a-z0-9_\-]+\.)*[a-z][a-z0-9_\-]*|{_OCTET}(?:\.{_OCTET}){{3}})(?::([1-9][0-9]{{0,3}}))?(?:[/?#]|\Z)"
)
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)\Z")
_LONGEST_HOST = 1000  # characters of a name with letters beyond ASCII; DNS ends at 253
_LONGEST_CACHED = 300  # characters: the same few origins and hosts come again and again, and no name is longer
_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))


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
    """An absolute URL by the URL standard; None when the standard (and so every browser) refuses it."""
    plain = _PLAIN.match(text)
    if plain and plain.end() <= _LONGEST_CACHED:
        return _plain(*plain.groups())
    return _parse(text)


@lru_cache(maxsize=1024)
def _plain(scheme: str, host: str, digits: str | None) -> Url:
    port = int(digits) if digits else None
    return Url(scheme, host, None if port == DEFAULT_PORT[scheme] else port)


def _parse(text: str) -> Url | None:
    text = re.sub(r"[\t\n\r]", "", text.strip(_C0_AND_SPACE))
    found = SCHEME.match(text)
    if not found:
        return None
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme in DEFAULT_PORT:
        authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
        return _with_authority(scheme, authority, special=True)
    if scheme == "file" or not rest.startswith("//"):
        return Url(scheme, "")
    return _with_authority(scheme, re.split(r"[/?#]", rest[2:], maxsplit=1)[0], special=False)


def _with_authority(scheme: str, authority: str, special: bool) -> Url | None:
    credentials, at, place = authority.rpartition("@")
    found = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?", place)
    if not found:
        return None
    host = _host(found[1], special)
    digits = (found[2] or "").lstrip("0") or (found[2] or "")[:1]
    if host is None or len(digits) > 5 or (not host and (special or authority)):
        return None
    port = int(digits) if digits else None
    if port is not None and port > 65535:
        return None
    if port == DEFAULT_PORT.get(scheme):
        port = None
    return Url(scheme, host, port, has_credentials=bool(at and credentials.strip(":")))


def _host(text: str, special: bool) -> str | None:
    if text.startswith("["):
        return _ipv6(text[1:-1])
    if not special:
        return None if re.search(r"[\x00\x20#/:<>?@\[\\\]^|]", text) else text
    try:
        name = unquote_to_bytes(text).decode() if "%" in text else text
    except UnicodeDecodeError:
        return None
    ascii_name = to_ascii(name)
    if ascii_name is None or _FORBIDDEN_IN_HOST.search(ascii_name):
        return None
    labels = ascii_name.removesuffix(".").split(".")
    return _ipv4(labels) if _NUMBER.match(labels[-1]) else ascii_name


def to_ascii(name: str) -> str | None:
    """A host name in lower case with its non-ASCII labels in punycode (UTS 46, non-transitional, as browsers do).

    None when a label cannot be written so. The mapping is the Unicode normal form KC of the lower case.
    """
    if name.isascii():
        return name.lower()
    if len(name) > _LONGEST_HOST or re.search("[\ud800-\udfff\ufffd]", name):
        return None
    mapped = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower()).replace("\u3002", ".")
    mapped = re.sub("[\u00ad\u200b\u2060\ufeff]", "", mapped)
    try:
        labels = [part if part.isascii() else "xn--" + part.encode("punycode").decode() for part in mapped.split(".")]
    except UnicodeError:
        return None
    return ".".join(labels)


def _ipv4(labels: list[str]) -> str | None:
    if len(labels) > 4 or not all(_NUMBER.match(part) for part in labels):
        return None
    numbers = []
    for part in labels:
        base = 16 if part[:2] in ("0x", "0X") else 8 if part[0] == "0" else 10
        digits = part[2:] if base == 16 else part
        if (base == 8 and not re.fullmatch("[0-7]*", digits)) or len(digits) > 40:
            return None
        numbers.append(int(digits or "0", base))
    last = numbers.pop()
    if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
        return None
    value = last + sum(number << (8 * (3 - place)) for place, number in enumerate(numbers))
    return str(ipaddress.IPv4Address(value))


def _ipv6(text: str) -> str | None:
    try:
        address = ipaddress.IPv6Address("" if "%" in text else text)
    except ValueError:
        return None
    pieces = [f"{int.from_bytes(address.packed[place : place + 2]):x}" for place in range(0, 16, 2)]
    runs = re.finditer(r"\b0(?::0\b)+", ":".join(pieces))
    longest = max(runs, key=lambda run: run.end() - run.start(), default=None)
    joined = ":".join(pieces)
    if longest:
        joined = joined[: longest.start()].rstrip(":") + "::" + joined[longest.end() :].lstrip(":")
    return f"[{joined}]"


def origin_of(text: str) -> str | None:
    """The origin of a page by its URL, as browsers send it; None when that is no URL. `null` stays `null`."""
    return _origin_of(text) if len(text) <= _LONGEST_CACHED else _origin_of.__wrapped__(text)


def written(text: str) -> str:
    """A URL as browsers print it, with what is not plain ASCII in percent form."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return quote(re.sub(r"[\t\n\r]", "", text.strip(_C0_AND_SPACE)), safe=_PRINTED, errors="replace")


@lru_cache(maxsize=1024)
def _origin_of(text: str) -> str | None:
    if text == "null":
        return text
    url = parse_url(text)
    return url.origin if url else None


def is_local(host: str) -> bool:
    """Whether a canonical host is this machine or a private network by its own look (names are not resolved)."""
    return _is_local(host) if len(host) <= _LONGEST_CACHED else False


@lru_cache(maxsize=1024)
def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    if not host[0:1].isdigit() and not host.startswith("["):
        return False
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_private or address.is_loopback or address.is_link_local


def is_trustworthy(url: Url) -> bool:
    """Whether a secure page may call the URL: https, or http to this machine itself (Secure Contexts)."""
    if url.scheme in ("https", "wss") or url.host == "localhost" or url.host.endswith(".localhost"):
        return True
    return url.host == "[::1]" or (url.host.startswith("127.") and url.host.count(".") == 3 and is_local(url.host))
