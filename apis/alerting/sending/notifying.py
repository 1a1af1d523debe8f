"""Write the messages about events, as the rules decide, together with what each rule decided."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from apis.alerting.alerts.occasions import Occasion
from apis.alerting.models import Delivery, Incident, OngoingAlert
from apis.alerting.rules.models import Decision
from apis.alerting.rules.routing import Router
from apis.inventory.models import BaselineViolation
from apis.jobs.bulk_rows import insert_rows

# As rows, not as objects, which cost several times as much: thousands of messages may be due at once.
_DELIVERY = (
    "message_id", "channel", "incident", "violation", "alert", "rule", "event", "data", "state", "created_at",
    "next_attempt_at", "not_before", "held_at", "hold",
)  # fmt: skip
_DECISION = (
    "at", "event", "kind", "severity", "incident", "rule", "rule_name", "channel", "outcome", "reason", "until",
    "delivery",
)  # fmt: skip


class Notifier:
    """Collects deliveries and decisions for many events, with the rules read once; `write` stores them."""

    def __init__(self, now: datetime) -> None:
        self.router = Router.load(now)
        self.now = now
        self._deliveries: list[tuple[Any, ...]] = []
        self._decisions: list[tuple[tuple[Any, ...], int | None]] = []

    def add(
        self,
        occasion: Occasion,
        event: str,
        data: dict[str, Any],
        *,
        incident: Incident | None = None,
        violation: BaselineViolation | None = None,
        alert: OngoingAlert | None = None,
        notified: Collection[int] | None = None,
        already: Collection[int] = (),
        not_before: datetime | None = None,
        is_over: bool = False,
    ) -> set[int]:
        """Add an event; return the channels that are notified of it.

        `already` are channels that know of it, and get nothing. `not_before` holds every message back that long.
        `is_over`: it has ended meanwhile, so that what would be held back is not written.
        """
        data = data | {"kind": occasion.kind, "severity": occasion.severity}
        reached = set()
        for step in self.router.route(occasion, notified):
            place = until = None
            if step.channel and step.channel.pk in already:
                continue
            if step.channel and step.due:
                hold = step.hold or ("guard" if not_before else "")
                due = max(step.due, not_before or step.due)
                if hold in FORGOTTEN and is_over:
                    self._note(step, occasion, event, incident, reason="It ended before its message was sent.")
                    continue
                reached.add(step.channel.pk)
                if not (hold and is_over):
                    about = (one.pk if one else None for one in (incident, violation, alert))
                    until, held_at = (due, self.now) if hold else (None, None)
                    what = (step.channel.pk, *about, step.rule.pk, event, data, Delivery.State.WAITING)
                    place = len(self._deliveries)
                    self._deliveries.append((uuid.uuid4(), *what, self.now, due, until, held_at, hold))
            self._note(step, occasion, event, incident, place, until)
        return reached

    def _note(
        self,
        step: Any,
        occasion: Occasion,
        event: str,
        incident: Incident | None,
        place: int | None = None,
        until: datetime | None = None,
        reason: str = "",
    ) -> None:
        decision = (
            self.now,
            event,
            occasion.kind,
            occasion.severity,
            incident and incident.pk,
            step.rule.pk,
            step.rule.name,
            step.channel and step.channel.pk,
            Decision.Outcome.DROPPED if reason else step.outcome,
            reason or step.reason,
            until,
        )
        self._decisions.append((decision, place))

    def write(self) -> int:
        """Store everything; return the number of messages."""
        ids = insert_rows(Delivery, _DELIVERY, self._deliveries)
        rows = [(*decision, None if place is None else ids[place]) for decision, place in self._decisions]
        insert_rows(Decision, _DECISION, rows)
        return len(self._deliveries)


FORGOTTEN = ("delay", "maintenance", "snooze")
"""Holds of which no one is notified when the incident ends meanwhile."""
