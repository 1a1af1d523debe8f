"""Hosts at which anybody may put pages, so that trusting them is trusting more than one's own site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from publicsuffixlist import PSLFILE, PublicSuffixList

PLAYGROUNDS = frozenset(
    {
        "codepen.io", "cdpn.io", "s.codepen.io", "jsfiddle.net", "fiddle.jshell.net", "jsbin.com",
        "null.jsbin.com", "output.jsbin.com", "run.plnkr.co", "embed.plnkr.co", "plnkr.co", "repl.it",
        "replit.com", "codesandbox.io", "stackblitz.com", "jsitor.com", "playcode.io",
        "htmledit.squarefree.com", "raw.githack.com", "rawcdn.githack.com", "cdn.jsdelivr.net", "unpkg.com",
    }
)  # fmt: skip
"""Anybody's script runs on these very origins."""

_UNLISTED = (
    "codesandbox.io", "glitch.me", "loca.lt", "replit.dev", "run.app", "stackblitz.io", "webcontainer.io",
)  # fmt: skip
"""Platforms whose names the public suffix list does not have, or only one level deeper."""


def platform_of(host: str) -> str | None:
    """Return the platform under which a host is, such as github.io, when anybody can get a name there."""
    suffix = public_suffix(host)
    if suffix != host and suffix != public_suffix(host, only_icann=True):
        return suffix
    return next((name for name in _UNLISTED if host.endswith(f".{name}")), None)


@lru_cache(maxsize=4096)
def owned_name(host: str) -> str:
    """Return the shortest name above a host that one party registers, or the host itself when there is none."""
    suffix = platform_of(host) or public_suffix(host)
    if host == suffix:
        return host
    return ".".join(host.split(".")[-2 - suffix.count(".") :])


def public_suffix(host: str, only_icann: bool = False) -> str:
    """Return the public suffix of a host by the list, at least its last label; without ports and brackets."""
    return _suffixes(only_icann).publicsuffix(host) or host


@cache
def _suffixes(only_icann: bool) -> PublicSuffixList:
    # Only names beyond ASCII have another form: to encode all 10,000, as the package does, takes most of its time.
    with open(PSLFILE, encoding="utf-8") as lines:
        return PublicSuffixList(_with_encoded(lines), accept_encoded_idn=False, only_icann=only_icann)


def _with_encoded(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the list, and behind each name beyond ASCII the name as browsers send it."""
    for line in lines:
        yield line
        if not line.isascii() and not line.startswith("//"):
            yield line.strip().encode("idna").decode("ascii")
