"""Revert: propose what was live before a change. It is a new change, planned and applied like any other."""

from __future__ import annotations

from apis.cors.policy import CorsPolicy
from apis.inventory.models import Change


class CannotRevert(Exception):
    """There is nothing to go back to; the message says why."""


def proposal(change: Change) -> CorsPolicy:
    """The configuration before `change`. Raises CannotRevert for a change that never took effect or came first."""
    if change.status != Change.Status.APPLIED:
        raise CannotRevert("This change never took effect, so there is nothing to revert.")
    if change.kind == Change.Kind.DISCOVERED:
        raise CannotRevert("This is how the API was found; nothing is known of what it had before.")
    return change.before.policy if change.before else CorsPolicy.off()
