"""What the page frame needs on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apis.access.roles import can


def shell(request: HttpRequest) -> dict[str, Any]:
    """The navigation's current place, by the first part of the path, and what the person may do."""
    section = request.path.strip("/").split("/", 1)[0] or "apis"
    user = getattr(request, "user", None)
    return {
        "section": section,
        # Asked for only where a page shows a button that depends on it.
        "may_edit": SimpleLazyObject(lambda: bool(user and can(user, "edit"))),
        "may_admin": SimpleLazyObject(lambda: bool(user and can(user, "admin"))),
    }
