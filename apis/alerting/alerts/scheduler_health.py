"""The alert about a scheduler that stands still and probes that run late.

The web process raises it and sends its messages itself: the workers and celery beat may be what stands still.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from apis.alerting.alerts.occasions import SCHEDULER
from apis.alerting.alerts.ongoing import Condition, close_alert, open_alert
from apis.alerting.models import OngoingAlert
from apis.alerting.sending import deliveries, events, outbox
from apis.jobs.watch import Watch
from apis.probing.runs import schedule

log = logging.getLogger(__name__)

KEY = "scheduler"
LASTS = timedelta(minutes=2)
"""For so long a process sees it before it raises the alert: everything is late while corsdash starts."""


class SchedulerHealth:
    """What one process has seen of the scheduler."""

    def __init__(self) -> None:
        self._late_since: datetime | None = None

    def check(self, now: datetime | None = None) -> int:
        """Open, send or close the alert; return how many messages that made. Any number of processes may do this."""
        now = now or timezone.now()
        is_alive = schedule.is_alive(now)
        late_probes = schedule.count_late(now) if is_alive else 0
        alert = OngoingAlert.objects.filter(key=KEY, closed_at=None).first()
        if is_alive and not late_probes:
            self._late_since = None
            since = alert.opened_at if alert else now
            return close_alert(alert, _condition(since, 0), events.SCHEDULER_RECOVERED, now) if alert else 0
        # A time in the future is from before the clock was set back.
        if self._late_since is None or self._late_since > now:
            self._late_since = now
        written = 0
        if alert is None and now - self._late_since >= LASTS:
            written = open_alert(_condition(self._late_since, late_probes), now)
        deliveries.send_together(outbox.due(now, alert=KEY), now)
        return written


def _condition(since: datetime, late_probes: int) -> Condition:
    data = events.about_scheduler(since, schedule.last_tick(), late_probes)
    return Condition(KEY, SCHEDULER, events.SCHEDULER_LATE, data)


_health = SchedulerHealth()


def _check() -> int:
    try:
        return _health.check()
    finally:
        connection.close()


watch = Watch(_check, every_s=15.0, rests=False)
