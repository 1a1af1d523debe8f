"""Why calls are blocked: a stable list of codes, each with what it is, how to recognize it and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apis.cors.explain.causes.cause_entry import CauseEntry
from apis.cors.explain.causes.cause_texts import ENTRIES

Certainty = Literal["certain", "likely", "possible"]
"""certain: the text or the configuration shows it; likely: it fits everything known; possible: one of several."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one call is blocked: a code of CAUSES, one sentence about this call, the field and its value at fault.

    `steps` are what to check or do for this call that no edit of the six fields does.
    """

    code: str
    why: str
    field: str | None
    value: str | None
    certainty: Certainty
    steps: tuple[str, ...]

    @property
    def title(self) -> str:
        """What is wrong, in a few words."""
        return CAUSES[self.code].title

    def as_json(self) -> dict[str, object]:
        """Return the form of the REST contract."""
        return {
            "code": self.code,
            "title": self.title,
            "why": self.why,
            "field": self.field,
            "value": self.value,
            "certainty": self.certainty,
            "steps": list(self.steps),
        }


def cause(
    code: str,
    why: str,
    certainty: Certainty,
    *,
    value: str | None = None,
    field: str | None = None,
    steps: tuple[str, ...] = (),
) -> Cause:
    """Return a cause of this call, with the field that its code is about unless another is given."""
    entry = CAUSES[code]
    return Cause(code, why, field or entry.field, value, certainty, steps or (entry.fix,))


CAUSES: dict[str, CauseEntry] = {entry.code: entry for entry in ENTRIES}
"""Every cause by its code, in the order in which pages list them. Codes are stable: other programs rely on them."""
