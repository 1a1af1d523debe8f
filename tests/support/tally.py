"""A pytest plugin for `python -m tests`: counts what passed, and leaves what one leg shows to one leg."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import LEG

TALLY = "CORSDASH_TEST_TALLY"
BOTH = "CORSDASH_TEST_BOTH_LEGS"
_TESTS = Path(__file__).resolve().parents[1]
# These rooms know of no database and no broker: they are the second leg's share of what is tried once.
_FREE = (_TESTS / "cors", _TESTS / "outbound")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is tried once to one leg; a leg that runs alone as the first tries everything."""
    first, both = os.environ.get(LEG) == "sqlite", BOTH in os.environ
    if first and not both:
        return
    left = [item for item in items if _once(item) and not (both and _is_free(item) != first)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]


def _is_free(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(folder) for folder in _FREE)


def _once(item: pytest.Item) -> bool:
    return item.get_closest_marker("once") is not None or _is_free(item)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the counts; a skip, an error or an expected failure is no pass."""
    stats = terminalreporter.stats
    other = ("failed", "error", "skipped", "xfailed", "xpassed")
    counts = {"passed": len(stats.get("passed", [])), "failed": sum(len(stats.get(kind, [])) for kind in other)}
    Path(os.environ[TALLY]).write_text(json.dumps(counts))
