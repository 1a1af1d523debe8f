"""What a bulk job does to each API: add or remove entries, set fields, copy a policy, or go back. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apis.cors.origin_match import matching_entries
from apis.cors.origins import is_origin
from apis.cors.policy import FIELDS, LIST_FIELDS, LONGEST_ENTRY, LONGEST_ORIGIN, CorsPolicy, PolicyError, normal
from apis.ui.tags import duration

MINUTE, YEAR = 60, 366 * 86400


class Skip(Exception):
    """This API is left alone; the message says why."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A delta: entries to add and remove by field, fields to set, or a whole policy to copy.

    `copied_from` names the API whose policy it is, for people. `lasts`: the origins added are grants, which end by
    themselves after so many seconds.
    """

    add: Mapping[str, list[str]] = field(default_factory=dict)
    remove: Mapping[str, list[str]] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    copy: CorsPolicy | None = None
    copied_from: str = ""
    lasts: int | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Operation:
        """Read `{"add", "remove", "set", "copy"}`; raises PolicyError, naming the field, for anything that is none."""
        unknown = set(value) - {"add", "remove", "set", "copy", "copied_from", "lasts"}
        if unknown:
            raise PolicyError(sorted(unknown)[0][:64], "is no bulk operation; use add, remove, set, copy or lasts")
        copy = CorsPolicy.from_aws(value["copy"]) if "copy" in value else None
        fields = value.get("set") or {}
        if not isinstance(fields, Mapping):
            raise PolicyError("set", "must be an object of fields")
        named = str(value.get("copied_from") or "")[:256]
        made = cls(_lists(value, "add"), _lists(value, "remove"), dict(fields), copy, named, _lasts(value))
        for name, given in made.set.items():
            if given is None:
                raise PolicyError(f"set.{str(name)[:64]}", "must have a value")
        CorsPolicy.from_aws(made.set)
        if not (made.add or made.remove or made.set or copy):
            raise PolicyError(
                "add", "nothing to do: give entries to add or remove, fields to set, or an API to copy from"
            )
        origins = made.add.get("AllowOrigins", [])
        if made.lasts is not None and (len(made.add) != 1 or not origins or made.remove or made.set or copy):
            raise PolicyError("lasts", "only origins that are added can end automatically")
        if made.lasts is not None and not all(is_origin(one) and len(one) <= LONGEST_ORIGIN for one in origins):
            raise PolicyError("lasts", "only single origins can end automatically, such as https://pr-1.example.com")
        return made

    def as_json(self) -> dict[str, Any]:
        """Return the form that `from_json` reads."""
        value: dict[str, Any] = {"add": dict(self.add), "remove": dict(self.remove), "set": dict(self.set)}
        value = {name: part for name, part in value.items() if part}
        if self.copy is not None:
            value |= {"copy": self.copy.to_aws(), "copied_from": self.copied_from}
        if self.lasts is not None:
            value["lasts"] = self.lasts
        return value

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the policy after the operation. Raises Skip where it does not apply or would change nothing."""
        if self.copy is not None:
            after = self.copy
        elif not policy.on and not (self.add or self.set):
            raise Skip("CORS is off, so there is nothing to remove.")
        elif not policy.on:
            raise Skip("CORS is off; this operation would turn it on. Configure the API first.")
        else:
            after = self._delta(policy)
            self._check_out(policy, after)
        if after == policy:
            raise Skip("Already as requested.")
        return after

    def _check_out(self, policy: CorsPolicy, after: CorsPolicy) -> None:
        """Raise Skip when an origin that is to go has no entry of its own, but gets in through a wider one."""
        for origin in self.remove.get("AllowOrigins", ()):
            wider = [entry for entry in matching_entries(origin) if entry in after.allow_origins]
            if wider and after == policy:
                raise Skip(f"{origin} stays allowed by the entry {wider[0]}, which this does not remove.")

    def _delta(self, policy: CorsPolicy) -> CorsPolicy:
        values = policy.to_update() | dict(self.set)
        for name in LIST_FIELDS:
            gone = normal(name, self.remove.get(name, ()))
            kept = [entry for entry in values[name] if not normal(name, (entry,)) <= gone]
            have = normal(name, kept)
            values[name] = kept + [e for e in self.add.get(name, ()) if not normal(name, (e,)) <= have]
        return CorsPolicy.from_aws(values)

    @property
    def title(self) -> str:
        """The operation in one line."""
        words = []
        for verb, part in (("Add", self.add), ("Remove", self.remove)):
            words += [f"{verb.lower()} {' '.join(entries[:3])} ({name})" for name, entries in part.items() if entries]
        words += [_setting(name, self.set[name]) for name in FIELDS if name in self.set]
        if self.copy is not None:
            whose = f"copy the configuration of {self.copied_from}" if self.copied_from else "copy one configuration"
            words.append(whose if self.copy.on else "turn CORS off")
        text = ", ".join(words) + (f", for {duration(self.lasts)}" if self.lasts else "")
        return text[:1].upper() + text[1:299]


def _lasts(value: Mapping[str, Any]) -> int | None:
    lasts = value.get("lasts")
    if lasts is None:
        return None
    if isinstance(lasts, bool) or not isinstance(lasts, int) or not MINUTE <= lasts <= YEAR:
        raise PolicyError("lasts", "must be a number of seconds between a minute (60) and a year")
    return lasts


def _setting(name: str, value: Any) -> str:
    if name == "MaxAge":
        return f"set max-age to {value}"
    if name == "AllowCredentials":
        return f"turn credentials {'on' if value else 'off'}"
    return f"set {name}"


def _lists(value: Mapping[str, Any], part: str) -> dict[str, list[str]]:
    given = value.get(part) or {}
    if not isinstance(given, Mapping):
        raise PolicyError(part, "must be an object of lists by field")
    for name in given:
        if name not in LIST_FIELDS:
            raise PolicyError(f"{part}.{str(name)[:64]}", f"is not one of {', '.join(LIST_FIELDS)}")
    CorsPolicy.from_aws(given)
    for name, entries in given.items():
        if any("\0" in entry or len(entry) > LONGEST_ENTRY for entry in entries):
            raise PolicyError(f"{part}.{name}", f"has an entry with a NUL, or of over {LONGEST_ENTRY} characters")
    return {name: list(entries) for name, entries in given.items() if entries}
