"""What to say about a configuration: findings, each with why, what to do and, where it can be, an edit that mends it.

`findings` is the door. A rule is one small function in one of the themed modules and one line in `rulebook.RULES`.
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
