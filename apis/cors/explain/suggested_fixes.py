"""Edits of a policy that allow a blocked call: the smallest ones, each tried before it is suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from apis.cors.aws_validation import refusal
from apis.cors.call import Leg
from apis.cors.lint import Finding, Fix, blocking, findings
from apis.cors.lint.fixes import Assign, Edit, Replace, TurnOn, enumerated, shown
from apis.cors.lint.origin_entry import WILDCARDS, corrected
from apis.cors.origin_match import allowed_origin
from apis.cors.policy import CorsPolicy
from apis.cors.safelist import SAFE_METHODS

MOST = 3
"""How many fixes are suggested, the smallest first."""

MOST_TRIED, MOST_CHECKED, MOST_ROUNDS = 100, 8, 5
"""How many candidates are tried, for how many of them all rules run, and how often refusals are fixed in a row."""

_LISTS = {"header-invalid": "AllowHeaders", "method-several-in-one": "AllowMethods"}


@dataclass(frozen=True, slots=True)
class SuggestedFix:
    """A fix and the policy that it leads to, with which the call is predicted to be allowed."""

    fix: Fix
    policy: CorsPolicy

    @property
    def label(self) -> str:
        """What its button says."""
        return self.fix.label

    def as_json(self) -> dict[str, Any]:
        """Return the form for REST: the label and the six fields after it."""
        return {"label": self.label, "cors": self.policy.to_aws()}


def suggest_fixes(
    policy: CorsPolicy, leg: Leg, found: Iterable[Finding], allows: Callable[[CorsPolicy], bool]
) -> tuple[SuggestedFix, ...]:
    """Return the fixes after which `allows` says yes: what this call lacks, then findings whose own fix is enough.

    None of them leads to a policy that AWS refuses or brings an error that was not there before.
    """
    found = list(found)
    known = {(one.code, one.value) for one in blocking(found)}
    suggested: list[SuggestedFix] = []
    checked = 0
    for fix in islice(_candidates(policy, leg, found), MOST_TRIED):
        after = fix.apply(policy)
        if refusal(after) is not None or after == policy or any(after == other.policy for other in suggested):
            continue
        if not allows(after):
            continue
        # All rules of a large policy take a tenth of a second, so they run for few candidates.
        checked += 1
        if all((one.code, one.value) in known for one in blocking(findings(after))):
            suggested.append(SuggestedFix(fix, after))
        if len(suggested) == MOST or checked == MOST_CHECKED:
            break
    return tuple(suggested)


def _candidates(policy: CorsPolicy, leg: Leg, found: list[Finding]) -> Iterator[Fix]:
    lacking = lacks(policy, leg, found)
    if lacking:
        yield lacking
    if refusal(policy) is not None:
        # AWS would not take it as it is: what it refuses is fixed first, which may take away what the call had.
        first = _acceptable(policy)
        rest = lacks(first.apply(policy), leg, ())
        yield Fix(f"{rest.label}, and fix what AWS refuses", (*first.edits, *rest.edits)) if rest else first
    for finding in found:
        if finding.fix and finding.severity != "note":
            yield finding.fix


def _acceptable(policy: CorsPolicy) -> Fix:
    """Fix everything that AWS refuses."""
    edits: list[Edit] = []
    for _ in range(MOST_ROUNDS):
        fixes = [one.fix for one in blocking(findings(policy)) if one.fix]
        if refusal(policy) is None or not fixes:
            break
        for fix in fixes:
            edits += fix.edits
            policy = fix.apply(policy)
    return Fix("Fix what AWS refuses", tuple(edits))


def lacks(policy: CorsPolicy, leg: Leg, found: Iterable[Finding]) -> Fix | None:
    """Return everything that the policy lacks for a call, as one fix; None when it lacks nothing."""
    edits: list[Edit] = []
    words: list[str] = []
    if not policy.on:
        edits.append(TurnOn())
        words.append("turn CORS on")
    for finding in found:
        if finding.fix and _LISTS.get(finding.code) == finding.field:
            edits += finding.fix.edits
            words.append(finding.fix.label[0].lower() + finding.fix.label[1:])
    so_far = Fix("", tuple(edits)).apply(policy)
    for edit, word in (*_origin(so_far, leg), *_permissions(so_far, leg)):
        edits.append(edit)
        words.append(word)
    if not edits:
        return None
    label = ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else words[0]
    return Fix(label[0].upper() + label[1:], tuple(edits))


def _origin(policy: CorsPolicy, leg: Leg) -> Iterator[tuple[Edit, str]]:
    """Yield the page's origin and the switch for credentials."""
    granted = allowed_origin(policy, leg.origin)
    wild = tuple(dict.fromkeys(entry for entry in policy.allow_origins if entry in WILDCARDS))
    near = next(
        (entry for entry in policy.allow_origins if leg.origin in corrected(entry) and entry != leg.origin), None
    )
    if leg.include and ("*" in wild or (wild and not policy.allow_credentials)):
        # With credentials `*` is refused, and a wildcard of a scheme would let every site act as its visitor.
        gone = (*wild, near) if near and corrected(near) == (leg.origin,) else wild
        yield Replace("AllowOrigins", gone, (leg.origin,)), f"replace {enumerated(gone)} with {leg.origin}"
    elif granted is None and near is not None:
        yield (
            Replace("AllowOrigins", (near,), corrected(near)),
            f"replace {shown(near)} with {enumerated(corrected(near))}",
        )
    elif granted is None:
        yield Replace("AllowOrigins", (), (leg.origin,)), f"add the origin {leg.origin}"
    if leg.include and not policy.allow_credentials:
        yield Assign("AllowCredentials", True), "switch credentials on"


def _permissions(policy: CorsPolicy, leg: Leg) -> Iterator[tuple[Edit, str]]:
    """Yield the method and the headers that the preflight asks for."""
    if not leg.sends_preflight:
        return
    methods, names = policy.allow_methods, {name.lower() for name in policy.allow_headers}
    # PATCH in another case is to be fixed in the page: allowing it so would leave PATCH itself blocked.
    is_odd = leg.method.upper() == "PATCH" and leg.method != "PATCH"
    blocked = leg.method not in SAFE_METHODS and leg.method not in methods and (leg.include or "*" not in methods)
    if blocked and not is_odd:
        yield Replace("AllowMethods", (), (leg.method,)), f"add the method {leg.method}"
    missing = tuple(name for name in leg.unsafe if name not in names and (leg.include or "*" not in names))
    if missing:
        several = "s" if len(missing) > 1 else ""
        yield Replace("AllowHeaders", (), missing), f"add the header{several} {enumerated(missing)}"
