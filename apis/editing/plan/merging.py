"""Merge what a user saw, what is live now and what they propose, by field and entry.

Of a list both sides' additions and removals are kept; of a single value the one that was changed. Where both changed
the same thing in different ways, the person's own is chosen and the page says that there is something to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apis.cors.policy import FIELDS, HEADER_OF_FIELD, LIST_FIELDS, CorsPolicy, normal
from apis.editing.plan.planning import Conflict

CORS = "cors"
"""The name of the choice between on and off."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list field: who has it, and whether it is kept unless the person says otherwise."""

    value: str
    seen: bool
    live: bool
    proposed: bool

    @property
    def keep(self) -> bool:
        """In both, or added by one of them."""
        return (self.live and self.proposed) or (not self.seen and (self.live or self.proposed))

    @property
    def what(self) -> str:
        """What happened to it: who added or removed it."""
        if self.seen:
            if self.live and self.proposed:
                return ""
            return {(False, False): "both removed it", (True, False): "you removed it"}.get(
                (self.live, self.proposed), "others removed it"
            )
        return {(True, True): "both added it", (True, False): "others added it"}.get(
            (self.live, self.proposed), "you added it"
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a single field may get; `whose` says who has it."""

    value: Any
    whose: str
    chosen: bool

    @property
    def given(self) -> str:
        """The value as the form sends it."""
        return ("on" if self.value else "off") if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True, slots=True)
class Merged:
    """One field: its entries, or the choices of a single value. `clash`: both sides changed it, to different values."""

    name: str
    label: str
    entries: tuple[Entry, ...] = ()
    choices: tuple[Choice, ...] = ()
    clash: bool = False

    @property
    def differs(self) -> bool:
        """Whether there is anything to decide."""
        return len(self.choices) > 1 or any(entry.what for entry in self.entries)

    @property
    def value(self) -> Any:
        """What it becomes unless the person picks otherwise."""
        if self.choices:
            return next(choice.value for choice in self.choices if choice.chosen)
        return [entry.value for entry in self.entries if entry.keep]


def merge(conflict: Conflict) -> tuple[Merged, ...]:
    """Return the choice between on and off, then the six fields in the console's order."""
    seen, live, mine = conflict.seen, conflict.live, conflict.proposed
    clash = _clash_of_switch(conflict)
    kept = mine.on if clash or mine.on != seen.on else live.on
    switch = Merged(CORS, "CORS", choices=_choices(seen.on, live.on, mine.on, kept), clash=clash)
    # Who switched CORS off changed no field: the fields are then those of the side that has some.
    live, mine = live if live.on else seen, mine if mine.on else seen
    return switch, *(_field(name, seen, live, mine) for name in FIELDS)


def _field(name: str, seen: CorsPolicy, live: CorsPolicy, mine: CorsPolicy) -> Merged:
    label = HEADER_OF_FIELD[name]
    if name in LIST_FIELDS:
        return Merged(name, label, entries=_entries(name, seen, live, mine))
    a, b, c = seen.get(name), live.get(name), mine.get(name)
    return Merged(name, label, choices=_choices(a, b, c, b if c == a else c), clash=b not in (a, c) and c != a)


def _entries(name: str, seen: CorsPolicy, live: CorsPolicy, mine: CorsPolicy) -> tuple[Entry, ...]:
    sides = [normal(name, policy.get(name)) for policy in (seen, live, mine)]
    found: dict[str, Entry] = {}
    for policy in (live, mine, seen):
        for value in policy.get(name):
            (key,) = normal(name, (value,))
            found.setdefault(key, Entry(value, *(key in side for side in sides)))
    return tuple(found.values())


def _choices(seen: Any, live: Any, mine: Any, chosen: Any) -> tuple[Choice, ...]:
    whose: dict[Any, list[str]] = {}
    for value, words in ((live, "live now"), (mine, "your proposal"), (seen, "what you saw")):
        whose.setdefault(value, []).append(words)
    return tuple(Choice(value, ", ".join(words), value == chosen) for value, words in whose.items())


def _clash_of_switch(conflict: Conflict) -> bool:
    """Return whether one side switched CORS off while the other changed something else."""
    seen, live, mine = conflict.seen, conflict.live, conflict.proposed
    return seen.on and live.on != mine.on and mine != seen and live != seen
