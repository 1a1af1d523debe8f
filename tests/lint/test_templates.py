"""The form of templates."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LONGEST = 120
PATHS = sorted(TEMPLATES.rglob("*.html"))

pytestmark = pytest.mark.once


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_lines_fit_in_120_columns_and_end_clean(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST] == [], "too long"
    assert [number for number, line in enumerate(lines, 1) if "\t" in line or line != line.rstrip()] == [], "blanks"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_that_it_names_exist(path: Path) -> None:
    named = re.findall(r"""{% (?:include|extends) "([^"#]+)""", path.read_text())
    assert [name for name in named if not (TEMPLATES / name).exists()] == []
