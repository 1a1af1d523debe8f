"""A pytest plugin for `python -m tests`: counts what passed, and takes this process's part of the suite."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import LEG

TALLY = "CORSDASH_TEST_TALLY"
PART = "CORSDASH_TEST_PART"
"""Which part of a whole run this process has: "first" and "whole" on SQLite, "second" on PostgreSQL; unset alone."""

_TESTS = Path(__file__).resolve().parents[1]
# These rooms know of no database and no broker: they are the second leg's share of what is tried once.
_FREE = (_TESTS / "cors", _TESTS / "outbound")
# These start whole dashboards and mostly wait for them, so a process of their own does it beside the others.
_WHOLE = (_TESTS / "journeys", _TESTS / "runner")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this part's tests. Each is tried on SQLite once, and what is not marked `once` on PostgreSQL too."""
    part = os.environ.get(PART, "second" if os.environ.get(LEG) == "postgres" else "")
    alone = PART not in os.environ
    left = [item for item in items if not _ours(item, part, alone)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def _ours(item: pytest.Item, part: str, alone: bool) -> bool:
    free, whole = _within(item, _FREE), _within(item, _WHOLE)
    if part == "first":
        return not (free or whole)
    if part == "whole":
        return whole
    if part == "second":
        return not alone if free else item.get_closest_marker("once") is None
    return True


def _within(item: pytest.Item, folders: tuple[Path, ...]) -> bool:
    return any(item.path.is_relative_to(folder) for folder in folders)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the counts; a skip, an error or an expected failure is no pass."""
    stats = terminalreporter.stats
    other = ("failed", "error", "skipped", "xfailed", "xpassed")
    counts = {"passed": len(stats.get("passed", [])), "failed": sum(len(stats.get(kind, [])) for kind in other)}
    Path(os.environ[TALLY]).write_text(json.dumps(counts))
