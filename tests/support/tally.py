"""A pytest plugin for `python -m tests`: counts what passed, and takes this process's part of the suite."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import LEG

TALLY = "CORSDASH_TEST_TALLY"
PART = "CORSDASH_TEST_PART"
"""Which part of a whole run this process has; unset alone. All are on SQLite but "second", which is on PostgreSQL."""

_TESTS = Path(__file__).resolve().parents[1]
# These rooms know of no database and no broker.
_FREE = (_TESTS / "cors", _TESTS / "outbound")
# Nor do these, but for the budget, which the broker keeps, the tutorial, which goes all the way, and the past day.
_WITHOUT_DATABASE = (_TESTS / "aws", _TESTS / "demo")
_WITH_IT = ("test_budget", "test_tutorial", "test_past_day")
# These start whole dashboards or other tools. They often wait, as pages in a browser do, so a process of their own does
# both besides the others.
_WHOLE = (_TESTS / "journeys", _TESTS / "runner", _TESTS / "lint")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Do not even read the tests of another part."""
    part = os.environ.get(PART, "")
    if part == "rules":
        is_room = collection_path.parent == _TESTS and collection_path.is_dir()
        return (is_room and collection_path not in _FREE) or None
    elsewhere = {"first": (*_WHOLE, *_FREE), "whole": _FREE, "second": _FREE}.get(part, ())
    return _within(elsewhere, collection_path) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this part's tests. Each is tried on SQLite once, and what is not marked `once` on PostgreSQL too."""
    part, left = os.environ.get(PART, ""), set[pytest.Item]()
    if part in ("first", "whole"):
        left = {item for item in items if _is_of_whole(item) == (part == "first")}
    elif os.environ.get(LEG) == "postgres":
        left = {item for item in items if _is_once(item)}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]


def _is_of_whole(item: pytest.Item) -> bool:
    return _within(_WHOLE, item.path) or (_has_page(item) and not _within(_FREE, item.path))


def _has_page(item: pytest.Item) -> bool:
    return "page" in getattr(item, "fixturenames", ())


def _is_once(item: pytest.Item) -> bool:
    """Whether another database and broker tell nothing new: of pages in a browser, the journeys try both."""
    if item.get_closest_marker("once") or _within(_FREE, item.path):
        return True
    if item.path.is_relative_to(_TESTS / "journeys"):
        return False
    return _has_page(item) or (_within(_WITHOUT_DATABASE, item.path) and item.path.stem not in _WITH_IT)


def _within(folders: Iterable[Path], path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the counts; a skip, an error or an expected failure is no pass."""
    stats = terminalreporter.stats
    other = ("failed", "error", "skipped", "xfailed", "xpassed")
    counts = {"passed": len(stats.get("passed", [])), "failed": sum(len(stats.get(kind, [])) for kind in other)}
    Path(os.environ[TALLY]).write_text(json.dumps(counts))
