"""Lingering: what browsers go on doing after a change, because they keep the answers to earlier preflights.

A kept answer only ever lets a call out without asking: what it lacks is asked for anew. So what a change adds works at
once, and what it takes away may be used until the answer has run out (Fetch: CORS-preflight cache). The answer to the
call itself is checked each time, so an origin that is taken away can read nothing from then on; its calls still arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apis.cors.fields import preflight_lifetime
from apis.cors.policy import CorsPolicy, diff
from apis.cors.safelist import Browser


@dataclass(frozen=True, slots=True)
class Lingering:
    """For how many seconds each browser may go on with the old answer, and with what. `lasting`: what it may still do.

    `arriving`: what it may no longer read, but whose calls still reach the backend.
    """

    seconds: Mapping[Browser, int]
    lasting: tuple[str, ...]
    arriving: tuple[str, ...]
    lowers_first: bool
    replaces: bool

    @property
    def longest(self) -> int:
        """After so many seconds every browser goes by the new configuration."""
        return max(self.seconds.values())

    def as_json(self) -> dict[str, Any]:
        """For programs: `held` in seconds by browser, what pages may `still` do until then, and the `safe_order`.

        Its steps: `let_in` the new origins before the old ones go, `shorten` the max-age to 0, `wait` for so many
        seconds, `apply` the change.
        """
        order: list[dict[str, Any]] = [{"step": "let_in"}] if self.replaces else []
        if self.lowers_first:
            order += [{"step": "shorten", "MaxAge": 0}, {"step": "wait", "seconds": self.longest}, {"step": "apply"}]
        return {
            "held": {str(browser): seconds for browser, seconds in self.seconds.items()},
            "still": list(self.lasting),
            "arriving": list(self.arriving),
            "safe_order": order,
        }


def lingering(before: CorsPolicy, after: CorsPolicy) -> Lingering | None:
    """What of `before` browsers may still hold once `after` is live; None when nothing is taken away.

    `lowers_first`: with a shorter max-age first, and a wait, the change would hold everywhere at once. `replaces`: it
    takes origins away and lets others in, so that a site that moves is better let in before its old origin goes.
    """
    change = diff(before, after)
    if not before.on or not change:
        return None
    removed = {part.field: part.removed for part in change.fields}
    lasting, arriving = [], []
    if after.on:
        lasting += [f"use {method}" for method in removed.get("AllowMethods", ()) if method != "*"]
        lasting += ["use any method"] if "*" in removed.get("AllowMethods", ()) else []
        lasting += [f"send {name}" for name in removed.get("AllowHeaders", ()) if name != "*"]
        lasting += ["send any header"] if "*" in removed.get("AllowHeaders", ()) else []
        arriving += [f"calls from {origin}" for origin in removed.get("AllowOrigins", ())]
        if before.allow_credentials and not after.allow_credentials:
            arriving.append("calls with cookies")
    else:
        arriving.append("calls from every origin that was allowed")
    if not lasting and not arriving:
        return None
    held = preflight_lifetime(str(before.max_age) if before.max_age else None)
    added = change.added("AllowOrigins")
    return Lingering(
        seconds=held,
        lasting=tuple(lasting),
        arriving=tuple(arriving),
        lowers_first=max(held.values()) > 60,
        replaces=bool(added) and bool(removed.get("AllowOrigins")),
    )
