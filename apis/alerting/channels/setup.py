"""How a kind of channel is set up: the numbered steps and the address in the README.md of its folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_STEP = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
_DOCUMENTATION = re.compile(r"^Documentation: (https://\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Setup:
    """The steps, and the address of the vendor's documentation."""

    steps: tuple[str, ...]
    documentation: str


@cache
def setup_of(name: str) -> Setup:
    """Return how a kind is set up. Raises ValueError for a README.md without its last line, the documentation."""
    text = (Path(__file__).parent / name / "README.md").read_text("utf-8")
    found = _DOCUMENTATION.search(text)
    if found is None:
        raise ValueError(f"{name}/README.md names no documentation.")
    return Setup(tuple(_STEP.findall(text)), found[1])
