"""What the page frame shows of this room on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apis.access.roles import can
from apis.editing.review.models import Proposal

_WAITING = Proposal.objects.filter(state=Proposal.State.WAITING)


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Return how many proposals of others wait for this person; counted only by pages that show it."""

    def count() -> int:
        user = getattr(request, "user", None)
        if user is None or not can(user, "edit"):
            return 0
        return _WAITING.exclude(proposer=user).count()

    return {"waiting_proposals": SimpleLazyObject(count)}
