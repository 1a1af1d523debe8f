"""Origins and the URLs they come from, read and written as browsers do (URL standard, host parsing; HTML, origin)."""

from __future__ import annotations

import ipaddress
import re
import string
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
_SPECIAL_END, _END = re.compile(r"[/\\?#]"), re.compile("[/?#]")  # where the authority ends
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(?:0*([0-9]{1,5}))?)?")
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")
_FORBIDDEN_IN_OPAQUE = re.compile(r"[\x00\x20#/:<>?@\[\\\]^|]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
_LONGEST_HOST = 1000  # characters of a name with letters beyond ASCII; DNS ends at 253
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
        return _with_authority(scheme, _SPECIAL_END.split(rest.lstrip("/\\"))[0], special=True)
    if scheme == "file" or not rest.startswith("//"):
        return Url(scheme, "")
    return _with_authority(scheme, _END.split(rest.removeprefix("//"))[0], special=False)


def _with_authority(scheme: str, authority: str, special: bool) -> Url | None:
    credentials, _, place = authority.rpartition("@")
    found = _HOST_AND_PORT.fullmatch(place)
    if not found:
        return None
    host = _host(found[1], special)
    port = int(found[2]) if found[2] else None
    if (not host and (special or authority)) or (port and port > 65535):
        return None
    if port == DEFAULT_PORT.get(scheme):
        port = None
    return Url(scheme, host, port, has_credentials=bool(credentials.strip(":")))


def _host(text: str, special: bool) -> str:
    """A host in its canonical form; empty when it is none."""
    if text.startswith("["):
        return _ipv6(text)
    if not special:
        return "" if _FORBIDDEN_IN_OPAQUE.search(text) else text
    try:
        name = unquote_to_bytes(text).decode() if "%" in text else text
    except UnicodeDecodeError:
        return ""
    ascii_name = to_ascii(name)
    if ascii_name is None or _FORBIDDEN_IN_HOST.search(ascii_name):
        return ""
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


def _ipv4(labels: list[str]) -> str:
    """An address from its numbers: decimal, octal or hexadecimal, the last one for all the bytes that are left."""
    if len(labels) > 4 or not all(_NUMBER.match(part) for part in labels):
        return ""
    try:
        *numbers, last = map(_number, labels)
    except ValueError:
        return ""
    if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
        return ""
    value = last + sum(number << (8 * (3 - place)) for place, number in enumerate(numbers))
    return str(ipaddress.IPv4Address(value))


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text.removeprefix("0x") or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return ""
    if "%" in text:
        return ""
    mapped = address.ipv4_mapped
    # Python writes these with the dotted address of version 4, browsers do not.
    number = int(mapped) if mapped else 0
    return f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]" if mapped else f"[{address}]"


def origin_of(text: str) -> str | None:
    """The origin of a page by its URL, as browsers send it; None when that is no URL. `null` stays `null`."""
    return _origin_of(text) if len(text) <= _LONGEST_CACHED else _origin_of.__wrapped__(text)


def is_origin(text: str) -> bool:
    """Whether a text is the origin of a page as browsers send it: no pattern, no URL with a path, not `null`."""
    url = parse_url(text)
    return "*" not in text and url is not None and url.origin == text


def written(text: str) -> str:
    """A URL as browsers print it, with what is not plain ASCII in percent form."""
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
    """Whether a canonical host is this machine or a private network by its own look (names are not resolved)."""
    return _is_local(host) if len(host) <= _LONGEST_CACHED else False


@lru_cache(maxsize=1024)
def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private  # this machine and link-local ones among them
    except ValueError:
        return False


def is_trustworthy(url: Url) -> bool:
    """Whether a secure page may call the URL: https, or http to this machine itself (Secure Contexts)."""
    if url.scheme == "https" or url.host == "localhost" or url.host.endswith(".localhost"):
        return True
    return _LOOPBACK.match(url.host) is not None
