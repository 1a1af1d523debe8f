"""Fixes: edits of a policy as plain data, so that they can be compared, shown and applied again without harm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apis.cors.policy import CorsPolicy, normal


@dataclass(frozen=True, slots=True)
class Replace:
    """In a list: `new` in the place of the entries `old`, each once; with no `old`, `new` at the end.

    Nothing happens when `old` is named and none of it is there.
    """

    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """The policy with the edit; an off policy stays as it is."""
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
    """In a list: the first of each entry stays, its repeats go (header names regardless of case)."""

    field: str

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """The policy with the edit; an off policy stays as it is."""
        if not policy.on:
            return policy
        kept: dict[Any, str] = {}
        for entry in policy.get(self.field):
            kept.setdefault(normal(self.field, (entry,)), entry)
        return policy.with_field(self.field, list(kept.values()))


@dataclass(frozen=True, slots=True)
class Assign:
    """A single field set to a value."""

    field: str
    value: int | bool

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """The policy with the edit; an off policy stays as it is."""
        return policy.with_field(self.field, self.value) if policy.on else policy


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """CORS switched off."""

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Always the same: off."""
        return CorsPolicy.off()


@dataclass(frozen=True, slots=True)
class SwitchOn:
    """CORS switched on, with nothing allowed yet."""

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """The policy when it is on already, else an empty one."""
        return policy if policy.on else CorsPolicy()


Edit = Replace | Unique | Assign | SwitchOff | SwitchOn


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend something: what its button says, and the edits. Applying it twice is applying it once."""

    label: str
    edits: tuple[Edit, ...]

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """The mended policy."""
        for edit in self.edits:
            policy = edit.apply(policy)
        return policy


def replace(field: str, old: str, new: Iterable[str]) -> Fix:
    """Put `new` in the place of an entry, or take the entry away when there is nothing to put there."""
    put = tuple(new)
    label = f"Replace with {enumerated(put)}" if put else f"Remove {shown(old)}"
    return Fix(label, (Replace(field, (old,), put),))


def remove(field: str, *old: str) -> Fix:
    """Take entries out of a list."""
    return Fix(f"Remove {enumerated(old)}", (Replace(field, old, ()),))


def add(field: str, *new: str) -> Fix:
    """Put entries at the end of a list."""
    return Fix(f"Add {enumerated(new)}", (Replace(field, (), new),))


def assign(field: str, value: int | bool) -> Fix:
    """Set MaxAge or AllowCredentials."""
    if field == "AllowCredentials":
        return Fix("Switch credentials on" if value else "Switch credentials off", (Assign(field, value),))
    return Fix(f"Set it to {value}", (Assign(field, value),))


def shown(text: str, longest: int = 80) -> str:
    """An entry as a label or sentence shows it: no invisible characters, not too long, never nothing."""
    if not text.strip():
        return "the empty entry" if not text else "the blank entry"
    visible = "".join(char if char.isprintable() else f"\\u{ord(char):04X}" for char in text[: longest + 1])
    return visible[:longest] + "…" if len(visible) > longest else visible


def enumerated(entries: Iterable[str]) -> str:
    """Entries in a sentence: “a, b and c”, at most seven of them."""
    words = [shown(entry) for entry in entries]
    if len(words) > 7:
        words = [*words[:6], f"{len(words) - 6} more"]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else "nothing"
