"""The values of advice: what a rule is, what it is told beside the policy, and what it finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from apis.cors.lint.fixes import Fix
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route

Severity = Literal["error", "warning", "note"]
"""error: AWS refuses it, it can never work, or any site acts as the API's users · warning: risky, or likely a mistake ·
note: good to know."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the API; without auto-deploy a change waits for a deployment."""

    name: str
    auto_deploy: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain that leads to the API, and whether it asks clients for a certificate (mutual TLS)."""

    name: str
    mutual_tls: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the API beside its six fields; what is empty or None is not known and raises no finding."""

    routes: tuple[Route, ...] | None = ()
    name: str = ""
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stages: tuple[Stage, ...] | None = ()
    domains: tuple[Domain, ...] = ()
    endpoint_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the rules say of a policy.

    `field` is one of the six by AWS's name, or `CorsConfiguration`, `Routes`, `Stages` or `Domains` for what lies
    beside them; `value` is the exact entry at fault, None when it is the field as a whole.
    """

    code: str
    severity: Severity
    field: str
    value: str | None
    why: str
    todo: str
    fix: Fix | None = None
    blocks: bool = True
    """Whether, as an error, it keeps a configuration from being applied."""

    def as_json(self) -> dict[str, object]:
        """The finding as REST and problem documents carry it; `fix` is the label of its one-click fix."""
        return {
            "code": self.code,
            "severity": self.severity,
            "field": self.field,
            "value": self.value,
            "why": self.why,
            "todo": self.todo,
            "fix": self.fix.label if self.fix else None,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule bites: the entry, the fix, words for the rule's sentences, and what differs here."""

    value: str | None = None
    fix: Fix | None = None
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    severity: Severity | None = None
    field: str | None = None


Check = Callable[[CorsPolicy, Context], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `why` and `todo` are one sentence each, with `{value}` and the words of a hit filled in.

    `example` (with `context`) is a policy that the rule bites; `on` says whether it is asked of policies that are on
    or of those that are off.
    """

    code: str
    title: str
    severity: Severity
    field: str
    why: str
    todo: str
    example: CorsPolicy
    check: Check
    context: Context = dataclasses.field(default_factory=Context)
    on: bool = True
    blocks: bool = True


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
    """Make a rule of a function that looks for hits; one that AWS takes and browsers follow does not block."""

    def made(check: Check) -> Rule:
        return Rule(code, title, severity, field, why, todo, example, check, context or Context(), on, blocks)

    return made
