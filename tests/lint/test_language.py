"""The words of code, pages and documents: the field's plain English, without the dialect of the first build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = (".py", ".html", ".txt", ".js", ".css", ".md", ".toml")
PLACES = ("apis", "corsdash", "static", "templates", "tests", "README.md", "CONTRIBUTING.md", "pyproject.toml")

INSTEAD = {
    r"lets? (him|her|it|them|you|others|\w+s) in|\blet in\b": "allow",
    r"admits|admitted|admitting": "allow",
    r"mend|mends|mended|mending": "fix",
    r"anew": "again",
    r"beside": "besides, next to",
    r"looked at anew": "checked again",
    r"owed|owes": "pending",
    r"taken? back|took back|takes back": "reverted",
    r"shuts? out": "block",
    r"whoever": "anyone who",
    r"somebody|somebody else": "someone",
    r"anybody|everybody": "anyone, everyone",
    r"culprit": "cause",
    r"lingering": "preflight cache",
    r"foreseen?": "predicted",
    r"made live": "applied",
    r"at hand": "recent, available",
    r"lately": "recent",
    r"ways? in": "entry point, task",
    r"what there is": "name the thing",
    r"it is so already": "already set",
    r"presumably": "predicted",
    r"second pair of eyes": "approval",
    r"out of reach": "unreachable",
    r"storey": "group of rooms",
    r"told|telling": "notified, stated",
    r"Wish|Remedy|Blame": "ProposalOptions, SuggestedFix, FieldCause",
}
"""Words that no line may have, and what to write instead."""

EXCEPTIONS = {
    "apis/migrations/*": "migrations never change",
    "tests/upgrade/*": "names tables and texts of earlier releases",
    "tests/lint/test_language.py": "names the words",
    "static/vendor/*": "other people's words",
    "tests/cors/*/cases/*": "texts of browsers and users",
}
"""Files that may have them, and why."""

KEPT = {
    "beside": ('"beside"', "beside: list[str]", "any-beside-others"),
    "let in": ("let_in",),
    "everybody": ("?of=everybody", '== "everybody"'),
}
"""Stable codes, columns, addresses and REST fields that contain a word."""

WORDS = re.compile(r"\b(" + "|".join(INSTEAD) + r")\b")

pytestmark = pytest.mark.once


def files() -> list[Path]:
    """Return the text files of the house, without the exceptions."""
    found = [path for place in PLACES for path in ([ROOT / place] if "." in place else (ROOT / place).rglob("*"))]
    skipped = {path for pattern in EXCEPTIONS for path in ROOT.glob(pattern)}
    return [
        path
        for path in found
        if path.suffix in KINDS and path not in skipped and not any(parent in skipped for parent in path.parents)
    ]


def test_no_line_speaks_the_old_dialect() -> None:
    found = []
    for path in files():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for match in WORDS.finditer(line.replace("_", " ")):
                if any(kept in line for kept in KEPT.get(match[1], ())):
                    continue
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert found == []
