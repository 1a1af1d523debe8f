"""A pytest plugin for `python -m tests`: counts what passed, and takes this process's part of the suite."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.environment import LEG

TALLY = "CORSDASH_TEST_TALLY"
COLLECTED = "collected"
"""The file next to the tally that says that all tests of a process are imported."""
PART = "CORSDASH_TEST_PART"
"""Which part of a whole run this process has; unset alone. All are on SQLite but "second", which is on PostgreSQL."""

_TESTS = Path(__file__).resolve().parents[1]
# These rooms know of no database and no broker.
_FREE = (_TESTS / "cors", _TESTS / "outbound")
# Nor do these, but for the budget, which the broker keeps, the tutorial, which goes all the way, and the past day.
_WITHOUT_DATABASE = (_TESTS / "aws", _TESTS / "demo")
_WITH_IT = ("test_budget", "test_tutorial", "test_past_day")
# These start whole dashboards. They often wait, as pages in a browser do: each have a process of their own, so that
# the others go on meanwhile.
_WHOLE = (_TESTS / "journeys", _TESTS / "runner")
# The process of the pages has time for these, too.
_NEXT_TO_PAGES = (_TESTS / "demo", _TESTS / "upgrade")
# The process of the rules, which is done first, runs the linters as well.
_OF_RULES = (*_FREE, _TESTS / "lint")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Do not even read the tests of another part."""
    is_inside = collection_path != _TESTS and collection_path.is_relative_to(_TESTS)
    return (is_inside and not _has_room(collection_path)) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this part's tests. Each is tried on SQLite once, and what is not marked `once` on PostgreSQL too."""
    left = {item for item in items if not _is_of_part(item)}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]


def _is_of_part(item: pytest.Item) -> bool:
    part = os.environ.get(PART, "")
    if part in ("first", "pages") and _is_next_to_pages(item) == (part == "first"):
        return False
    # A file that is named in the command is read by each process.
    return _has_room(item.path) and not (os.environ.get(LEG) == "postgres" and _is_once(item))


def _has_room(path: Path) -> bool:
    """Return whether this part has the tests of a room."""
    match os.environ.get(PART, ""):
        case "rules":
            return _within(_OF_RULES, path)
        case "whole":
            return _within(_WHOLE, path)
        case "first" | "pages":
            return not _within((*_WHOLE, *_OF_RULES), path)
        case "second":
            return not _within(_FREE, path)
    return True


def pytest_collection_finish() -> None:
    """Say so to `python -m tests`."""
    Path(os.environ[TALLY]).with_name(COLLECTED).touch()


def _is_next_to_pages(item: pytest.Item) -> bool:
    return _has_page(item) or _within(_NEXT_TO_PAGES, item.path)


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
    """Write the counts and times; a skip, an error or an expected failure is no pass."""
    stats = terminalreporter.stats
    other = ("failed", "error", "skipped", "xfailed", "xpassed")
    counts = {"passed": len(stats.get("passed", [])), "failed": sum(len(stats.get(kind, [])) for kind in other)}
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    times = {
        "seconds": time.time() - psutil.Process().create_time(),
        "processor_seconds": sum(one.ru_utime + one.ru_stime for one in used),
    }
    Path(os.environ[TALLY]).write_text(json.dumps(counts | times))
