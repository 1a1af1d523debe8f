"""Check a policy against all rules, and list the rules for their documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from apis.cors.lint.fixes import shown
from apis.cors.lint.rule_types import Context, Finding, Hit, Rule, Severity
from apis.cors.lint.rulebook import RULES
from apis.cors.policy import FIELDS, CorsPolicy

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_UNKNOWN_API = Context()


def findings(policy: CorsPolicy, context: Context | None = None) -> list[Finding]:
    """Return all findings about a policy, errors first, then in the order of the panel's fields; never raise."""
    return list(_findings(policy.as_written, policy, context or _UNKNOWN_API))


@lru_cache(256)
def _findings(_as_written: object, policy: CorsPolicy, context: Context) -> tuple[Finding, ...]:
    # Kept, as a page asks for the same findings several times, and the next page again. Equal policies may differ in
    # what the rules look for, such as a repeated entry: the key holds the policy as it is written.
    found = [_finding(rule, hit) for rule in RULES if rule.on is policy.on for hit in rule.check(policy, context)]
    return tuple(sorted(dict.fromkeys(found), key=_sort_key))


def blocking(found: Iterable[Finding]) -> list[Finding]:
    """Return the errors that prevent applying: AWS would refuse the configuration, or an entry can never work.

    Errors outside the six fields do not block, such as a route that takes over preflights: no edit here fixes them.
    """
    return [one for one in found if one.severity == "error" and one.blocks and one.field in FIELDS]


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule for its documentation: the example, its finding, and the policy after the fix."""

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
    """Return all rules for the documentation, with the sentences of their own examples."""
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
        title=rule.title,
        severity=hit.severity or rule.severity,
        field=hit.field or rule.field,
        value=hit.value,
        why=rule.why.format_map(words),
        todo=rule.todo.format_map(words),
        fix=hit.fix,
        blocks=rule.blocks,
    )


def _sort_key(finding: Finding) -> tuple[int, int]:
    field = FIELDS.index(finding.field) if finding.field in FIELDS else len(FIELDS)
    return _SEVERITIES.index(finding.severity), field
