"""What browsers may still do after a change, because they cache earlier preflight responses.

A kept answer only ever lets a call out without asking: what it lacks is asked for again. So what a change adds works at
once, and what it takes away may be used until the answer has run out (Fetch: CORS-preflight cache). The answer to the
call itself is checked each time, so an origin that is taken away can read nothing from then on; its calls still arrive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apis.cors.aws_validation import SCHEME_WILDCARDS
from apis.cors.fields import preflight_lifetime
from apis.cors.origin_match import allowed_origin
from apis.cors.policy import CorsPolicy, diff
from apis.cors.safelist import SAFE_METHODS, Browser


@dataclass(frozen=True, slots=True)
class PreflightCache:
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
        """Return it for programs: seconds `held` by browser, what pages may `still` do meanwhile, and the `safe_order`.

        Its steps: `let_in` the new origins before removing the old ones, `shorten` the max-age to 0, `wait` for so many
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


def cached_permissions(before: CorsPolicy, after: CorsPolicy) -> PreflightCache | None:
    """Return what of `before` browsers may still hold once `after` is live; None when nothing is taken away.

    `lowers_first`: with a shorter max-age first, and a wait, the change would hold everywhere at once. `replaces`: it
    removes origins and adds new ones, so that a site that moves should be allowed before its
    old origin goes.
    """
    change = diff(before, after)
    if not before.on or not change:
        return None
    gone = _without(before.allow_origins, after)
    # A max-age of 0 is taken for none, which API Gateway does not send (as in `grant`).
    held = preflight_lifetime(str(before.max_age) if before.max_age else None)
    lasting: tuple[str, ...] = ()
    arriving: tuple[str, ...] = ()
    if not after.on:
        arriving = ("calls from every origin that was allowed",)
    else:
        removed = {part.field: part.removed for part in change.fields}
        lasting = tuple(_used(removed, before, after))
        arriving = tuple(_arriving(before, after, gone))
    if not any(held.values()):
        # A negative max-age: no browser holds anything.
        lasting = arriving = ()
    replaces = after.on and bool(gone) and bool(_without(after.allow_origins, before))
    if not lasting and not arriving and not replaces:
        return None
    return PreflightCache(
        seconds=held,
        lasting=lasting,
        arriving=arriving,
        lowers_first=max(held.values()) > 60,
        replaces=replaces,
    )


def _without(entries: tuple[str, ...], policy: CorsPolicy) -> list[str]:
    """Return those of the entries of one AllowOrigins that another configuration does not allow, also by a wildcard."""
    return [entry for entry in dict.fromkeys(entries) if allowed_origin(policy, entry) is None]


def _used(removed: Mapping[str, tuple[str, ...]], before: CorsPolicy, after: CorsPolicy) -> Iterator[str]:
    """Yield what pages may go on to do: the methods and headers that are taken away, if only from calls with cookies.

    GET, HEAD and POST are not: browsers use these whether they are listed or not.
    """
    for field, verb, any_of_it in (("AllowMethods", "use", "any method"), ("AllowHeaders", "send", "any header")):
        names = removed.get(field, ())
        covered = "*" in after.get(field)
        # `*` stands for all of them, but in calls with cookies.
        if not covered or (before.allow_credentials and after.allow_credentials):
            suffix = " with cookies" if covered else ""
            yield from (f"{verb} {name}{suffix}" for name in names if name not in ("*", *SAFE_METHODS))
        if "*" in names:
            yield f"{verb} {any_of_it}"


def _arriving(before: CorsPolicy, after: CorsPolicy, gone: list[str]) -> Iterator[str]:
    """Yield whose calls still reach the backend, wildcards in words."""
    for entry in gone:
        if entry == "*":
            yield f"calls from any {'other ' if after.allow_origins else ''}site"
        elif entry not in SCHEME_WILDCARDS:
            yield f"calls from {entry}"
        elif "*" not in gone:
            scheme = entry.partition(":")[0]
            some_stay = any(origin.startswith(f"{scheme}://") for origin in after.allow_origins)
            yield f"calls from any {'other ' if some_stay else ''}{scheme} site"
    if before.allow_credentials and not after.allow_credentials:
        yield "calls with cookies"
