"""Properties of every rule, for any text in any field."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors import lint
from apis.cors.aws_validation import refusal, refusals
from apis.cors.gateway import Route
from apis.cors.lint import RULES, Context, Domain, Rule, Stage, blocking, findings, rules
from apis.cors.policy import FIELDS, CorsPolicy

BY_CODE = {rule.code: rule for rule in RULES}
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])

PIECES = ["https://", "http://", "HTTP:", "//", "localhost", "example.com", "Exämple.com", ".", ":", "443", "80", "0"]
PIECES += ["/", "?", "#", "@", "*", ",", " ", '"', "null", "127.1", "[::1]", "[", "]", "%41", "ws://", "x", "-", "`"]
entries = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=12)
methods = st.sampled_from(["GET", "put", "ANY", "*", "TRACE", "DELET", "GET, PUT", "", "OPTIONS", "any"]) | entries
headers = st.sampled_from(["*", "x-*", "Cookie", "authorisation", "X One", "content-type", "Set-Cookie"]) | entries
policies = st.builds(
    CorsPolicy,
    allow_origins=st.lists(entries, max_size=4).map(tuple),
    allow_headers=st.lists(headers, max_size=3).map(tuple),
    allow_methods=st.lists(methods, max_size=3).map(tuple),
    expose_headers=st.lists(headers, max_size=3).map(tuple),
    max_age=st.integers(-5, 90000),
    allow_credentials=st.booleans(),
)
routes = st.builds(
    Route,
    key=st.sampled_from(["$default", "ANY /{proxy+}", "GET /items", "PUT /items", "OPTIONS /items", ""]) | st.text(),
    authorization=st.sampled_from(["NONE", "JWT", "CUSTOM", "AWS_IAM", ""]),
    target=st.sampled_from(["", "integrations/1"]),
)
contexts = st.builds(
    Context,
    routes=st.none() | st.lists(routes, max_size=3).map(tuple),
    stages=st.none() | st.lists(st.builds(Stage, st.text(max_size=4), st.booleans()), max_size=2).map(tuple),
    domains=st.lists(st.builds(Domain, st.text(max_size=4), st.booleans()), max_size=2).map(tuple),
    endpoint_disabled=st.booleans(),
)


def test_codes_are_unique() -> None:
    assert len(BY_CODE) == len(RULES) >= 35


def test_the_rulebook_names_every_module_with_rules() -> None:
    modules = [import_module(f"{lint.__name__}.{found.name}") for found in pkgutil.iter_modules(lint.__path__)]
    codes = {rule.code for module in modules for rule in vars(module).values() if isinstance(rule, Rule)}
    assert codes == BY_CODE.keys()


@each_rule
def test_a_rule_matches_its_example(rule: Rule) -> None:
    found = [finding for finding in findings(rule.example, rule.context) if finding.code == rule.code]
    assert found
    assert rule.severity in ("error", "warning", "note")
    for finding in found:
        assert 2 <= len(finding.title.split()) <= 6 and finding.title[-1] not in ".:"
        for sentence in (finding.why, finding.todo):
            assert sentence.endswith(".") and ". " not in sentence and len(sentence.split()) <= 22
        assert "{" not in (finding.why + finding.todo).replace("/{proxy+}", "").replace("/{id}", "")


@each_rule
def test_a_fix_resolves_its_example(rule: Rule) -> None:
    policy = rule.example
    fixes = [finding.fix for finding in findings(policy, rule.context) if finding.code == rule.code]
    for fix in fixes:
        if fix:
            policy = fix.apply(policy)
            assert fix.apply(policy).to_aws() == policy.to_aws()
    if any(fixes):
        assert rule.code not in {finding.code for finding in findings(policy, rule.context)}


@given(policies, contexts)
def test_findings_are_deterministic_for_any_policy(policy: CorsPolicy, context: Context) -> None:
    found = findings(policy, context)
    assert found == findings(policy, context)
    assert len(set(found)) == len(found)
    for finding in found:
        assert BY_CODE[finding.code]
        if finding.value is not None and finding.field in FIELDS and finding.code not in ADDED:
            value = policy.get(finding.field)
            assert finding.value in value if isinstance(value, list) else finding.value == str(value)


ADDED = {"method-of-route-missing", "header-authorization-missing"}
"""For these codes the value is the missing entry."""


@given(policies, contexts)
def test_every_fix_resolves_its_finding_and_can_be_applied_twice(policy: CorsPolicy, context: Context) -> None:
    for finding in findings(policy, context):
        if finding.fix is None:
            continue
        after = finding.fix.apply(policy)
        assert finding.fix.apply(after).to_aws() == after.to_aws()
        left = {(other.code, other.field, other.value) for other in findings(after, context)}
        assert (finding.code, finding.field, finding.value) not in left


@given(policies, contexts)
def test_fixing_every_error_makes_a_policy_that_aws_accepts(policy: CorsPolicy, context: Context) -> None:
    for _ in range(60):
        errors = blocking(findings(policy, context))
        if not errors:
            break
        fix = errors[0].fix
        assert fix is not None
        policy = fix.apply(policy)
    assert blocking(findings(policy, context)) == []
    assert refusal(policy) is None


@given(policies)
def test_every_aws_error_has_a_finding_on_that_entry(policy: CorsPolicy) -> None:
    errors = blocking(findings(policy))
    for refused in refusals(policy):
        field = "AllowOrigins" if refused.field == "AllowCredentials" else refused.field
        assert any(error.field == field and error.value == refused.value for error in errors), refused


@given(policies)
def test_no_fix_changes_an_off_policy(policy: CorsPolicy) -> None:
    for finding in findings(policy):
        if finding.fix:
            assert finding.fix.apply(CorsPolicy.off()) == CorsPolicy.off()


@pytest.mark.parametrize("text", ["a" * 50_000, "a." * 50_000 + "|", "http:" + "/" * 50_000, "a-" * 50_000 + "é"])
def test_long_texts_are_handled(text: str) -> None:
    policy = CorsPolicy(
        allow_origins=(text, f"https://{text}", f"https://[{text}"), allow_headers=(text,), allow_methods=(text,)
    )
    assert all(len(finding.why) < 1000 for finding in findings(policy))


def test_every_rule_is_documented() -> None:
    documented = rules()
    assert [entry.code for entry in documented] == [rule.code for rule in RULES]
    for entry in documented:
        assert entry.title and entry.why and entry.todo and entry.field
        assert (entry.fix is None) == (entry.fixed is None)
        assert entry.fixed is None or entry.fixed.to_aws() != entry.example.to_aws()
