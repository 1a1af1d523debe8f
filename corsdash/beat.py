"""The scheduler of `celery beat`: it goes on when the clock is set back."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings

from apis.jobs.pause import is_paused

_LOOK_AGAIN_S = 0.5


class Scheduler(PersistentScheduler):
    """Celery's own, whose entries are due by the wall clock: set back an hour, it would be silent for that hour."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Run what is due. A last run in the future is from before the clock was set back, or from a file of then."""
        if is_paused(settings.DATA):
            return _LOOK_AGAIN_S
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and _is_ahead(entry)]
        if ahead:
            for entry in ahead:
                entry.last_run_at = entry.default_now()
            self._heap = None  # it is sorted by the old clock
        return super().tick(*args, **kwargs)

    def adjust(self, n: Any, drift: float = 0.001) -> Any:
        """Wake up when an entry is due. Celery does 10 ms before, and then looks without a pause until it is."""
        return super().adjust(n, drift)


def _is_ahead(entry: Any) -> bool:
    return bool(entry.last_run_at > entry.default_now())
