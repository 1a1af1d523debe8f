"""The APIs that a text states, each read only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from apis.cors.formats.format import FormatError
from apis.cors.policy import CorsPolicy

Kind = Literal["http-api", "function-url"]

Notes = list[str]
"""What was evaluated, a sentence each: "var.origin is https://app.example.com, its default"."""


@dataclass(frozen=True, slots=True)
class Found:
    """An API or function URL that a text states.

    `name` is its name in that text, "" for a part of a document. `read` returns the policy and notes on values that
    were evaluated; it raises FormatError.
    """

    name: str
    kind: Kind
    read: Callable[[Notes], CorsPolicy]


@dataclass(frozen=True, slots=True)
class StatedApi:
    """An API with its policy; `notes` say which values were evaluated, and from what."""

    name: str
    kind: Kind
    policy: CorsPolicy
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A text whose format is known: the format's name, and what it states."""

    format: str
    found: Sequence[Found]


def the_only(found: Sequence[Found]) -> Found:
    """Return the one HTTP API, or the one function URL when there is no API. Raises FormatError with their names."""
    for kind, many in (("http-api", "HTTP APIs"), ("function-url", "function URLs")):
        of_kind = [one for one in found if one.kind == kind]
        if len(of_kind) > 1:
            names = ", ".join(one.name for one in of_kind[:10])
            raise FormatError(f"There are {len(of_kind)} {many} here ({names}). Paste the one that is meant.")
        if of_kind:
            return of_kind[0]
    raise FormatError("There is no HTTP API here.")


def stated(one: Found) -> StatedApi:
    """Read one API. Raises FormatError."""
    notes: Notes = []
    policy = one.read(notes)
    return StatedApi(one.name, one.kind, policy, tuple(dict.fromkeys(notes)))


def updated(before: CorsPolicy, update: CorsPolicy) -> CorsPolicy:
    """Return what an API has after UpdateApi, which keeps the fields that an update leaves out."""
    return CorsPolicy.from_aws((before.to_aws() or {}) | (update.to_aws() or {}))


def fixed(policy: CorsPolicy) -> Callable[[Notes], CorsPolicy]:
    """Return a `read` for a policy that needs no evaluation."""
    return lambda notes: policy


def part(read: Callable[[], CorsPolicy], kind: Kind = "http-api", name: str = "") -> Found:
    """Return what a part of a document states, without a name of its own."""
    return Found(name, kind, lambda notes: read())


def policy_of_text(found: Iterable[Found]) -> CorsPolicy:
    """Return the policy of the only API of a text. Raises FormatError."""
    return the_only(list(found)).read([])
