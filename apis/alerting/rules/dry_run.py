"""Who would be notified of an alert now, and why; nothing is written or sent."""

from __future__ import annotations

from datetime import datetime

from apis.alerting.alerts.occasions import KINDS, Occasion
from apis.alerting.channels.message import Severity
from apis.alerting.rules.routing import Router, Step
from apis.inventory.models import HttpApi


def dry_run(api: HttpApi | None, kind: str, severity: Severity | None, now: datetime) -> list[Step]:
    """Return what every rule makes of an alert of this kind that begins now."""
    least = severity or KINDS[kind][1]
    occasion = Occasion.about(api, kind, least, "opened") if api else Occasion(kind, least, "opened")
    return Router.load(now).route(occasion)
