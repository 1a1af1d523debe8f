"""What can be notified about: kinds of alerts, their severities, and one occasion as rules see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from apis.alerting.channels.message import SEVERITIES, Severity
from apis.inventory.models import HttpApi

Phase = Literal["opened", "closed", "notice"]

PROBE_DOWN = "probe_down"
BLOCKED_ALLOWED = "blocked_allowed"
BASELINE = "baseline"
DRIFT = "drift"
UNREADABLE = "unreadable"
CHANGE = "change"
GRANT = "grant"
PROPOSAL = "proposal"
CHANNEL = "channel"
SCHEDULER = "scheduler"
FINDING = "finding"
VERIFICATION = "verification"
CERTIFICATE = "certificate"

KINDS: dict[str, tuple[str, Severity]] = {
    PROBE_DOWN: ("Probe down", "error"),
    BLOCKED_ALLOWED: ("Blocked origin is allowed", "critical"),
    BASELINE: ("Baseline violation", "warning"),
    DRIFT: ("Drift", "warning"),
    UNREADABLE: ("Account or region unreadable", "error"),
    CHANGE: ("Change failed or reverted", "error"),
    FINDING: ("New finding", "warning"),
    VERIFICATION: ("Verification failed", "error"),
    CERTIFICATE: ("Certificate expires soon", "warning"),
    GRANT: ("Temporary access not removed", "error"),
    PROPOSAL: ("Proposal", "info"),
    CHANNEL: ("Channel failing", "error"),
    SCHEDULER: ("Scheduler stopped or probes late", "critical"),
}
"""Every kind with its label and usual severity."""


@dataclass(frozen=True, slots=True)
class Place:
    """An API as rules see it."""

    api: int
    account: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that people may be notified about, and the APIs it concerns; none: the account or the dashboard."""

    kind: str
    severity: Severity
    phase: Phase = "notice"
    places: tuple[Place, ...] = ()
    account: int | None = None

    @classmethod
    def about(
        cls, apis: HttpApi | Iterable[HttpApi], kind: str, severity: Severity | None = None, phase: Phase = "notice"
    ) -> Occasion:
        """Return the occasion of one API or several."""
        rows = [apis] if isinstance(apis, HttpApi) else apis
        places = tuple(Place(api.pk, api.account_id, api.tags or {}) for api in rows)
        return cls(kind, severity or KINDS[kind][1], phase, places)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, with a name that no other has; without an occasion it is no news.

    `also`: another view of the same, for channels that hear nothing of the first. `covers`: names of what else it says,
    so that nothing more is said of that.
    """

    key: str
    event: str
    occasion: Occasion | None
    data: dict[str, Any]
    also: Happening | None = None
    covers: tuple[str, ...] = ()


def rank(severity: str) -> int:
    """Return the place of a severity, least first."""
    return SEVERITIES.index(severity)
