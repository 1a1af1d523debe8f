"""Asks every rule about a policy, and tells the rules for the page that documents them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apis.cors.lint.fixes import shown
from apis.cors.lint.rule_types import Context, Finding, Hit, Rule, Severity
from apis.cors.lint.rulebook import RULES
from apis.cors.policy import FIELDS, CorsPolicy

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_NOTHING_KNOWN = Context()


def findings(policy: CorsPolicy, context: Context | None = None) -> list[Finding]:
    """Everything the rules say of a policy, errors first, then in the order of the panel's fields; never raises."""
    known = context or _NOTHING_KNOWN
    found = [_finding(rule, hit) for rule in RULES if rule.on is policy.on for hit in rule.check(policy, known)]
    return sorted(dict.fromkeys(found), key=_place)


def blocking(found: Iterable[Finding]) -> list[Finding]:
    """Those that no one should send: AWS would refuse them, or what they name can never work.

    Errors in the API itself (a route that swallows preflights) are not among them: no edit of the six fields mends
    those, so they must not stand in the way of one.
    """
    return [one for one in found if one.severity == "error" and one.blocks and one.field in FIELDS]


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule as its documentation shows it: the example, what is found there, and the policy after the fix."""

    code: str
    title: str
    severity: Severity
    field: str
    why: str
    todo: str
    example: CorsPolicy
    context: Context
    fix: str | None
    fixed: CorsPolicy | None


def rules() -> list[RuleEntry]:
    """Every rule for a generated page, with its sentences as they read for its own example."""
    entries = []
    for rule in RULES:
        found = _finding(rule, next(iter(rule.check(rule.example, rule.context))))
        fix = found.fix
        entries.append(
            RuleEntry(
                code=rule.code,
                title=rule.title,
                severity=rule.severity,
                field=rule.field,
                why=found.why,
                todo=found.todo,
                example=rule.example,
                context=rule.context,
                fix=fix.label if fix else None,
                fixed=fix.apply(rule.example) if fix else None,
            )
        )
    return entries


def _finding(rule: Rule, hit: Hit) -> Finding:
    words = {**hit.words, "value": shown(hit.value or "")}
    return Finding(
        code=rule.code,
        severity=hit.severity or rule.severity,
        field=hit.field or rule.field,
        value=hit.value,
        why=rule.why.format_map(words),
        todo=rule.todo.format_map(words),
        fix=hit.fix,
        blocks=rule.blocks,
    )


def _place(finding: Finding) -> tuple[int, int]:
    field = FIELDS.index(finding.field) if finding.field in FIELDS else len(FIELDS)
    return _SEVERITIES.index(finding.severity), field
