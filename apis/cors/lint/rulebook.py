"""All rules, in the order of their documentation: module by module, each from top to bottom."""

from __future__ import annotations

from apis.cors.lint import api_facts, configuration, headers, methods, origin_form, origin_trust
from apis.cors.lint.rule_types import Rule

_MODULES = (origin_form, origin_trust, methods, headers, configuration, api_facts)

RULES: tuple[Rule, ...] = tuple(
    found for module in _MODULES for found in vars(module).values() if isinstance(found, Rule)
)
