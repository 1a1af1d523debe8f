"""All rules, in the order of their documentation."""

from __future__ import annotations

from apis.cors.lint import api_facts, configuration, headers, methods, origin_form, origin_trust
from apis.cors.lint.rule_types import Rule

RULES: tuple[Rule, ...] = (
    *origin_form.RULES,
    *origin_trust.RULES,
    *methods.RULES,
    *headers.RULES,
    *configuration.RULES,
    *api_facts.RULES,
)
