"""Every rule, in the order in which the documentation lists them."""

from __future__ import annotations

from apis.cors.advice import api_facts, headers, methods, origin_form, origin_trust, whole
from apis.cors.advice.rule import Rule

RULES: tuple[Rule, ...] = (
    *origin_form.RULES,
    *origin_trust.RULES,
    *methods.RULES,
    *headers.RULES,
    *whole.RULES,
    *api_facts.RULES,
)
