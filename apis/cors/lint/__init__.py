"""The linter: findings about a configuration, each with a title, a reason, advice and, where possible, a fix.

Call `findings`. A rule is one small function in a module here that `rulebook` names.
"""

from apis.cors.lint.engine import RuleEntry, blocking, findings, rules
from apis.cors.lint.fixes import Fix
from apis.cors.lint.rule_types import Context, Domain, Finding, Rule, Severity, Stage
from apis.cors.lint.rulebook import RULES

__all__ = [
    "RULES",
    "Context",
    "Domain",
    "Finding",
    "Fix",
    "Rule",
    "RuleEntry",
    "Severity",
    "Stage",
    "blocking",
    "findings",
    "rules",
]
