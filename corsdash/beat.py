"""The scheduler of `celery beat`: it goes on when the clock is set back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler
from django.conf import settings

PAUSE_FILE = "beat-paused"
_LONGEST_PAUSE_S = 120
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


@contextmanager
def paused(folder: Path) -> Iterator[None]:
    """Hold the schedule of a data folder, for two minutes at most; what is due then runs afterwards."""
    (folder / PAUSE_FILE).touch()
    try:
        yield
    finally:
        (folder / PAUSE_FILE).unlink(missing_ok=True)


def is_paused(folder: Path) -> bool:
    """Return whether the schedule of a data folder is held."""
    try:
        return 0 <= time.time() - (folder / PAUSE_FILE).stat().st_mtime < _LONGEST_PAUSE_S
    except OSError:
        return False


def _is_ahead(entry: Any) -> bool:
    return bool(entry.last_run_at > entry.default_now())
