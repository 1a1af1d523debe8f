"""Any text ends in a policy or in FormatError, soon and without using the machine up."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.formats import FORMATS, ExportContext, FormatError, detect_and_parse, read_list
from apis.cors.policy import CorsPolicy
from tests.cors.formats.policies import POLICIES

PARSERS = [form.parse for form in FORMATS.values() if form.parse]
WORDS = r"""{ } [ ] ( ) " ' ` , : = \ - # & * ! ? | > << ${ %{ // /* */ null true 1e9 -1 aws --cors-configuration
AllowOrigins AllowOrigins= MaxAge= CorsConfiguration: Resources: Type: resource cors_configuration allow_origins
provider: cors: allowedOrigins: httpApi: id: resources: extensions: HttpApi: functions: events: DefinitionBody:
x-amazon-apigateway-cors: openapi:"""
PIECES = st.sampled_from([*WORDS.split(), "\n", "\t", " ", "\0", "\ufeff", "\ud800", "\U0001f600"])


def all_end_well(text):
    for parse in (*PARSERS, detect_and_parse):
        with contextlib.suppress(FormatError):
            parse(text)
    read_list(text)


@given(st.text(st.characters(), max_size=60))
def test_any_text(text):
    all_end_well(text)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_heap_of_the_formats_own_pieces(text):
    all_end_well(text)


@given(st.binary(max_size=60))
def test_any_bytes(data):
    all_end_well(data.decode(errors="surrogateescape"))
    all_end_well(data.decode("latin-1"))


@given(POLICIES, st.sampled_from(list(FORMATS)), st.data())
def test_any_export_with_a_piece_cut_out_or_put_in(policy, name, data):
    text = FORMATS[name].export(policy, ExportContext())
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    all_end_well(text[:start] + data.draw(PIECES) + text[end:])


BOMBS = {
    "too long": "a" * 300_000,
    "deep JSON": "[" * 33_000,
    "deep objects": '{"a":' * 13_000,
    "deep YAML": "CorsConfiguration:\n- " + "- " * 16_000,
    "deep flow": "a: " + "{a: " * 16_000,
    "aliases that double": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "merges that double": "a0: &a0 {k: v}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: v}}\n" for n in range(1, 3000)),
    "an alias of itself": "a: &a [*a]",
    "many values": "[" + "1," * 40_000 + "1]",
    "deep Terraform": "allow_origins = " + "[" * 5_000 + "]" * 5_000,
    "deep blocks": "cors_configuration {\n" * 2_500 + "}\n" * 2_500,
    "long sum": "max_age = 1" + "+1" * 10_000,
    "functions that share their routes": "cors: true\nx: &e ["
    + "{httpApi: GET}," * 2_000
    + "]\nfunctions:\n"
    + "".join(f" f{n}: {{events: *e}}\n" for n in range(2_000)),
    "resources that share their CORS": "service: x\nx: &c {AllowOrigins: ["
    + "a," * 10_000
    + "]}\nresources:\n"
    + " - {Resources: {HttpApi: {Properties: {CorsConfiguration: *c}}}}\n" * 2_500,
    "resources in many lists": "service: x\nx: &r {" + ",".join(f"r{n}: {{Type: a}}" for n in range(2_000)) + "}\n"
    "resources:\n" + " - {Resources: *r}\n" * 2_000,
    "backslashes": "cors: {allowedOrigins: ['" + "\\" * 66_000 + "']}",
    "carets": "aws " + "^\n" * 26_000,
    "quotes": "AllowOrigins=" + "\"'" * 33_000,
    "commas": "AllowOrigins=" + "a," * 33_000,
    "equals": "AllowOrigins=" + "a=,b=" * 13_000,
    "blanks": " " * 66_000 + "x",
    "empty lines": "\n" * 66_000 + "x",
    "fences": "```" * 26_000,
    "dollars": 'cors_configuration { allow_origins = ["' + "$" * 20_000 + '"] }',
    "braces": 'cors_configuration { allow_origins = ["' + "${" * 10_000 + '"] }',
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_text_made_to_hurt_is_refused_or_read_at_once(kind):
    text = BOMBS[kind]
    for parse in (*PARSERS, detect_and_parse, read_list):
        with contextlib.suppress(FormatError):
            parse(text)


def test_the_policy_of_a_long_list_is_read():
    origins = tuple(f"https://{n}.example.com" for n in range(2_000))
    policy = CorsPolicy(allow_origins=origins)
    for form in FORMATS.values():
        if form.parse:
            assert form.parse(form.export(policy, ExportContext())) == policy
