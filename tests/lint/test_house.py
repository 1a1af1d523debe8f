"""The checks of every commit: the rooms' walls, the style and the types (CONTRIBUTING.md, "Habits")."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sysconfig.get_path("scripts"))

pytestmark = pytest.mark.once


def passes(program: str, *arguments: str) -> None:
    """Fail with what the program has to say when it is not content."""
    run = subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, f"{program} {' '.join(arguments)}\n{run.stdout}{run.stderr}"


def test_rooms_import_only_what_they_may() -> None:
    passes("lint-imports", "--no-logo", "--cache-dir", ".cache/import-linter")


def test_style() -> None:
    passes("ruff", "check", "--no-cache")


def test_format() -> None:
    passes("ruff", "format", "--check", "--no-cache")


def test_types() -> None:
    passes("mypy", "--cache-dir", ".cache/mypy")


def test_views_and_operations_leave_audit_entries_to_their_verbs() -> None:
    views = [path for path in (ROOT / "apis").rglob("*.py") if "views" in path.stem or "views" in path.parts]
    operations = [*(ROOT / "apis/rest").rglob("*.py")]
    assert len(views) > 20 and len(operations) > 20
    assert [path for path in [*views, *operations] if "audit.record(" in path.read_text()] == []


def test_forms_read_the_numbers_of_requests() -> None:
    parsed = re.compile(r"\b(?:int|float)\(.*request\.(?:POST|GET)")
    sources = [*(ROOT / "apis").rglob("*.py")]
    assert [str(path) for path in sources if parsed.search(path.read_text())] == []
