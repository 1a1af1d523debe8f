"""From the headers that went over the wire to those that script set, and what the other headers show about the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apis.cors.exchange import Headers
from apis.cors.origins import origin_of
from apis.cors.paste.result import requested_headers
from apis.cors.safelist import is_forbidden_header, is_safelisted

_PSEUDO = frozenset({"authority", "method", "path", "scheme"})
"""The pseudo-headers of HTTP/2 as DevTools' copies for PowerShell have them, without their colon."""

# Browsers add these themselves, though script may set them too.
_BROWSERS_OWN = frozenset({
    "accept-language", "priority", "referrer-policy", "upgrade-insecure-requests", "user-agent", "x-client-data",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What the request headers of a recorded call show.

    `headers`: those set by the script, as far as known; `origin`: the page's, "" when unknown; `requested_method`: the
    method that a preflight asks for, "" when the call is none, and `asked` the header names that it asks for.
    `by_browser`: these are what a browser sent, not what someone wrote into a script.

    `names_origin`: the page's origin is from an Origin header, not from where the call was referred from. `mode` and
    `use`: the call's mode and destination, as in Sec-Fetch-Mode and -Dest, "" when unknown.
    """

    headers: Headers
    origin: str
    cookies: bool
    by_browser: bool
    requested_method: str
    asked: tuple[str, ...]
    names_origin: bool
    mode: str
    use: str


def read_sent(pairs: Iterable[tuple[str, str]], recorded: bool = False) -> Sent:
    """Sort a call's headers; `recorded`: a browser or a tool recorded them, whatever its User-Agent is."""
    lines = [(name.strip(), value) for name, value in pairs if name.strip() and not name.startswith(":")]
    values = {name.lower(): value for name, value in lines}
    named = values.get("origin", "").strip()
    by_browser = (
        recorded
        or any(name.startswith("sec-") for name in values)
        or values.get("user-agent", "").startswith("Mozilla/")
    )
    # DevTools' copies for Node.js have what no page can set.
    by_browser = by_browser or "referrer-policy" in values
    uncached = by_browser and values.get("cache-control") == values.get("pragma") == "no-cache"  # DevTools' own switch
    has_pseudo = "authority" in values
    kept = []
    for name, value in lines:
        lower = name.lower()
        if is_forbidden_header(lower, value):
            continue
        if by_browser and (lower in _BROWSERS_OWN or (lower == "accept" and value.strip() == "*/*")):
            continue
        if has_pseudo and lower in _PSEUDO:
            continue
        if not (uncached and lower in ("cache-control", "pragma")):
            kept.append((name, value))
    asked = (name.strip() for name in values.get("access-control-request-headers", "").split(","))
    return Sent(
        headers=tuple(kept),
        origin=named or origin_of(values.get("referer", "")) or "",
        cookies="cookie" in values,
        by_browser=by_browser,
        requested_method=values.get("access-control-request-method", "").strip(),
        asked=tuple(name for name in asked if name),
        names_origin=bool(named),
        mode=_mode(values),
        use=values.get("sec-fetch-dest", "").strip().lower(),
    )


def _mode(values: Mapping[str, str]) -> str:
    """Return the call's mode: from Sec-Fetch-Mode, else from headers that only one mode sends."""
    mode = values.get("sec-fetch-mode", "").strip().lower()
    if mode:
        return mode
    if "upgrade-insecure-requests" in values:
        return "navigate"
    return "websocket" if "sec-websocket-key" in values else ""


def with_preflight(headers: Headers, asked: Iterable[str]) -> Headers:
    """Return the headers of a call whose preflight is known: it names every one that needed permission."""
    names = {name.lower() for name in asked}
    kept = [(name, value) for name, value in headers if name.lower() in names or is_safelisted(name.lower(), value)]
    have = {name.lower() for name, _ in kept}
    return (*kept, *requested_headers(sorted(names - have)))
