"""The change of a claimed row (a proposal or a grant): begun once and carried out, whichever workers come to it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Model

from apis.editing.apply import applying
from apis.inventory.models import Change
from apis.jobs.claims import Claims


class ClaimLost(Exception):
    """The row is another worker's by now, or must be checked again; it is taken up when the lease is over."""


def carry_out[Row: Model](
    claims: Claims[Row], pk: int, column: str, begin: Callable[[Row], Change | None]
) -> tuple[Row, Change] | None:
    """Claim a row and carry out its change; return both, None when the row is not ours or needs no change.

    `column` of the row names its change. Where it is empty, `begin` makes one, with `begin_once`.
    """
    row = claims.claim(pk)
    if row is None:
        return None
    try:
        change: Change | None = getattr(row, column) or begin(row)
    except ClaimLost:
        return None
    return (row, applying.carry_out(change)) if change else None


def begin_once[Row: Model](claims: Claims[Row], row: Row, column: str, begin: Callable[[], Change]) -> Change:
    """Begin a change and note it in its row, in one transaction; raise Lost when the row is another worker's."""
    with transaction.atomic():
        change = begin()
        if not claims.mine(row).update(**{column: change}):
            raise ClaimLost
    return change
