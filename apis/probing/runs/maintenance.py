"""Which APIs are in maintenance, as a later room knows: availability leaves out their runs meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

Source = Callable[[Collection[int], datetime], set[int]]
_sources: list[Source] = []


def maintenance_source(source: Source) -> Source:
    """Register a function that returns those of some APIs that are in maintenance at a time."""
    _sources.append(source)
    return source


def in_maintenance(apis: Collection[int], at: datetime) -> set[int]:
    """Return those of these APIs, by id, that are in maintenance at a time."""
    return set[int]().union(*(source(apis, at) for source in _sources))
