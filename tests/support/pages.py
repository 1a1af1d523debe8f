"""Read pages in tests without depending on how their HTML is wrapped."""

from __future__ import annotations

import html
import re
from typing import Any


def flat(page: Any) -> str:
    """Return a response's HTML with each run of whitespace as one space."""
    return " ".join(page.content.decode().split())


def words(page: Any) -> str:
    """Return what a page shows, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())
