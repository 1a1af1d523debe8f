"""A pytest plugin for `python -m tests`: counts what passed, and leaves what one leg shows to one leg."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import LEG

# The rules know of no database and no broker.
RULES = Path(__file__).resolve().parents[1] / "cors"
TALLY = "CORSDASH_TEST_TALLY"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests marked `once`, and those of the rules, to the first leg."""
    if os.environ.get(LEG) == "sqlite":
        return
    once = [item for item in items if item.get_closest_marker("once") or item.path.is_relative_to(RULES)]
    if once:
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if item not in set(once)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the counts; a skip, an error or an expected failure is no pass."""
    stats = terminalreporter.stats
    other = ("failed", "error", "skipped", "xfailed", "xpassed")
    counts = {"passed": len(stats.get("passed", [])), "failed": sum(len(stats.get(kind, [])) for kind in other)}
    Path(os.environ[TALLY]).write_text(json.dumps(counts))
