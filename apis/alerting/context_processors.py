"""What the page frame shows of this room on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apis.alerting.models import Incident

_OPEN = Incident.objects.filter(state=Incident.State.OPEN)


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Return the number of open incidents, for the navigation; counted only by pages that show it."""
    return {"open_incidents": SimpleLazyObject(_OPEN.count)}
