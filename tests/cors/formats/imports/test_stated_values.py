"""Values that a document states elsewhere, with each tool's own means; what only the tool knows is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis

A, B = "https://a.example", "https://b.example"


def origins(text: str) -> Any:
    """The origins of the one API of a document."""
    (api,) = read_apis(text)[1]
    return (api.policy.to_aws() or {}).get("AllowOrigins")


def service(value: str, rest: str = "") -> str:
    """A serverless.yml whose origins are a value."""
    return (
        f"service: s\n{rest}\nprovider:\n  name: aws\n  httpApi:\n    cors:\n      allowedOrigins:\n        - {value}\n"
    )


CUSTOM = f"custom:\n  origin: {A}\n  host: a.example\n  stages:\n    dev: {A}\n    prod: {B}\n"
CUSTOM += f"  list:\n    - {A}\n    - {B}\n"


@pytest.mark.parametrize(
    "value",
    [
        "${self:custom.origin}",
        "'${self:custom.origin}'",
        "https://${self:custom.host}",
        "${self:custom.list.0}",
        "${self:custom.stages.${sls:stage}}",
        "${self:custom.stages.${self:provider.stage}}",
        "${self:custom.stages.${opt:stage, 'dev'}}",
        "${self:custom.missing, self:custom.origin}",
        "${opt:origin, self:custom.origin}",
        f"${{env:ORIGIN, '{A}'}}",
        f'${{env:ORIGIN, "{A}"}}',
        f"${{self:custom.missing, env:X, '{A}'}}",
    ],
)
def test_serverless(value: str) -> None:
    assert origins(service(value, CUSTOM)) == [A]


def test_serverless_params_lists_and_escapes() -> None:
    params = f"params:\n  default:\n    origin: {A}\n"
    assert origins(service("${param:origin}", params)) == [A]
    stages = f"stages:\n  default:\n    params:\n      origin: {A}\n"
    assert origins(service("${param:origin}", stages)) == [A]
    whole = service("X", CUSTOM).replace("\n        - X", " ${self:custom.list}")
    assert origins(whole) == [A, B]


@pytest.mark.parametrize(
    "value",
    ["${ssm:/origin}", "${env:ORIGIN}", "${opt:origin}", "${file(x.yml):origin}", "${self:custom.missing}",
     "${cf:stack.Out}", "${self:custom.loop}", "${param:x}", "${self:custom.origin", "${self:custom.stages}"],
)  # fmt: skip
def test_what_serverless_alone_knows_is_refused(value: str) -> None:
    loop = CUSTOM + "  loop: ${self:custom.loop}\n"
    with pytest.raises(FormatError):
        origins(service(f"'{value}'" if "'" not in value else value, loop))


def template(value: str, rest: str = "") -> str:
    """A template whose first origin is a value."""
    return (
        f"{rest}\nResources:\n  Api:\n    Type: AWS::ApiGatewayV2::Api\n    Properties:\n      ProtocolType: HTTP\n"
        f"      CorsConfiguration:\n        AllowOrigins:\n          - {value}\n"
    )


STATED = f"""Parameters:
  Origin:
    Type: String
    Default: {A}
  Host:
    Type: String
    Default: a.example
  Empty:
    Type: String
  Both:
    Type: CommaDelimitedList
    Default: {A},{B}
Mappings:
  Stages:
    dev:
      origin: {A}
Conditions:
  IsA: !Equals [a, a]
  IsB: !Equals [a, b]
  Neither: !Not [!Condition IsA]
  Both: !And [!Condition IsA, !Condition IsB]
  One: !Or [!Condition IsA, !Condition IsB]
"""


@pytest.mark.parametrize(
    "value",
    [
        "!Ref Origin", "{Ref: Origin}", '!Sub "https://${Host}"', '!Sub ["https://${H}", {H: a.example}]',
        '!Join ["", ["https://", a.example]]', "!FindInMap [Stages, dev, origin]", f'!Select [0, ["{A}", "{B}"]]',
        f'!Select [0, !Split [",", "{A},{B}"]]', f"!If [IsA, {A}, {B}]", f"!If [IsB, {B}, {A}]",
        f"!If [Neither, {B}, {A}]", f"!If [Both, {B}, {A}]", f"!If [One, {A}, {B}]",
        '{"Fn::Sub": "https://${Host}"}', '{"Fn::Join": ["", ["https://", "a.example"]]}', "!Select [0, !Ref Both]",
    ],
)  # fmt: skip
def test_cloudformation(value: str) -> None:
    assert origins(template(value, STATED)) == [A]


@pytest.mark.parametrize(
    "value",
    ["!Ref Empty", "!Ref Missing", "!GetAtt Web.Url", "!ImportValue web", '!Sub "https://${Web.Url}"',
     "!FindInMap [Stages, prod, origin]", "!If [Unknown, a, b]", "'{{resolve:ssm:/origin}}'", '!Select [5, ["a"]]'],
)  # fmt: skip
def test_what_cloudformation_alone_knows_is_refused(value: str) -> None:
    with pytest.raises(FormatError):
        origins(template(value, STATED))


def program(value: Any, **rest: Any) -> str:
    """A Pulumi program whose origins are a value."""
    properties = {"protocolType": "HTTP", "corsConfiguration": {"allowOrigins": value}}
    resources = {"api": {"type": "aws:apigatewayv2:Api", "properties": properties}}
    return json.dumps({"name": "p", "runtime": "yaml", "resources": resources} | rest)


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        (["${origin}"], {"variables": {"origin": A}}),
        (["${origin}"], {"config": {"origin": {"type": "string", "default": A}}}),
        (["${origin}"], {"config": {"origin": {"value": A}}}),
        (["${origin}"], {"configuration": {"origin": {"default": A}}}),
        (["https://${host}"], {"variables": {"host": "a.example"}}),
        ("${all}", {"variables": {"all": [A]}}),
        ({"fn::split": [",", A]}, {}),
        ([{"fn::join": ["", ["https://", "a.example"]]}], {}),
    ],
)
def test_pulumi(value: Any, rest: dict[str, Any]) -> None:
    assert origins(program(value, **rest)) == [A]


@pytest.mark.parametrize("value", ["${origin}", "${web.url}", {"fn::invoke": {}}, "https://${web.url}"])
def test_what_pulumi_alone_knows_is_refused(value: Any) -> None:
    with pytest.raises(FormatError):
        origins(program([value], config={"origin": {"type": "string"}}))


def test_a_dollar_of_pulumi_is_written_twice() -> None:
    assert origins(program(["https://a$$b.example"])) == ["https://a$b.example"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("yes", True), ("On", True), ("false", False), ("no", False), ("OFF", False), ("'true'", True)],
)
def test_words_for_a_boolean(value: str, expected: bool) -> None:
    text = template(f"{A}\n        AllowCredentials: {value}")
    assert read_apis(text)[1][0].policy.allow_credentials is expected


@pytest.mark.parametrize(("value", "seconds"), [("60", 60), ("'60'", 60), ("-1", -1), ("+60", 60)])
def test_seconds(value: str, seconds: int) -> None:
    assert read_apis(template(f"{A}\n        MaxAge: {value}"))[1][0].policy.max_age == seconds


@pytest.mark.parametrize("value", ["x", "60.5", "true", "1000000000", "[]", "[1]"])
def test_what_are_no_seconds_is_refused(value: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(template(f"{A}\n        MaxAge: {value}"))
    assert caught.value.field == "MaxAge"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("allowOrigins", "AllowOrigins"), ("allow_origins", "AllowOrigins"), ("CorsRules", "S3"),
        ("MaxAgeSeconds", "S3"), ("AllowedOrigins", "S3"), ("AccessControlAllowOrigins", "CloudFront"),
        ("AccessControlAllowHeaders", "CloudFront"), ("AccessControlAllowMethods", "CloudFront"), ("Other", "Other"),
    ],
)  # fmt: skip
def test_an_unknown_key_says_whose_it_is(key: str, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(template(f"{A}\n        {key}: x"))
    assert caught.value.field == key and words in str(caught.value)


@pytest.mark.parametrize("value", ["null", "[a]", "{a: b}", '"\\0"'])
def test_an_entry_is_a_text(value: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(template(value))
    assert caught.value.field == "AllowOrigins"
