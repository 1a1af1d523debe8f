"""What can be notified about: kinds of alerts, their severities, and one occasion as rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from apis.alerting.channels.message import SEVERITIES, Severity
from apis.inventory.models import HttpApi

Phase = Literal["opened", "closed", "notice"]

PROBE_DOWN = "probe_down"
BLOCKED_ALLOWED = "blocked_allowed"
BASELINE = "baseline"
DRIFT = "drift"
FINDING = "finding"
UNREADABLE = "unreadable"
CHANGE = "change"
VERIFICATION = "verification"
SCHEDULER = "scheduler"
GRANT = "grant"
CHANNEL = "channel"
PROPOSAL = "proposal"

KINDS: dict[str, tuple[str, Severity]] = {
    PROBE_DOWN: ("Probe down", "error"),
    BLOCKED_ALLOWED: ("Blocked origin is allowed", "critical"),
    BASELINE: ("Baseline violation", "warning"),
    DRIFT: ("Drift", "warning"),
    FINDING: ("New finding", "warning"),
    UNREADABLE: ("Account or region unreadable", "error"),
    CHANGE: ("Change failed or reverted", "error"),
    VERIFICATION: ("Verification failed", "error"),
    SCHEDULER: ("Probes run late", "critical"),
    GRANT: ("Grant not ended", "error"),
    CHANNEL: ("Channel failing", "error"),
    PROPOSAL: ("Proposal", "info"),
}
"""Every kind with its label and usual severity."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that people may be notified about. Without an API or account it concerns the whole dashboard."""

    kind: str
    severity: Severity
    phase: Phase = "notice"
    api: int | None = None
    account: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def about(cls, api: HttpApi, kind: str, severity: Severity | None = None, phase: Phase = "notice") -> Occasion:
        """Return the occasion of an API."""
        return cls(kind, severity or KINDS[kind][1], phase, api.pk, api.account_id, api.tags or {})


def rank(severity: str) -> int:
    """The place of a severity, least first."""
    return SEVERITIES.index(severity)
