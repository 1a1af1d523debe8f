"""Write the messages about events, as the rules decide, together with what each rule decided."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from apis.alerting.alerts.occasions import Occasion
from apis.alerting.models import Delivery, Incident, OngoingAlert
from apis.alerting.rules.models import Decision
from apis.alerting.rules.routing import Router
from apis.inventory.models import BaselineViolation
from apis.jobs.bulk_update import insert_rows

BATCH = 500
_DECISION = (
    "at", "event", "kind", "severity", "incident", "rule", "rule_name", "channel", "outcome", "reason", "until",
    "delivery",
)  # fmt: skip


class Notifier:
    """Collects deliveries and decisions for many events, with the rules read once; `write` stores them."""

    def __init__(self, now: datetime) -> None:
        self.router = Router.load(now)
        self.now = now
        self._deliveries: list[Delivery] = []
        self._decisions: list[tuple[tuple[Any, ...], Delivery | None]] = []

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
            delivery = None
            if step.channel and step.channel.pk in already:
                continue
            if step.channel and step.due:
                hold = step.hold or ("guard" if not_before else "")
                due = max(step.due, not_before or step.due)
                if hold in FORGOTTEN and is_over:
                    self._note(step, occasion, event, incident, None, "It ended before its message was sent.")
                    continue
                reached.add(step.channel.pk)
                if not (hold and is_over):
                    delivery = Delivery(
                        # By ids: relations cost several times as much, and thousands of messages may be due at once.
                        channel_id=step.channel.pk,
                        incident_id=incident.pk if incident else None,
                        violation_id=violation.pk if violation else None,
                        alert_id=alert.pk if alert else None,
                        rule_id=step.rule.pk,
                        event=event,
                        data=data,
                        created_at=self.now,
                        next_attempt_at=due,
                        not_before=due if hold else None,
                        held_at=self.now if hold else None,
                        hold=hold,
                    )
                    self._deliveries.append(delivery)
            self._note(step, occasion, event, incident, delivery)
        return reached

    def _note(
        self,
        step: Any,
        occasion: Occasion,
        event: str,
        incident: Incident | None,
        delivery: Delivery | None,
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
            delivery.not_before if delivery else None,
        )
        self._decisions.append((decision, delivery))

    def write(self) -> int:
        """Store everything; return the number of messages."""
        Delivery.objects.bulk_create(self._deliveries, batch_size=BATCH)
        rows = [(*decision, delivery and delivery.pk) for decision, delivery in self._decisions]
        insert_rows(Decision, _DECISION, rows)
        return len(self._deliveries)


FORGOTTEN = ("delay", "maintenance", "snooze")
"""Holds of which no one is notified when the incident ends meanwhile."""
