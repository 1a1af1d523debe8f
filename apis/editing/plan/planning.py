"""The plan: what a proposed configuration would change, before anything is sent to AWS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apis.cors.lint import Finding, blocking, findings
from apis.cors.policy import CorsPolicy, Diff, diff, summary
from apis.cors.preflight_cache import PreflightCache, cached_permissions
from apis.editing.plan.impacts import MOST_ORIGINS, Impact, headers_of, impact, origins_of
from apis.inventory.lint_context import by_hand, context_of
from apis.inventory.models import HttpApi
from apis.probing.history.history import recent_origins
from apis.probing.models import Probe

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Conflict:
    """AWS moved on: what the person saw, what is live now, and what they propose."""

    seen: CorsPolicy
    live: CorsPolicy
    proposed: CorsPolicy

    @property
    def others(self) -> Diff:
        """What others changed."""
        return diff(self.seen, self.live)

    @property
    def yours(self) -> Diff:
        """What the person wants to change."""
        return diff(self.seen, self.proposed)

    def as_json(self) -> dict[str, Any]:
        """Return the three, by AWS's names."""
        return {"seen": self.seen.to_aws(), "live": self.live.to_aws(), "proposed": self.proposed.to_aws()}


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen: the way from live to proposed, what the rules say of it, and whom it touches."""

    api: HttpApi
    live: CorsPolicy
    proposed: CorsPolicy
    diff: Diff
    new: tuple[Finding, ...]
    solved: tuple[Finding, ...]
    unchanged: tuple[Finding, ...]
    impact: tuple[Impact, ...]
    conflict: Conflict | None
    left_out: int = 0
    """How many origins were not tried, because there are too many."""

    @property
    def shown(self) -> tuple[Impact, ...]:
        """The rows that a page shows, the changing ones first."""
        return self.impact[:MOST_ROWS]

    @property
    def rows_left_out(self) -> int:
        """How many rows a page does not show."""
        return len(self.impact) - len(self.shown)

    @property
    def headers_left_out(self) -> int:
        """How many of the request headers that differ were not tried, because there are too many."""
        return headers_of(self.live, self.proposed)[1]

    @property
    def by_hand(self) -> list[str]:
        """The stages that serve the change only once the API is deployed to them."""
        return by_hand(self.api)

    @property
    def preflight_cache(self) -> PreflightCache | None:
        """Return what browsers may still do from their cache, and the safe order; None when nothing is removed."""
        return cached_permissions(self.live, self.proposed)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that would be true of the proposal."""
        return self.new + self.unchanged

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Findings with which AWS would refuse the proposal or it could never work."""
        return tuple(blocking(self.findings))

    @property
    def summary(self) -> str:
        """The change in one line."""
        return summary(self.live, self.proposed, done=False)

    @property
    def newly_blocked(self) -> tuple[Impact, ...]:
        """Calls that work today and would not any more."""
        return self._turned(allowed=False, waiting=False)

    @property
    def newly_allowed(self) -> tuple[Impact, ...]:
        """Calls that are blocked today and would work."""
        return self._turned(allowed=True, waiting=False)

    @property
    def blocked_once_deployed(self) -> tuple[Impact, ...]:
        """Calls to stages without auto-deploy that today's settings let through and the proposal would not."""
        return self._turned(allowed=False, waiting=True)

    @property
    def allowed_once_deployed(self) -> tuple[Impact, ...]:
        """Calls to stages without auto-deploy that today's settings block and the proposal would let through."""
        return self._turned(allowed=True, waiting=True)

    def _turned(self, allowed: bool, waiting: bool) -> tuple[Impact, ...]:
        rows = (row for row in self.impact if row.changes and bool(row.stage) is waiting)
        return tuple(row for row in rows if row.after.allowed is allowed)


def plan(
    api: HttpApi, proposed: CorsPolicy, seen: CorsPolicy | None = None, probes: Iterable[Probe] | None = None
) -> Plan:
    """Plan `proposed` for an API as last read from AWS; `seen` is what the person had before them when they edited.

    There is a conflict when what is live is neither what was seen nor what is proposed. The mirror stands for live
    here: `apply` reads AWS itself, right before it writes.
    """
    live, context = api.policy, context_of(api)
    before, after = findings(live, context), findings(proposed, context)
    old, new = {_key(f): f for f in before}, {_key(f): f for f in after}
    if probes is None:
        probes = Probe.objects.filter(api=api, enabled=True)
    origins = origins_of(live, proposed, recent_origins(api))
    conflict = Conflict(seen, live, proposed) if seen is not None and live not in (seen, proposed) else None
    return Plan(
        api=api,
        live=live,
        proposed=proposed,
        diff=diff(live, proposed),
        new=tuple(finding for key, finding in new.items() if key not in old),
        solved=tuple(finding for key, finding in old.items() if key not in new),
        unchanged=tuple(finding for key, finding in new.items() if key in old),
        impact=impact(api, live, proposed, probes, origins[:MOST_ORIGINS]),
        conflict=conflict,
        left_out=max(0, len(origins) - MOST_ORIGINS),
    )


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.field, str(finding.value)
