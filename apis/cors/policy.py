"""CorsPolicy: the six fields of an HTTP API's CORS configuration as a plain frozen value.

The shape is API Gateway's `Cors` (AllowCredentials, AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders, MaxAge);
none at all means CORS is off, `{}` means it is on and allows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

LIST_FIELDS = ("AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders")
HEADER_FIELDS = frozenset({"AllowHeaders", "ExposeHeaders"})
FIELDS = ("AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders", "MaxAge", "AllowCredentials")
"""The six fields by AWS's names, in the order of the console's Configure panel."""

HEADER_OF_FIELD = {
    "AllowOrigins": "Access-Control-Allow-Origin",
    "AllowHeaders": "Access-Control-Allow-Headers",
    "AllowMethods": "Access-Control-Allow-Methods",
    "ExposeHeaders": "Access-Control-Expose-Headers",
    "MaxAge": "Access-Control-Max-Age",
    "AllowCredentials": "Access-Control-Allow-Credentials",
}
"""Each field's response header, which is also its label in the console."""

_ATTRIBUTE = {
    "AllowOrigins": "allow_origins",
    "AllowHeaders": "allow_headers",
    "AllowMethods": "allow_methods",
    "ExposeHeaders": "expose_headers",
    "MaxAge": "max_age",
    "AllowCredentials": "allow_credentials",
}

MOST_ENTRIES = 500
LONGEST_ENTRY = 1000
"""Characters of one entry that corsdash takes."""
LONGEST_ORIGIN = 500
"""Characters of one origin that corsdash keeps on its own, in a grant or a probe."""
"""Entries of one list that are taken from people and programs: more than the 10,240 bytes of request line and header
values that API Gateway carries could hold. What AWS itself holds is read whatever its length."""

State = Literal["off", "empty", "set"]


class PolicyError(ValueError):
    """A value that is no CORS configuration; `field` names the cause by AWS's name ("cors" for the whole)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True, eq=False)
class CorsPolicy:
    """One CORS configuration.

    Two policies are equal when AWS and browsers cannot distinguish them: the order of a list, repeated entries and the
    case of header names do not count (API Gateway stores header names in lower case); the case of methods does.
    An unset MaxAge and 0 are one, as are an unset AllowCredentials and false. `stated` remembers which members were
    given, so that `to_aws` hands back what `from_aws` was given.
    """

    on: bool = True
    allow_origins: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int = 0
    allow_credentials: bool = False
    stated: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def off(cls) -> CorsPolicy:
        """CORS switched off: API Gateway stays out of it."""
        return cls(on=False)

    @classmethod
    def from_aws(cls, value: Mapping[str, Any] | None) -> CorsPolicy:
        """Read the `CorsConfiguration` of GetApi: None is off, `{}` is empty.

        Raises PolicyError, naming the field, for an unknown member or a value of the wrong type. Values that AWS
        would refuse (a MaxAge of 100000, say) are read as they are: judging them is `advice`'s work.
        """
        if value is None:
            return cls.off()
        if not isinstance(value, Mapping):
            raise PolicyError("cors", "must be an object with the six fields, or null to turn CORS off")
        values: dict[str, Any] = {}
        for name, given in value.items():
            if name not in _ATTRIBUTE:
                raise PolicyError(str(name)[:64], f"is not one of the six fields: {', '.join(FIELDS)}")
            if given is None:
                continue
            values[_ATTRIBUTE[name]] = _read(name, given)
        return cls(stated=frozenset(name for name in value if value[name] is not None), **values)

    def to_aws(self) -> dict[str, Any] | None:
        """Return the configuration by AWS's names: None when off; members that are unset stay out, as in GetApi."""
        if not self.on:
            return None
        return {name: value for name, value in self.to_update().items() if value or name in self.stated}

    def to_update(self) -> dict[str, Any]:
        """Return all six members, for UpdateApi, which merges: what is left out keeps its old value.

        Raises PolicyError when the policy is off: that takes DeleteCorsConfiguration.
        """
        if not self.on:
            raise PolicyError("cors", "off is not an update; delete the configuration instead")
        return {name: self.get(name) for name in FIELDS}

    def get(self, name: str) -> Any:
        """Return the value of a field by its AWS name; lists come as new lists."""
        value = getattr(self, _ATTRIBUTE[name])
        return list(value) if name in LIST_FIELDS else value

    def with_field(self, name: str, value: Any) -> CorsPolicy:
        """Return a copy, switched on, with one field (by its AWS name) set to `value`."""
        given = self.to_aws() or {}
        return CorsPolicy.from_aws({**given, name: value})

    @property
    def state(self) -> State:
        """off, empty (on, but nothing is set, so nothing is allowed) or set."""
        if not self.on:
            return "off"
        return "set" if any(self.to_update().values()) else "empty"

    def _key(self) -> tuple[Any, ...]:
        if not self.on:
            return (False,)
        return (True, *(normal(name, self.get(name)) for name in FIELDS))

    @property
    def as_written(self) -> tuple[object, ...]:
        """All members as they were given: equal only for policies that also agree in order, repeats and case."""
        return tuple(getattr(self, one.name) for one in fields(self))

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, CorsPolicy) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


def normal(name: str, value: Any) -> Any:
    """Return a field's value in the form in which it is compared."""
    if name in HEADER_FIELDS:
        return frozenset(entry.lower() for entry in value)
    return frozenset(value) if name in LIST_FIELDS else value


def _read(name: str, given: Any) -> Any:
    if name in LIST_FIELDS:
        if not isinstance(given, list | tuple) or not all(isinstance(entry, str) for entry in given):
            raise PolicyError(name, "must be a list of strings")
        return tuple(given)
    if name == "MaxAge":
        if isinstance(given, bool) or not isinstance(given, int):
            raise PolicyError(name, "must be a whole number of seconds")
        return given
    if not isinstance(given, bool):
        raise PolicyError(name, "must be true or false")
    return given


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """What differs in one field: for a list, the entries added and removed; for the others, before and after."""

    field: str
    before: Any
    after: Any
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the difference as REST and templates show it."""
        return {
            "field": self.field,
            "before": self.before,
            "after": self.after,
            "added": list(self.added),
            "removed": list(self.removed),
        }


@dataclass(frozen=True, slots=True)
class Diff:
    """The way from one policy to another: whether CORS is switched, and each field that differs."""

    was_on: bool
    is_on: bool
    fields: tuple[FieldDiff, ...]

    def __bool__(self) -> bool:
        return self.was_on != self.is_on or bool(self.fields)

    def added(self, name: str) -> tuple[str, ...]:
        """Return the entries that a list gains."""
        return next((part.added for part in self.fields if part.field == name), ())

    def as_json(self) -> list[dict[str, Any]]:
        """Return the difference as REST shows it: a switch, of the field `cors`, before the fields that differ."""
        switch = {"field": "cors", "before": self.was_on, "after": self.is_on, "added": [], "removed": []}
        return ([switch] if self.was_on != self.is_on else []) + [part.as_json() for part in self.fields]

    def apply(self, policy: CorsPolicy) -> CorsPolicy:
        """Return the diff carried out on `policy`: entries are added and removed, single values set, CORS switched."""
        if not self.is_on:
            return CorsPolicy.off()
        values = policy.to_update() if policy.on else CorsPolicy().to_update()
        for part in self.fields:
            if part.field not in LIST_FIELDS:
                values[part.field] = part.after
                continue
            gone = normal(part.field, part.removed)
            kept = [entry for entry in values[part.field] if not normal(part.field, (entry,)) <= gone]
            have = normal(part.field, kept)
            values[part.field] = kept + [e for e in part.added if not normal(part.field, (e,)) <= have]
        return CorsPolicy.from_aws(values)


def diff(before: CorsPolicy, after: CorsPolicy) -> Diff:
    """Return what changes from `before` to `after`, ignoring what equality ignores; falsy when nothing does."""
    parts = []
    for name in FIELDS:
        old, new = before.get(name), after.get(name)
        if normal(name, old) == normal(name, new):
            continue
        if name in LIST_FIELDS:
            parts.append(FieldDiff(name, old, new, _missing(name, new, old), _missing(name, old, new)))
        else:
            parts.append(FieldDiff(name, old, new))
    return Diff(before.on, after.on, tuple(parts))


def _missing(name: str, entries: list[str], other: list[str]) -> tuple[str, ...]:
    have = normal(name, other)
    found: dict[str, str] = {}
    for entry in entries:
        key = next(iter(normal(name, (entry,))))
        if key not in have:
            found.setdefault(key, entry)
    return tuple(found.values())


def summary(before: CorsPolicy, after: CorsPolicy, done: bool = True) -> str:
    """Return the change in one line for lists and mails: "added https://app.example.com, max-age 0 → 600".

    One that is not `done` is worded as an instruction: "add https://app.example.com, max-age 0 → 600".
    """
    change = diff(before, after)
    if not change:
        return "no difference"
    words = []
    if change.was_on and not change.is_on:
        return "CORS turned off" if done else "turn CORS off"
    if change.is_on and not change.was_on:
        words.append("CORS turned on" if done else "turn CORS on")
    add, remove = ("added", "removed") if done else ("add", "remove")
    for part in change.fields:
        if part.field in LIST_FIELDS:
            kind = {"AllowMethods": "method", "AllowHeaders": "header", "ExposeHeaders": "exposed header"}
            label = kind.get(part.field, "")
            words += [
                f"{verb} {_few(label, entries)}"
                for verb, entries in ((add, part.added), (remove, part.removed))
                if entries
            ]
        elif part.field == "MaxAge":
            words.append(f"max-age {part.before} → {part.after}")
        else:
            words.append("credentials " + ("on" if part.after else "off"))
    return ", ".join(words)


def _few(label: str, entries: tuple[str, ...]) -> str:
    """Return up to three entries as a part of a sentence: "methods PUT and DELETE"."""
    shown = [*entries[:3], f"{len(entries) - 3} more"] if len(entries) > 3 else list(entries)
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
    plural = "s" if label and len(entries) > 1 else ""
    return f"{label}{plural} {listed}".strip()
