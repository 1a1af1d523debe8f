"""What a configuration grants to an origin, and the header lines with which API Gateway says so."""

from __future__ import annotations

from functools import lru_cache

from apis.cors.exchange import Headers
from apis.cors.policy import CorsPolicy

LIST_SEPARATOR = ", "
"""Between the entries of a list header; the tutorial and AWS's examples show it so. Browsers do not mind either way."""


def allowed_origin(policy: CorsPolicy, origin: str) -> str | None:
    """Return the Access-Control-Allow-Origin that a page gets, None when no entry allows its origin.

    `*` allows everyone but `null` (measured), `https://*` and `http://*` all of their scheme (documented), any other
    entry the very same text (whether case counts was never measured; browsers send lower case).
    """
    if not policy.on:
        return None
    found = set(policy.allow_origins).intersection(matching_entries(origin))
    return ("*" if "*" in found else origin) if found else None


def matching_entries(origin: str) -> tuple[str, ...]:
    """Return the entries of AllowOrigins each of which allows an origin, the narrowest first; none for `null`."""
    if not origin or origin == "null":
        return ()
    scheme, mark, host = origin.partition("://")
    wide = (f"{scheme}://*",) if mark and host and scheme in ("http", "https") else ()
    return tuple(dict.fromkeys((origin, *wide, "*")))


def matching_entry(policy: CorsPolicy, origin: str) -> str:
    """Return the entry of AllowOrigins that allows an origin, for a sentence."""
    if "*" in policy.allow_origins:
        return "“*”"
    return "its entry in AllowOrigins" if origin in policy.allow_origins else f"“{origin.partition(':')[0]}://*”"


def preflight_lines(policy: CorsPolicy, allowed: str) -> Headers:
    """Return the headers of a preflight's answer. Header names come in lower case, as AWS stores them (captured)."""
    lines = []
    if policy.allow_credentials:
        lines.append(("access-control-allow-credentials", "true"))
    if policy.allow_headers:
        names = _joined(policy.allow_headers)
        lines.append(("access-control-allow-headers", names))
    if policy.allow_methods:
        lines.append(("access-control-allow-methods", LIST_SEPARATOR.join(policy.allow_methods)))
    lines.append(("access-control-allow-origin", allowed))
    if policy.max_age:
        lines.append(("access-control-max-age", str(policy.max_age)))
    # Captured with credentials alone; without them, AWS's users show preflights that have none.
    return (*lines, *_vary(policy)) if policy.allow_credentials else tuple(lines)


def response_lines(policy: CorsPolicy, allowed: str) -> Headers:
    """Return the headers of an actual answer; the lists of methods and headers and the max-age belong to preflights."""
    lines = []
    if policy.allow_credentials:
        lines.append(("access-control-allow-credentials", "true"))
    lines.append(("access-control-allow-origin", allowed))
    if policy.expose_headers:
        names = _joined(policy.expose_headers)
        lines.append(("access-control-expose-headers", names))
    return (*lines, *_vary(policy))


@lru_cache(32)
def _joined(names: tuple[str, ...]) -> str:
    return LIST_SEPARATOR.join(name.lower() for name in names)


def _vary(policy: CorsPolicy) -> Headers:
    """`vary: origin`, when the answer depends on the page: captured for two origins, not for `*`; else inferred."""
    entries = set(policy.allow_origins)
    if "*" in entries or (len(entries) < 2 and not entries & {"https://*", "http://*"}):
        return ()
    return (("vary", "origin"),)
