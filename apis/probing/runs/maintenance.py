"""Which runs are in maintenance, as a later room knows: availability leaves them out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

type Run = tuple[int, datetime]
"""The id of the API, and when its probe ran."""
Source = Callable[[Collection[Run]], set[Run]]
_sources: list[Source] = []


def maintenance_source(source: Source) -> Source:
    """Register a function that returns those of some runs that are in maintenance."""
    _sources.append(source)
    return source


def in_maintenance(runs: Collection[Run]) -> set[Run]:
    """Return those of these runs that are in maintenance."""
    return set[Run]().union(*(source(runs) for source in _sources))
