"""Fixes: edits of a policy as plain data that can be compared, shown and applied more than once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apis.cors.policy import CorsPolicy, normal


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the entries `old` of a list by `new`; without `old`, append `new`.

    Change nothing when `old` is given but not in the list.
    """

    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the policy with the edit; an off policy stays unchanged."""
        entries: list[str] = policy.get(self.field)
        if not policy.on or (self.old and not any(entry in self.old for entry in entries)):
            return policy
        kept = [entry for entry in entries if entry not in self.old]
        have = set(normal(self.field, kept))
        fresh = []
        for entry in self.new:
            key = normal(self.field, (entry,))
            if not key <= have:
                fresh.append(entry)
                have |= key
        place = next((at for at, entry in enumerate(entries) if entry in self.old), len(kept))
        return policy.with_field(self.field, kept[:place] + fresh + kept[place:])


@dataclass(frozen=True, slots=True)
class Unique:
    """Remove duplicates from a list and keep the first of each (header names regardless of case)."""

    field: str

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the policy with the edit; an off policy stays unchanged."""
        if not policy.on:
            return policy
        kept: dict[Any, str] = {}
        for entry in policy.get(self.field):
            kept.setdefault(normal(self.field, (entry,)), entry)
        return policy.with_field(self.field, list(kept.values()))


@dataclass(frozen=True, slots=True)
class Assign:
    """Set a single field."""

    field: str
    value: int | bool

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the policy with the edit; an off policy stays unchanged."""
        return policy.with_field(self.field, self.value) if policy.on else policy


@dataclass(frozen=True, slots=True)
class TurnOff:
    """Turn CORS off."""

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the off policy."""
        return CorsPolicy.off()


@dataclass(frozen=True, slots=True)
class TurnOn:
    """Turn CORS on, with nothing allowed yet."""

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the policy if it is on, else an empty one."""
        return policy if policy.on else CorsPolicy()


Edit = Replace | Unique | Assign | TurnOff | TurnOn


@dataclass(frozen=True, slots=True)
class Fix:
    """A one-click fix: the label of its button and the edits. Applying it twice changes nothing more."""

    label: str
    edits: tuple[Edit, ...]

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the fixed policy."""
        for edit in self.edits:
            policy = edit.apply(policy)
        return policy


def replace(field: str, old: str, new: Iterable[str]) -> Fix:
    """Make a fix that replaces an entry by `new`, or removes it when `new` is empty."""
    put = tuple(new)
    label = f"Replace with {enumerated(put)}" if put else f"Remove {shown(old)}"
    return Fix(label, (Replace(field, (old,), put),))


def remove(field: str, *old: str) -> Fix:
    """Make a fix that removes entries from a list."""
    return Fix(f"Remove {enumerated(old)}", (Replace(field, old, ()),))


def add(field: str, *new: str) -> Fix:
    """Make a fix that appends entries to a list."""
    return Fix(f"Add {enumerated(new)}", (Replace(field, (), new),))


def assign(field: str, value: int | bool) -> Fix:
    """Make a fix that sets MaxAge or AllowCredentials."""
    if field == "AllowCredentials":
        return Fix("Turn credentials on" if value else "Turn credentials off", (Assign(field, value),))
    return Fix(f"Set max-age to {value}", (Assign(field, value),))


def shown(text: str, longest: int = 80) -> str:
    """Return an entry for a label or sentence: escape invisible characters, shorten it, and name an empty one."""
    if not text.strip():
        return "the empty entry" if not text else "the blank entry"
    visible = "".join(char if char.isprintable() else f"\\u{ord(char):04X}" for char in text[: longest + 1])
    return visible[:longest] + "…" if len(visible) > longest else visible


def enumerated(entries: Iterable[str], last: str = "and") -> str:
    """Join entries for a sentence: “a, b and c”, at most seven; `last` is the word before the last one."""
    words = [shown(entry) for entry in entries]
    if len(words) > 7:
        words = [*words[:6], f"{len(words) - 6} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "nothing"
