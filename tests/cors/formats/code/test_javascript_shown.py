"""How an expression that is not evaluated is shown, and what serverless.ts is known by."""

from __future__ import annotations

import pytest

from apis.cors.formats import read_apis
from tests.cors.formats.refusals import refusal

A = "https://a.example"
SERVICE = (
    'export default { service: "s", provider: {name: "aws", httpApi: {cors: {allowedOrigins: VALUE, maxAge: 600}}} };\n'
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a ? f(b) : [c(d)]", "a ? f(b) : [c(d)]"),
        ("(a) ? b : c", "(a) ? b : c"),
        ("new Foo(a, b)", "new Foo(a, b)"),
        ("await f(a).g", "await f(a).g"),
        ("!f(a)", "!f(a)"),
        ("x => f(x)", "x => f(x)"),
        ("5 * x(a)", "5 * x(a)"),
        ("await f({b: 1}[0], {c})", "await f({ b : 1 }[0], { c })"),
        ('[a(b), "c"].join(", ")', "[a(b), 'c'].join(', ')"),
        ("new F(a) && [b]", "new F(a) && [b]"),
        ("new F(a) || (b)", "new F(a) || (b)"),
        ("new F(a) + (b)", "new F(a) + (b)"),
        ("`${x(a)}`", "${x(a)}"),
        ("process.env.A || b", "b"),
    ],
)
def test_an_expression_is_shown_nearly_as_it_is_written(value: str, shown: str) -> None:
    error = refusal(SERVICE.replace("VALUE", value))
    assert f": “{shown}” is worked out when it is deployed. Write its value in its place." in str(error)
    assert (error.field, error.line) == ("allowedOrigins", 1)


def test_a_shown_expression_ends_with_its_line() -> None:
    assert "“new Foo(a,”" in str(refusal(SERVICE.replace("VALUE", "new Foo(a,\n b)")))


def test_a_shown_expression_has_eighty_characters() -> None:
    assert f"“{('new ' + 'N' * 90)[:80]}”" in str(refusal(SERVICE.replace("VALUE", f"new {'N' * 90}()")))


def test_a_number_is_a_key_too() -> None:
    assert refusal(SERVICE.replace("VALUE", f'["{A}"]').replace("maxAge", "600")).field == "600"


@pytest.mark.parametrize("start", ["export default", "module.exports =", "const service ="])
@pytest.mark.parametrize("other", ['service: "s"', 'functions: {a: {handler: "x.y"}}'])
def test_a_service_is_known_by_its_provider_and_one_more_key(start: str, other: str) -> None:
    provider = f'provider: {{name: "aws", httpApi: {{cors: {{allowedOrigins: ["{A}"]}}}}}}'
    name, [found] = read_apis(f"{start} {{ {provider}, {other} }};")
    assert name == "serverless"
    assert (found.policy.to_aws() or {})["AllowOrigins"] == [A]


@pytest.mark.parametrize(
    "code",
    [
        "const f = age => ({a: age});",
        "const f = (age) => ({a: age});",
        "const f = (b, age) => ({a: age});",
        "const f = ({age}) => ({a: age});",
        "const f = (b, {c, age}) => ({a: age});",
        "const f = (age: number): object => ({a: age});",
        "function f(age) { return age; }",
        "function f(age): number { return 5; }",
        "class C { f(age) { return age; } }",
        "age = 7;",
        "age += 7;",
    ],
)
def test_a_constant_that_is_a_parameter_elsewhere_is_not_known(code: str) -> None:
    service = SERVICE.replace("VALUE", f'["{A}"]').replace("600", "age")
    assert "“age” is worked out" in str(refusal(f"const age = 300;\n{code}\n{service}"))


@pytest.mark.parametrize(
    "code",
    ["if (age) { f(); }", "f(age);", "g({age});", "const b = c ? (age) : 5;", "const b = {age: 5};", "b.age = 5;"],
)
def test_a_constant_that_is_only_used_elsewhere_is_known(code: str) -> None:
    service = SERVICE.replace("VALUE", f'["{A}"]').replace("600", "age")
    _, [found] = read_apis(f"const age = 300;\n{code}\n{service}")
    assert (found.policy.to_aws() or {})["MaxAge"] == 300


@pytest.mark.parametrize("inner", ["f(`( two`)", "{a: {b: 1}}.a + `(`", "`(` + {a: 1}.a"])
def test_a_template_literal_inside_another(inner: str) -> None:
    service = SERVICE.replace("VALUE", f'["{A}"]')
    _, [found] = read_apis(f"const note = `one ${{{inner}}} three (`;\n{service}")
    assert (found.policy.to_aws() or {})["AllowOrigins"] == [A]


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ('ApiGatewayV2("NAME", { cors: VALUE })', "http-api"),
        ('Function("NAME", { handler: "a.b", url: { cors: VALUE } })', "function-url"),
    ],
)
def test_the_name_of_a_component_has_two_hundred_characters(made: str, kind: str) -> None:
    made = made.replace("NAME", "n" * 201).replace("VALUE", f'{{ allowOrigins: ["{A}"] }}')
    _, [found] = read_apis(f"export default $config({{ async run() {{ new sst.aws.{made}; }} }});\n")
    assert (found.name, found.kind) == ("n" * 200, kind)
    assert (found.policy.to_aws() or {})["AllowOrigins"] == [A]


def test_code_in_a_template_literal_is_a_text() -> None:
    service = SERVICE.replace("VALUE", f'["{A}"]')
    other = service.replace(A, "https://other.example").strip()
    _, [found] = read_apis(f"const note = `one ${{f(`{other}`)}} three`;\n{service}")
    assert (found.policy.to_aws() or {})["AllowOrigins"] == [A]


@pytest.mark.parametrize("end", ["`", "`open", "`open ${", "`open ${ {", "`open\\", "'open", '"', "/* open", "\\", "#"])
def test_a_text_may_end_anywhere(end: str) -> None:
    _, [found] = read_apis(SERVICE.replace("VALUE", f'["{A}"]') + "const note = " + end)
    assert (found.policy.to_aws() or {})["AllowOrigins"] == [A]
