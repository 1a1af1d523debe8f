"""Hosts where anyone can publish pages."""

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
"""Hosts where everyone's scripts share one origin."""

_UNLISTED = (
    "codesandbox.io", "glitch.me", "loca.lt", "replit.dev", "run.app", "stackblitz.io", "webcontainer.io",
)  # fmt: skip
"""Platforms that the public suffix list lacks, or has only one level deeper."""


def platform_of(host: str) -> str | None:
    """Return the shared hosting domain of a host, such as github.io, or None."""
    suffix = public_suffix(host)
    if suffix != host and suffix != public_suffix(host, only_icann=True):
        return suffix
    return next((name for name in _UNLISTED if host.endswith(f".{name}")), None)


@lru_cache(maxsize=4096)
def owned_name(host: str) -> str:
    """Return the registered domain of a host, or the host itself when it has none."""
    suffix = platform_of(host) or public_suffix(host)
    if host == suffix:
        return host
    return ".".join(host.split(".")[-2 - suffix.count(".") :])


def public_suffix(host: str, only_icann: bool = False) -> str:
    """Return the public suffix of a host, at least its last label; without ports and brackets."""
    return _suffixes(only_icann).publicsuffix(host) or host


@cache
def _suffixes(only_icann: bool) -> PublicSuffixList:
    # Encoding all 10,000 names, as the package does, is slow; only names outside ASCII have another form.
    with open(PSLFILE, encoding="utf-8") as lines:
        return PublicSuffixList(_with_encoded(lines), accept_encoded_idn=False, only_icann=only_icann)


def _with_encoded(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the list, and after each name outside ASCII its Punycode form."""
    for line in lines:
        yield line
        if not line.isascii() and not line.startswith("//"):
            yield line.strip().encode("idna").decode("ascii")
