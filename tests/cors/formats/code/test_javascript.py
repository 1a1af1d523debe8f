"""Values in serverless.ts and in SST's configuration, as JavaScript evaluates them."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, read_apis

A, B = "https://a.example", "https://b.example"


def service(cors, before="", after=""):
    """A serverless.ts with an object for CORS; A and B stand for two origins."""
    text = f"{before}\nexport default {{ service: 's', provider: {{ name: 'aws', httpApi: {{ cors: {cors} }} }} }}"
    return (text + after).replace("'A'", f"'{A}'").replace("'B'", f"'{B}'")


def origins(value, before="", after=""):
    """The origins and the notes of an API whose origins are an expression."""
    (api,) = read_apis(service(f"{{ allowedOrigins: {value} }}", before, after))[1]
    return list(api.policy.allow_origins), list(api.notes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("['A', \"B\"]", [A, "B"]),
        ("['A', 'B',]", [A, B]),
        ("[,'A',,'B']", [A, B]),
        ("[...['A'], 'B']", [A, B]),
        ("[('A')]", [A]),
        ("['https://' + 'a.example']", [A]),
        ("['https://' + ('a' + '.example')]", [A]),
        ("[`https://a.example`]", [A]),
        ("['A' as string]", [A]),
        ("['A' satisfies Array<string>]", [A]),
        ("['A' as const, 'B']", [A, B]),
        ("['A'!]", [A]),
        ("['A'] as string[]", [A]),
        ("[/* 'B', */ 'A' // 'B'\n]", [A]),
        (r"['https:\u002f\x2fa\u{2e}example']", [A]),
        (r"['https://a.exa\mple']", [A]),
        ("['https://a.exa\\\nmple']", [A]),
        (r"['\uD83D\uDE00']", ["\U0001f600"]),
        (r"['\u{110000}x']", [r"\u{110000}x"]),
        (r"['it\'s', 'a\tb']", ["it's", "a\tb"]),
        (r"['\n\r\t\b\f\v']", ["\n\r\t\b\f\v"]),
        (r"['\u{1F600}\q\\']", ["\U0001f600q\\"]),
        (r"[`a\`b$d\x41`]", ["a`b$dA"]),
        ("[null ?? 'A']", [A]),
        ("[undefined || 'A']", [A]),
        ("['A' ?? 'B']", None),
        ("[process.env.ORIGIN ?? 'A']", [A]),
        ("[process.env.ORIGIN || ('A')]", [A]),
        ("[process.env['ORIGIN'] ?? 'A']", [A]),
        ("[f(1, 'x')() ?? 'A']", [A]),
        ("[(x) => { return 'x' } ?? 'A']", None),
        ("[x as string ?? 'A']", [A]),
    ],
)
def test_a_value_that_is_written_out(value, expected):
    if expected is None:
        with pytest.raises(FormatError):
            origins(value)
    else:
        assert origins(value)[0] == expected


@pytest.mark.parametrize(
    ("before", "value", "expected", "notes"),
    [
        ("const o = 'A'", "[o]", [A], ["o is https://a.example."]),
        ("let o: string = 'A'; var p = 'B'", "[o, p]", [A, B], ["o is https://a.example.", "p is https://b.example."]),
        ("const o: Array<{a: string}> = ['A', 'B']", "o", [A, B], ["o is https://a.example, https://b.example."]),
        ("const o = {a: {b: 'A'}}", "[o.a.b]", [A], ["o.a.b is https://a.example."]),
        ("const o = {a: 'A'}", "[o?.a]", [A], ["o.a is https://a.example."]),
        ("const o = {'a': 'B', ...{'a': 'A'}}", "[o.a]", [A], ["o.a is https://a.example."]),
        ("const a = 'A'; const o = {a}", "[o.a]", [A], ["a is https://a.example.", "o.a is https://a.example."]),
        ("const a = 'A'; const o = {f() { return 1 }, [x]: 1, a}", "[o.a]", [A], None),
        ("const h = 'a.example'", "[`https://${h}`]", [A], []),
        ("const opt = 'B'", r"[`\${opt:o, 'A'}`]", [A], None),
        ("const h = 'a', n = 1", "[`https://${ h }.example`]", [A], []),
        ("const o = ['A']", "[...o, 'B']", [A, B], ["o is https://a.example."]),
        ("const o = [\n'A'\n] as\nconst\nfunction f() {}", "[...o]", [A], None),
        ("const o =\n'A'\n  + ''\ntype T = 1", "[o]", [A], None),
    ],
)
def test_a_constant_of_the_same_file(before, value, expected, notes):
    found = origins(value, before)
    assert found[0] == expected
    assert notes is None or found[1] == notes


@pytest.mark.parametrize(
    ("value", "shown", "before"),
    [
        ("[o]", "o", ""),
        ("[o.a]", "o.a", "const o = {b: 'A'}"),
        ("[o.a.b]", "o.a.b", "const o = {a: 'A'}"),
        ("[o]", "o", "const o = 'A'; const o = 'B'"),
        ("[o]", "o", "const o = p; const p = o"),
        ("[o]", "o", "const o; const p = 'A'"),
        ("[o]", "o", "const o: string; let p = 'A'"),
        ("[f('A')]", "f", ""),
        ("[a.f('A').b]", "a.f", ""),
        ("[o[0]]", "o", "const o = ['A']"),
        ("[`https://${f()}`]", "https://${f()}", ""),
        ("[`https://${o}`]", "https://${o}", ""),
        ("[`https://${o}`]", "https://${o}", "const o = true"),
        ("[`https://${o}`]", "https://${o}", "const o = ['A']"),
        ("['A' + o]", "'https://a.example' + o", ""),
        ("['A' - 'B']", "'https://a.example' - 'https://b.example'", ""),
        ("[a ? 'A' : 'B']", "a ? 'https://a.example' : 'https://b.example'", ""),
        ("[!o]", "!o", ""),
        ("[-'A']", "- 'https://a.example'", ""),
        ("[typeof o]", "typeof o", ""),
        ("a ? ['A'] : ['B']", "a ? ['https://a.example'] : ['https://b.example']", ""),
        ("[...f()]", "f", ""),
        ("[('A', 'B')]", "('https://a.example', 'https://b.example')", ""),
    ],
)
def test_what_only_running_it_shows_is_refused_as_it_is_written(value, shown, before):
    with pytest.raises(FormatError) as caught:
        origins(value, before)
    assert caught.value.field == "allowedOrigins"
    assert shown in str(caught.value)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("60", 60), ("0x3c", 60), ("0X3C", 60), ("6e1", 60), ("60.0", 60), ("3_600", 3600), ("60 * 60", 3600),
        ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("120 / 2", 60), ("90 - 30", 60), ("90 - 20 - 10", 60), ("-1", -1),
        ("1.5 * 2", 3), ("n", 60), ("n * 2", 120), ("o.n + 1", 61), ("-n", -60), ("3 as number", 3),
    ],
)  # fmt: skip
def test_seconds_are_worked_out(value, seconds):
    (api,) = read_apis(service(f"{{ maxAge: {value} }}", "const n = 60; const o = {n: 60}"))[1]
    assert api.policy.max_age == seconds


@pytest.mark.parametrize("value", ["1 / 0", "1.5", "1e13 * 1e13", "n", "'a' * 2", "true * 2", "60 * n", "1e400", "--1"])
def test_what_are_no_seconds_is_refused(value):
    with pytest.raises(FormatError) as caught:
        read_apis(service(f"{{ maxAge: {value} }}"))
    assert caught.value.field == "maxAge"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import type { AWS } from '@serverless/typescript';", ""),
        ("const x = { provider: 1 };", " satisfies AWS;"),
        ("// { service: 's', provider: {} }\nconst y = [{a: 1}]", " as AWS"),
        ("const s = `{ ${ {a: '}'} } }`;", ";"),
        ("const s = '{ provider';", ";"),
        ("const f = g({ a: 1 }); h({ b: 2 })", ";"),
    ],
)
def test_the_service_is_found_among_other_code(before, after):
    assert origins("['A']", before, after)[0] == [A]


def test_a_key_that_is_written_twice_is_refused():
    with pytest.raises(FormatError) as caught:
        read_apis(service("{ allowedOrigins: ['A'], allowedOrigins: ['B'] }"))
    assert caught.value.field == "allowedOrigins"


@pytest.mark.parametrize("depth", [30, 60])
def test_nesting_has_an_end(depth):
    value = "[" * depth + "'A'" + "]" * depth
    with pytest.raises(FormatError):
        origins(value)
    nested = "(" * depth + "'A'" + ")" * depth
    if depth < 40:
        assert origins(f"[{nested}]")[0] == [A]
    else:
        with pytest.raises(FormatError):
            origins(f"[{nested}]")


def sst(arguments="", component="ApiGatewayV2"):
    """An SST configuration with one component."""
    return f'export default {{ run() {{ const api = new sst.aws.{component}("Web"{arguments}); }} }}'


DEFAULTS = {"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]}


@pytest.mark.parametrize(
    ("arguments", "cors"),
    [
        ("", DEFAULTS),
        (", {}", DEFAULTS),
        (", { cors: true }", DEFAULTS),
        (", { cors: {} }", DEFAULTS),
        (", { cors: undefined }", DEFAULTS),
        (", { cors: false }", None),
        (", { cors: { allowOrigins: ['https://a.example'] } }", DEFAULTS | {"AllowOrigins": [A]}),
        (", { cors: { allowMethods: ['GET'], allowHeaders: [] } }",
         DEFAULTS | {"AllowMethods": ["GET"], "AllowHeaders": []}),
        (", { cors: { maxAge: '1 second' } }", DEFAULTS | {"MaxAge": 1}),
        (", { cors: { maxAge: '2 minutes' } }", DEFAULTS | {"MaxAge": 120}),
        (", { cors: { maxAge: '1 hour' } }", DEFAULTS | {"MaxAge": 3600}),
        (", { cors: { maxAge: '1 day' } }", DEFAULTS | {"MaxAge": 86400}),
        (", { cors: { maxAge: '-1 seconds' } }", DEFAULTS | {"MaxAge": -1}),
        (", { transform: { route: {} } }", DEFAULTS),
    ],
)  # fmt: skip
def test_sst(arguments, cors):
    name, (api,) = read_apis(sst(arguments))
    assert (name, api.name, api.kind, api.policy.to_aws()) == ("sst", "Web", "http-api", cors)
    if arguments:
        url = arguments.replace(", {", ", { url: {", 1) + " }"
        if "transform" not in arguments:
            (api,) = read_apis(sst(url, "Function"))[1]
            assert (api.name, api.kind, api.policy.to_aws()) == ("Web", "function-url", cors)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (", options", None),
        (", { ...options }", "cors"),
        (", { cors: options }", "cors"),
        (", { cors: { ...options } }", "cors"),
        (", { cors: 'yes' }", "cors"),
        (", { cors: { maxAge: 60 } }", "maxAge"),
        (", { cors: { maxAge: '1 week' } }", "maxAge"),
        (", { cors: { maxAge: age } }", "maxAge"),
        (", { transform: { api: {} } }", "transform"),
        (", { transform: (args) => args }", "transform"),
        (", { transform: { ...more } }", "transform"),
    ],
)
def test_what_sst_alone_knows_is_refused(arguments, field):
    with pytest.raises(FormatError) as caught:
        read_apis(sst(arguments))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "text", [sst("", "Function"), sst(", { url: false }", "Function"), sst("", "Bucket"),
             sst(", { handler: 1 }", "Function"), 'new sst.aws.ApiGatewayV2("Web"']
)  # fmt: skip
def test_an_sst_configuration_without_an_api_is_refused(text):
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert "ApiGatewayV2" in str(caught.value)


CHANGES = [
    "{}.push('B')", "{}.unshift('B')", "{}.splice(0, 1)", "{}[0] = 'B'", "{} = ['B']", "{} += 'B'", "{} ??= ['B']",
    "if (x) {} = ['B']", "if (x) {{ {}.length = 0; }}", "Object.assign({}, ['B'])", "{} ||= []",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_constant_that_changes_is_unknown(change: str) -> None:
    for before, name in (("let o = ['A'];", "o"), ("const o = { list: ['A'] };", "o.list")):
        with pytest.raises(FormatError, match=f"“{name}” is worked out when it is deployed"):
            origins(name, f"{before}\n{change.format(name)};")


@pytest.mark.parametrize(
    "use",
    ["f(o)", "const p = o.map(x => x)", "const p = o", "if (o == null) f()", "if (o === 'B') f()", "x.o = ['B']",
     "x.o.push('B')", "const p = { o: ['B'] }", "o.concat('B')", "o[0]", "o.length > 1"],
)  # fmt: skip
def test_a_constant_that_is_only_used_keeps_its_value(use: str) -> None:
    assert origins("o", f"const o = ['A'];\n{use};") == ([A], ["o is https://a.example."])


@pytest.mark.parametrize(
    ("change", "is_read"),
    [
        ("s.provider.httpApi.cors.allowedOrigins.push('B')", False),
        ("s.provider.httpApi.cors = true", False),
        ("s.provider.httpApi = {}", False),
        ("s['provider'].httpApi = {}", False),
        ("s.provider = {}", False),
        ("Object.assign(s, {})", False),
        ("s.provider.environment.X = 'B'", True),
        ("s.functions = {}", True),
        ("f(s.provider)", True),
    ],
)
def test_a_service_that_changes(change: str, is_read: bool) -> None:
    text = (
        service("{ allowedOrigins: ['A'] }").replace("export default", "const s =") + f";\n{change};\nexport default s"
    )
    if is_read:
        assert read_apis(text)[1][0].policy.allow_origins == (A,)
        return
    with pytest.raises(FormatError, match="Paste what serverless print shows"):
        read_apis(text)


@pytest.mark.parametrize(
    "before",
    [
        "const o = ['A'];\nfunction f(o) { return o; }",
        "const o = ['A'];\nfunction f(x, o: string[]): Api { return o; }",
        "const o = ['A'];\nfunction f(o): Api { return o; }",
        "const o = ['A'];\nconst f = o => o;",
        "const o = ['A'];\nconst f = (a, o) => o;",
        "const o = ['A'];\nconst f = ({ o }) => o;",
        "const o = ['A'];\nclass C { make(o: string[]) { return o; } }",
        "function f() { const o = ['A']; return o; }",
        "const x = 1;\nif (x) { const o = ['A']; }",
        "for (const o of [['A']]) { const p = ['B']; }",
        "for (const o in x) { const p = ['B']; }",
        "const o = list;\nconst list = { a: ['A'] }[x] ?? ['B'];",
    ],
)
def test_a_name_of_another_scope_is_unknown(before: str) -> None:
    with pytest.raises(FormatError, match="“o” is worked out when it is deployed"):
        origins("o", before)


def test_a_key_over_those_of_another_object_is_not_there_twice() -> None:
    base = "const base = { allowedOrigins: ['A'], maxAge: 5 };"
    (found,) = read_apis(service("{ ...base, allowedOrigins: ['B'] }", base))[1]
    assert (found.policy.allow_origins, found.policy.max_age) == ((B,), 5)
    (found,) = read_apis(service("{ allowedOrigins: ['B'], ...base }", base))[1]
    assert (found.policy.allow_origins, found.policy.max_age) == ((A,), 5)
    with pytest.raises(FormatError, match="is there twice"):
        read_apis(service("{ allowedOrigins: ['A'], allowedOrigins: ['B'] }"))


def test_a_member_of_a_constant_by_an_unknown_name_has_no_default() -> None:
    with pytest.raises(FormatError, match="worked out when it is deployed"):
        origins("list[stage] ?? list.dev", "const list = { prod: ['A'], dev: ['B'] };")
    assert origins("process.env.O ?? list.dev", "const list = { prod: ['A'], dev: ['B'] };")[0] == [B]


@pytest.mark.parametrize("condition", ["if (o) { f(); }", "while (o) { f(); }", "const p = x ? f(o) : y;"])
def test_a_constant_in_a_condition_is_no_parameter(condition: str) -> None:
    assert origins("o", f"const o = ['A'];\n{condition}")[0] == [A]


def test_constants_of_the_same_block() -> None:
    text = (
        "export default $config({ app(input) { return {}; }, async run() {\n"
        f"  const o = ['{A}'];\n"
        "  if (x) { new sst.aws.ApiGatewayV2('W', { cors: { allowOrigins: o } }); }\n} });"
    )
    assert read_apis(text)[1][0].policy.allow_origins == (A,)
    loop = f"for (const o of ['{A}']) {{\n  new sst.aws.ApiGatewayV2('W', {{ cors: {{ allowOrigins: [o] }} }});\n}}"
    with pytest.raises(FormatError, match="“o” is worked out"):
        read_apis(loop)
