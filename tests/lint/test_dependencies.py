"""What the code imports is declared in pyproject.toml, and what is declared there is used."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USED_BY_NAME = {
    "argon2-cffi": "Django's password hasher",
    "flask": "moto's server",
    "flask-cors": "moto's server",
    "httptools": "uvicorn's HTTP parser",
    "psycopg": "Django's PostgreSQL backend",
}
OWN = {"apis", "corsdash"}

pytestmark = pytest.mark.once


def _imported() -> Iterator[str]:
    for path in (source for folder in OWN for source in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_imports_and_declared_dependencies_are_the_same() -> None:
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    declared = {re.split(r"[\[=]", line)[0].lower() for line in lines}
    providers = packages_distributions()
    modules = set(_imported()) - OWN - sys.stdlib_module_names
    imported = {providers[name][0].lower() for name in modules}
    assert imported - declared == set(), "imported, but not in pyproject.toml"
    assert declared - imported == USED_BY_NAME.keys(), "in pyproject.toml, but never imported"
