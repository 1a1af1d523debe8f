"""What the page frame needs on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation's current place, by the first part of the path."""
    section = request.path.strip("/").split("/", 1)[0] or "overview"
    return {"section": section}
