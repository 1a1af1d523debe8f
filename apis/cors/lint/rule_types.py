"""Types of the linter: rules, what they know about an API, and findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from apis.cors.lint.fixes import Fix
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route

Severity = Literal["error", "warning", "note"]
"""error: AWS refuses it, it cannot work, or any site can act as a user · warning: risky or likely a mistake · note: for
information."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the API; without auto-deploy, changes wait for a deployment."""

    name: str
    auto_deploy: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain of the API, and whether it requires client certificates (mutual TLS)."""

    name: str
    mutual_tls: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the API besides its six fields; empty or None means unknown and raises no finding."""

    routes: tuple[Route, ...] | None = ()
    name: str = ""
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    stages: tuple[Stage, ...] | None = ()
    domains: tuple[Domain, ...] = ()
    endpoint_disabled: bool = False

    @property
    def known_routes(self) -> tuple[Route, ...]:
        """The routes, none while they are unknown."""
        return self.routes or ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in a policy: a short title for rows, and one sentence each for why and how to fix it.

    `field` is AWS's name of one of the six fields, or `CorsConfiguration`, `Routes`, `Stages` or `Domains`. `value` is
    the exact entry at fault, None for the whole field.
    """

    code: str
    title: str
    severity: Severity
    field: str
    value: str | None
    why: str
    todo: str
    fix: Fix | None = None
    blocks: bool = True
    """Whether an error prevents applying the configuration."""

    def as_json(self) -> dict[str, object]:
        """Return the finding for REST and problem documents; `fix` is the label of the one-click fix."""
        return {
            "code": self.code,
            "title": self.title,
            "severity": self.severity,
            "field": self.field,
            "value": self.value,
            "why": self.why,
            "todo": self.todo,
            "fix": self.fix.label if self.fix else None,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One match of a rule: the entry, its fix, words for the rule's sentences, and overrides of the rule."""

    value: str | None = None
    fix: Fix | None = None
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    severity: Severity | None = None
    field: str | None = None


Check = Callable[[CorsPolicy, Context], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `title` has two to six words; `why` and `todo` are one sentence each, completed with a hit's words.

    `example` (with `context`) is a policy that the rule matches. A rule checks only policies that are on, or with
    `on=False` only those that are off.
    """

    code: str
    title: str
    severity: Severity
    field: str
    why: str
    todo: str
    example: CorsPolicy
    check: Check
    context: Context
    on: bool
    blocks: bool


def rule(
    *,
    code: str,
    title: str,
    severity: Severity,
    field: str,
    why: str,
    todo: str,
    example: CorsPolicy,
    context: Context | None = None,
    on: bool = True,
    blocks: bool = True,
) -> Callable[[Check], Rule]:
    """Turn a function that yields hits into a rule; `blocks=False` is for errors that AWS accepts."""

    def made(check: Check) -> Rule:
        return Rule(code, title, severity, field, why, todo, example, check, context or Context(), on, blocks)

    return made
