"""Agreed: what a bulk plan showed, carried by its form and signed, so that this and nothing else is applied.

APIs that a sync finds between the plan and its "Apply" were never planned, and a copied configuration may have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing

from apis.editing.bulk.bulk_jobs import Planned
from apis.editing.bulk.operation import Operation
from apis.errors import InvalidInput

LASTS_S = 86400
_SALT = "corsdash.bulk-plan"


@dataclass(frozen=True, slots=True)
class SignedPlan:
    """The APIs that change and those that are skipped, by id, and the operation."""

    changing: tuple[int, ...]
    skipped: tuple[int, ...]
    operation: Operation


def sign(planned: Sequence[Planned], operation: Operation) -> str:
    """Return the plan as the form carries it."""
    value = {
        "changing": [one.api.pk for one in planned if one.after is not None],
        "skipped": [one.api.pk for one in planned if one.after is None],
        "operation": operation.as_json(),
    }
    return signing.dumps(value, salt=_SALT, compress=True)


def read(text: str) -> SignedPlan:
    """Return the plan that a form carries. Raises InvalidInput."""
    try:
        value: Any = signing.loads(text, salt=_SALT, max_age=LASTS_S)
    except signing.BadSignature as error:
        raise InvalidInput("Review the new plan first; the previous one was missing or expired.") from error
    return SignedPlan(tuple(value["changing"]), tuple(value["skipped"]), Operation.from_json(value["operation"]))


def same(one: Operation, other: Operation) -> bool:
    """Return whether two forms ask for the same; of a copy its source counts, whose content may have changed."""
    if one.copy is not None and other.copy is not None and one.copied_from == other.copied_from:
        other = replace(other, copy=one.copy)
    return one == other
