"""The example that documents each rule: the policy, what is known about the API, and everything found in it."""

from __future__ import annotations

from pathlib import Path

from apis.cors.lint import RULES, Context, Rule, findings, rules
from apis.cors.policy import CorsPolicy

EXAMPLES = (Path(__file__).parent / "examples.txt").read_text("utf-8").splitlines()
"""For each rule: severity, field, its example, and what is found in that; "it" is the rule itself."""


def written(policy: CorsPolicy, context: Context) -> str:
    entries = [*policy.allow_origins, *policy.allow_methods, *policy.allow_headers, *policy.expose_headers]
    parts = [text if text.strip() == text and text else repr(text) for text in entries]
    parts += [str(policy.max_age)] if policy.max_age else []
    parts += ["credentials"] if policy.allow_credentials else []
    for route in context.routes or ():
        kind = "" if route.authorization == "NONE" else route.authorization
        parts.append(" ".join(part for part in (route.key, kind, route.target) if part))
    parts += [f"stage {stage.name}{'' if stage.auto_deploy else ' by hand'}" for stage in context.stages or ()]
    parts += [f"domain {one.name}{' with certificate' if one.mutual_tls else ''}" for one in context.domains]
    parts += ["endpoint disabled"] if context.endpoint_disabled else []
    return " + ".join(parts) or ("nothing" if policy.on else "off")


def documented(rule: Rule) -> str:
    codes = [found.code for found in findings(rule.example, rule.context)]
    found = ", ".join("it" if code == rule.code else code for code in codes)
    return f"{rule.code} ({rule.severity}, {rule.field}): {written(rule.example, rule.context)} -> {found}"


def test_each_rule_has_the_example_that_is_documented() -> None:
    assert [documented(rule) for rule in RULES] == EXAMPLES


def test_the_documentation_shows_the_finding_of_the_example() -> None:
    for rule, entry in zip(RULES, rules(), strict=True):
        found = next(one for one in findings(rule.example, rule.context) if one.code == rule.code)
        assert (entry.code, entry.title, entry.severity, entry.field) == (
            rule.code,
            rule.title,
            rule.severity,
            rule.field,
        )
        assert (entry.why, entry.todo, entry.example, entry.context) == (
            found.why,
            found.todo,
            rule.example,
            rule.context,
        )
        assert entry.fix == (found.fix.label if found.fix else None)
        assert entry.fixed == (found.fix.apply(rule.example) if found.fix else None)
