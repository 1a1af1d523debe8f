"""The one parser of URLs: its result is vetted, pinned and passed to curl."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from apis.outbound.call import Call, Headers, Unsendable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

Site = tuple[str, str, int]

MAX_URL = 8192
LOOPBACK: tuple[IPAddress, ...] = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))
_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# These follow from the URL, the body or the connection; a second opinion in a header is how requests are smuggled.
_OWN_HEADERS = frozenset(
    (
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
    )
)


def is_localhost(host: str) -> bool:
    """Return whether a name is loopback by definition (RFC 6761, 6.3), so that DNS is never asked."""
    return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: `host` in lower case without brackets; `literal` is set when the host is an IP address.

    `url` is the URL in one canonical form, made from the parts alone. Calls to the same `site` may share a connection.
    """

    scheme: str
    host: str
    port: int
    path: str
    literal: IPAddress | None
    url: str = field(init=False)
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        host = f"[{self.host}]" if ":" in self.host else self.host
        object.__setattr__(self, "url", f"{self.scheme}://{host}:{self.port}{self.path}")
        object.__setattr__(self, "site", (self.scheme, self.host, self.port))


@lru_cache(maxsize=4096)
def read_url(url: str) -> Target:
    """Read an absolute http or https URL.

    Characters that a path or query may not carry are percent-encoded as UTF-8, the fragment is dropped, dot segments
    stay as they are. Raises Unsendable ("bad-url") for user info, control characters, hosts that are no plain name or
    address, and IPv4 addresses in hexadecimal, octal or short form, which programs read differently.
    """
    if found := _CONTROL.search(url):
        raise _bad(f"The URL contains the control character U+{ord(found[0]):04X}: remove it.")
    if len(url) > MAX_URL:
        raise _bad(f"The URL has {len(url)} characters: at most {MAX_URL} can be sent.")
    if "\\" in url:
        raise _bad("The URL contains a backslash, which programs read differently: use / or %5C.")
    parts = _URL.match(url)
    if not parts:
        raise _bad(f"The URL {url[:80]!r} must start with http:// or https://.")
    if "@" in parts["authority"]:
        raise _bad("The URL has a user name or password before its host: send credentials in a header instead.")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if not authority:
        raise _bad(f"The URL's host {parts['authority'][:80]!r} is not a host name or address with an optional port.")
    scheme = parts["scheme"].lower()
    host, literal = _read_host(authority["host"].lower())
    port = int(authority["port"] or (443 if scheme == "https" else 80))
    if not 0 < port < 65536:
        raise _bad(f"The URL's port {port} must be between 1 and 65535.")
    try:
        path = quote(parts["rest"], safe="/?:@!$&'()*+,;=%-._~[]")
    except UnicodeEncodeError:
        raise _bad("The URL contains an invalid character (a lone surrogate): remove it.") from None
    return Target(scheme, host, port, path if path.startswith("/") else f"/{path}", literal)


def _read_host(host: str) -> tuple[str, IPAddress | None]:
    """Return the host as it is compared and connected to, and its address when it is one."""
    if host.startswith("["):
        try:
            literal: IPAddress = ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise _bad(f"The URL's host {host} is not an IPv6 address.") from None
        return str(literal), literal
    host = host.removesuffix(".")
    labels = host.split(".")
    # By the URL standard a host whose last label is a number is an IPv4 address in one of many spellings.
    if _NUMBER.fullmatch(labels[-1]):
        try:
            literal = ipaddress.IPv4Address(host)
        except ValueError:
            raise _bad(f"The URL's host {host[:80]} must have four decimal numbers, as in 192.0.2.1.") from None
        return str(literal), literal
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad(f"The URL's host {host[:80]!r} is not a host name.")
    return host, None


def header_lines(call: Call) -> list[bytes]:
    """Return a call's method and headers, checked, as the lines that curl wants.

    Raises Unsendable ("bad-url") that names the method or header: line breaks and NUL would inject lines, and headers
    that follow from the URL or the body may not be given.
    """
    read = _checked_lines if call.confidential else _known_lines
    return list(read(call.method, call.headers))


def _checked_lines(method: str, headers: Headers) -> tuple[bytes, ...]:
    if not _TOKEN.fullmatch(method) or method.upper() == "CONNECT":
        raise _bad(f"The method {method[:40]!r} cannot be sent.")
    lines = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise _bad(f"The header name {name[:80]!r} contains a character that header names cannot have.")
        if name.lower() in _OWN_HEADERS:
            raise _bad(f"The header {name} is set automatically and cannot be given.")
        value = value.strip(" \t")
        if found := _CONTROL.search(value.replace("\t", " ")):
            raise _bad(f"The header {name} contains the control character U+{ord(found[0]):04X}: remove it.")
        try:
            # curl takes "Name;" for a header without a value, and "Name:" for "do not send this one".
            lines.append(f"{name}: {value}".encode("latin-1") if value else f"{name};".encode("latin-1"))
        except UnicodeEncodeError as error:
            raise _bad(f"The header {name} holds {value[error.start - len(name) - 2]!r}, outside Latin-1.") from None
    return tuple(lines)


# Preflights are the same at each run.
_known_lines = lru_cache(4096)(_checked_lines)


def _bad(message: str) -> Unsendable:
    return Unsendable("bad-url", message)
