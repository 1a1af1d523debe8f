"""The demo AWS's clock, which may run behind the real one while the past day is played."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970, `behind` the real time."""

    def __init__(self) -> None:
        self.behind = 0.0

    def time(self) -> float:
        """Return the time, as `time.time` does."""
        return time.time() - self.behind

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)


CLOCK = Clock()
"""One for the process, as moto's store is."""
