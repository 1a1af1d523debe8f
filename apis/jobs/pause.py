"""Hold the schedule and the syncs of a data folder for a moment, across its processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_FILE = "paused"
_LONGEST_S = 120


@contextmanager
def paused(folder: Path) -> Iterator[None]:
    """Hold them, for two minutes at most; what is due meanwhile runs afterwards."""
    (folder / PAUSE_FILE).touch()
    try:
        yield
    finally:
        (folder / PAUSE_FILE).unlink(missing_ok=True)


def is_paused(folder: Path) -> bool:
    """Return whether they are held."""
    try:
        return 0 <= time.time() - (folder / PAUSE_FILE).stat().st_mtime < _LONGEST_S
    except OSError:
        return False
