"""Names of pages."""

from __future__ import annotations

from collections import Counter

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.once


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> list[str]:
    """Return the name of each page, with its namespace."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += names(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            found.append(space + pattern.name)
    return found


def test_each_name_is_one_page() -> None:
    counts = Counter(name for name in names(get_resolver().url_patterns) if ":" not in name)
    assert [name for name, count in counts.items() if count > 1] == []
