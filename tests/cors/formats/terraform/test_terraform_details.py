"""Numbers, depths, types and the other details of Terraform's values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.formats.terraform.hcl import read_hcl
from tests.cors.formats.refusals import refusal

A = "https://a.example"
API = f"""resource "aws_apigatewayv2_api" "a" {{
  name          = "a"
  protocol_type = "HTTP"
  cors_configuration {{
    allow_origins = ["{A}"]
    max_age       = AGE
  }}
}}
"""
BODY = "may set CORS. Paste the OpenAPI document that it stands for."
DEEP = "This is nested too deeply. Paste only the part about the API."
OBJECT = "object({origins = string, age = optional(number, 300)})"


def age(value: str) -> Any:
    _, [found] = read_apis(API.replace("AGE", value))
    return (found.policy.to_aws() or {})["MaxAge"]


@pytest.mark.parametrize(
    "value",
    ["300", "300.0", "3e2", "3E2", "0.3e3", "3e+2", "3000e-1", "6*50", "600.5-300.5", '"300"', "true ? 300 : 5"],
)
def test_numbers(value: str) -> None:
    assert age(value) == 300


@pytest.mark.parametrize("value", ["1.5", "1e400", "9" * 18, "9" * 19, "9" * 20, "9" * 25, "9" * 500, '"5s"'])
def test_numbers_that_are_no_seconds(value: str) -> None:
    error = refusal(API.replace("AGE", value))
    assert (error.field, error.line, error.message) == ("max_age", 6, "must be a whole number of seconds.")


def test_signs_may_be_nested_to_a_limit() -> None:
    assert age("-" * 28 + "300") == 300
    assert age("-" * 27 + "300") == -300
    error = refusal(API.replace("AGE", "-" * 29 + "300"))
    assert (error.message, error.line) == (DEEP, 6)


@pytest.mark.parametrize("signs", ["()", "[]"])
def test_brackets_may_be_nested_to_a_limit(signs: str) -> None:
    text = "a = \n b {}\n"
    read_hcl(text.replace("= ", f"= {signs[0] * 10}1{signs[1] * 10}"))
    with pytest.raises(FormatError, match="nested too deeply"):
        read_hcl(text.replace("= ", f"= {signs[0] * 20}1{signs[1] * 20}"))


def test_blocks_may_be_nested_to_a_limit() -> None:
    read_hcl("b {\n" * 32 + "}\n" * 32)
    with pytest.raises(FormatError, match="nested too deeply"):
        read_hcl("b {\n" * 33 + "}\n" * 33)


def test_what_is_behind_a_nested_part_is_not_nested() -> None:
    members = "".join(f"  m{number} = ((1))\n  n{number} = [-1]\n" for number in range(40))
    assert age(f"300\n  }}\n}}\nlocals {{\n{members}\n}}\nlocals {{\n x {{\n") == 300


@pytest.mark.parametrize("text", ["a = [for x in y : x ifx]", "a = [for x of y : x]", "a = {for x in y : x}"])
def test_loops_that_are_none(text: str) -> None:
    with pytest.raises(FormatError):
        read_hcl(text)


@pytest.mark.parametrize(
    ("kind", "default", "use"),
    [
        (f"map({OBJECT})", '{x = {origins = "a"}}', 'var.v["x"].age'),
        (f"list({OBJECT})", '[{origins = "a"}]', "var.v[0].age"),
        (f"set({OBJECT})", '[{origins = "a"}]', "[for x in var.v : x.age][0]"),
        (f"map(list({OBJECT}))", '{x = [{origins = "a"}]}', "var.v.x[0].age"),
        (f'object({{a = optional({OBJECT}, {{origins = "a"}})}})', "{}", "var.v.a.age"),
        (f"object({{a = {OBJECT}}})", '{a = {origins = "a"}}', "var.v.a.age"),
        ("object({a = optional(number, 5)})", "{a = 300}", "var.v.a"),
        (f"tuple([string, {OBJECT}])", '["x", {origins = "a"}]', "var.v[1].age"),
        (f"tuple([{OBJECT}])", '[{origins = "a"}, 300]', "var.v[1]"),
        (f"tuple([{OBJECT}, number])", '[{origins = "a"}]', "var.v[0].age"),
        (f'object({{a = optional(tuple([{OBJECT}]), [{{origins = "a"}}])}})', "{}", "var.v.a[0].age"),
    ],
)
def test_optional_members_in_every_type(kind: str, default: str, use: str) -> None:
    variable = f'variable "v" {{\n  type    = {kind}\n  default = {default}\n}}\n'
    _, [found] = read_apis(variable + API.replace("AGE", use))
    assert found.policy.to_aws() == {"AllowOrigins": [A], "MaxAge": 300}


def test_an_optional_member_without_a_default_is_null() -> None:
    variable = 'variable "v" {\n  type    = object({a = KIND})\n  default = {}\n}\n'
    text = variable + API.replace("AGE", "var.v.a")
    _, [found] = read_apis(text.replace("KIND", "optional(number)"))
    assert found.policy.to_aws() == {"AllowOrigins": [A]}
    assert "there is no “a” in it" in str(refusal(text.replace("KIND", "number")))


@pytest.mark.parametrize("body", ["5", "{a = 1}", 'file("x.json")', "aws_s3_object.a.body"])
def test_a_body_that_is_no_text(body: str) -> None:
    block = f'resource "aws_apigatewayv2_api" "a" {{\n  name = "a"\n  protocol_type = "HTTP"\n  body = {body}\n}}\n'
    error = refusal(block)
    assert (error.field, error.line, error.message) == ("body", 4, BODY)


def in_json(**given: Any) -> str:
    api = {"name": "a", "protocol_type": "HTTP", **given}
    return json.dumps({"resource": {"aws_apigatewayv2_api": {"a": api}}})


def test_terraforms_json_takes_notes_and_single_texts() -> None:
    cors = {"allow_origins": A, "max_age": 5, "//": "a note"}
    for given in (cors, [cors], {**cors, "max_age": "${2 + 3}"}):
        _, [found] = read_apis(in_json(cors_configuration=given))
        assert found.policy.to_aws() == {"AllowOrigins": [A], "MaxAge": 5}


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"cors_configuration": {"allow_origins": ["${var.x}"]}}, "allow_origins", "“${var.x}” is worked out when"),
        ({"cors_configuration": {"allow_origins": ["%{ if a }a%{ endif }"]}}, "allow_origins", "a template directive"),
        ({"cors_configuration": {"allow_origins": [5]}}, "allow_origins", "must be a list of texts."),
        ({"body": "${local.x}"}, "body", BODY),
        ({"body": {"a": 1}}, "body", BODY),
    ],
)
def test_terraforms_json_names_the_field(given: dict[str, Any], field: str, message: str) -> None:
    error = refusal(in_json(**given))
    assert error.field == field
    assert message in str(error)


def test_a_text_for_a_block_of_terraforms_json_is_not_off() -> None:
    text = in_json(cors_configuration="${local.cors}")
    assert "this text does not define local.cors" in str(refusal(text))
    known = {**json.loads(text), "locals": {"cors": {"allow_origins": [A]}}}
    _, [found] = read_apis(json.dumps(known))
    assert found.policy.to_aws() == {"AllowOrigins": [A]}


def state(*keys: Any, mode: str = "managed", cors: Any = None, **given: Any) -> str:
    stated = [{"allow_origins": [A], "max_age": None}] if cors is None else cors
    attributes = {"name": "a", "protocol_type": "HTTP", "cors_configuration": stated, **given}
    instances = [{"attributes": attributes} | ({"index_key": key} if key is not None else {}) for key in keys]
    resource = {"type": "aws_apigatewayv2_api", "name": "a", "mode": mode, "instances": instances}
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "resources": [resource]})


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ((None,), [""]),
        (("x",), ['["x"]']),
        ((0, 1), ["[0]", "[1]"]),
        ((None, None), ["", "[1]"]),
    ],
)
def test_the_instances_of_a_state(keys: tuple[Any, ...], names: list[str]) -> None:
    _, found = read_apis(state(*keys))
    assert [one.name for one in found] == [f"aws_apigatewayv2_api.a{name}" for name in names]
    assert all(one.policy.to_aws() == {"AllowOrigins": [A]} for one in found)


def test_what_a_state_has_instead_of_an_api() -> None:
    message = "There is no aws_apigatewayv2_api in this plan or state."
    assert str(refusal(state(None, mode="data"))) == message
    assert str(refusal(state(None, protocol_type="WEBSOCKET"))) == message
    _, [found] = read_apis(state(None, cors=[]))
    assert found.policy.to_aws() is None
    error = refusal(state(None, cors=[5]))
    assert (error.field, error.message) == ("aws_apigatewayv2_api.a", "must be an object with the six fields.")
    long = refusal(state("k" * 300, cors=[5]))
    assert long.field == f'aws_apigatewayv2_api.a["{"k" * 300}'[:64]


@pytest.mark.parametrize(
    ("escape", "text"),
    [("\\u0061", "a"), ("\\U00000061", "a"), ("\\U0010FFFF", "\U0010ffff"), ("\\uE000", "\ue000"), ("\\t", "\t")],
)
def test_escapes_that_are_characters(escape: str, text: str) -> None:
    assert read_hcl(f'a = "{escape}"').attributes["a"].parts == (text,)


@pytest.mark.parametrize(
    ("escape", "message"),
    [
        ("\\U00110000", "“\\U00110000” is no character."),
        ("\\uD800", "“\\uD800” is no character."),
        ("\\uDFFF", "“\\uDFFF” is no character."),
        ("\\q", "“\\q” is no escape that Terraform knows."),
        ("\\u12", "“\\u” is no escape that Terraform knows."),
    ],
)
def test_escapes_that_are_none(escape: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_hcl(f'\na = "{escape}"')
    assert (caught.value.message, caught.value.line) == (message, 2)


@pytest.mark.parametrize("kind", ["object({age = number})", "any", "map(number)", "map(any)", "tuple([])"])
def test_a_variable_of_another_type_has_its_value(kind: str) -> None:
    variable = f'variable "v" {{\n  type    = {kind}\n  default = {{ age = 300 }}\n}}\n'
    assert age(f"var.v.age\n  }}\n}}\n{variable}locals {{\n x {{\n") == 300


@pytest.mark.parametrize("depth", [0, 1, 4, 8])
def test_optional_members_of_nested_lists(depth: int) -> None:
    kind, default = f"{'list(' * depth}{OBJECT}{')' * depth}", f'{"[" * depth}{{origins = "a"}}{"]" * depth}'
    variable = f'variable "v" {{\n  type    = {kind}\n  default = {default}\n}}\n'
    _, [found] = read_apis(variable + API.replace("AGE", f"var.v{'[0]' * depth}.age"))
    assert found.policy.to_aws() == {"AllowOrigins": [A], "MaxAge": 300}


def test_a_function_url_in_terraforms_json() -> None:
    cors = {"allow_origins": [A], "max_age": 5}
    for given in (cors, [cors]):
        url = {"function_name": "f", "authorization_type": "NONE", "cors": given}
        _, [found] = read_apis(json.dumps({"resource": {"aws_lambda_function_url": {"u": url}}}))
        assert (found.name, found.kind) == ("aws_lambda_function_url.u", "function-url")
        assert found.policy.to_aws() == {"AllowOrigins": [A], "MaxAge": 5}


MODULE = 'module "m" {\n  source = "SOURCE"\n  VALUES\n}\n'


@pytest.mark.parametrize("source", ["terraform-aws-modules/lambda/aws", "./function"])
def test_a_module_that_makes_a_function_url(source: str) -> None:
    values = f'create_lambda_function_url = FLAG\n  cors = {{ allow_origins = ["{A}"] }}'
    text = MODULE.replace("SOURCE", source).replace("VALUES", values)
    _, [found] = read_apis(text.replace("FLAG", "true"))
    assert (found.name, found.kind, found.policy.to_aws()) == ("m", "function-url", {"AllowOrigins": [A]})
    refusal(text.replace("FLAG", "false"))


@pytest.mark.parametrize("word", ["s3", "bucket", "cloudfront", "appsync", "function"])
def test_a_module_of_another_service(word: str) -> None:
    text = MODULE.replace("VALUES", "cors_configuration = var.cors")
    refusal(text.replace("SOURCE", f"./{word}"))
    assert "does not define var.cors" in str(refusal(text.replace("SOURCE", "./api")))
    known = MODULE.replace("VALUES", f'cors_configuration = {{ allow_origins = ["{A}"] }}').replace("SOURCE", word)
    _, [found] = read_apis(known)
    assert (found.name, found.kind, found.policy.to_aws()) == ("m", "http-api", {"AllowOrigins": [A]})
