"""Serverless's variables: the value that the file itself states, or why there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis

A, B = "https://a.example", "https://b.example"
CUSTOM = {
    "origin": A, "host": "a.example", "list": [A, B], "stages": {"dev": A, "prod": B}, "age": 60, "yes": True,
    "key": "dev", "deep": {"x": {"y": A}}, "through": "${self:custom.deep}", "loop": "${self:custom.pool}",
    "pool": "${self:custom.loop}", "env": "${env:O}", "objects": [{"o": A}],
}  # fmt: skip


def policy(value: Any, key: str = "allowedOrigins", rest: Any = None) -> Any:
    """The policy of a service with one value of CORS."""
    cors = {"allowedOrigins": [A], "allowedHeaders": [], "allowedMethods": []} | {key: value}
    service = {"service": "s", "custom": CUSTOM, "provider": {"name": "aws", "httpApi": {"cors": cors}}}
    (api,) = read_apis(json.dumps(service | (rest or {})))[1]
    return api.policy


@pytest.mark.parametrize(
    "value",
    [
        "${self:custom.deep.x.y}",
        "${self:custom.through.x.y}",
        "${self:custom.list.0}",
        "${self:custom.objects.0.o}",
        "${self:custom.list.9, self:custom.origin}",
        "${self:custom.list.x, self:custom.origin}",
        "${self:custom.stages.${self:custom.key}}",
        "${self:custom.stages.${sls:stage}}",
        "${self:custom.stages.${self:provider.stage}}",
        "${self:custom.stages.${opt:stage, self:provider.stage, 'prod'}}",
        "https://${self:custom.host}",
        "${self:custom.none, null, self:custom.origin}",
        "${opt:a, env:b, self:custom.origin}",
        "${param:x, self:custom.origin}",
        f"${{opt:x, '{A}'}}",
        f'${{opt:x, "{A}"}}',
        f"${{ opt:x , '{A}' }}",
        "${opt:x, '${self:custom.origin}'}",
    ],
)
def test_a_value_of_the_file(value: str) -> None:
    assert policy([value]).allow_origins == (A,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\\${b}", "a${b}"),
        ("\\\\${self:custom.host}", "\\a.example"),
        ("\\\\\\${x}", "\\${x}"),
        ("a\\b", "a\\b"),
        ("${self:custom.host}}", "a.example}"),
        ("{${self:custom.host}", "{a.example"),
        ("${self:custom.host}/${self:custom.key}", "a.example/dev"),
        ("x${self:custom.age}", "x60"),
        ("x${opt:n, 5}", "x5"),
        ("${opt:x, 'a,b'}", "a,b"),
        ('${opt:x, "it\'s"}', "it's"),
        ("${opt:x, '(a}'}", None),
        ("${self:provider.region}", "us-east-1"),
        ("${self:provider.stage}", "dev"),
    ],
)
def test_a_text_with_variables(value: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(FormatError):
            policy([value])
    else:
        assert policy([value]).allow_origins == (text,)


def test_a_value_keeps_its_type() -> None:
    assert policy("${self:custom.list}").allow_origins == (A, B)
    assert policy("${self:custom.age}", "maxAge").max_age == 60
    assert policy("${opt:age, 60}", "maxAge").max_age == 60
    assert policy("${self:custom.yes}", "allowCredentials").allow_credentials is True
    assert policy("${opt:x, true}", "allowCredentials").allow_credentials is True


def test_the_stage_is_that_of_the_provider() -> None:
    cors = {"allowedOrigins": ["${self:custom.stages.${sls:stage}}"]}
    provider = {"name": "aws", "stage": "prod", "region": "eu-west-1", "httpApi": {"cors": cors}}
    service = {"service": "s", "custom": CUSTOM, "provider": provider}
    assert read_apis(json.dumps(service))[1][0].policy.allow_origins == (B,)
    cors["allowedOrigins"] = ["https://${self:provider.region}"]
    assert read_apis(json.dumps(service))[1][0].policy.allow_origins == ("https://eu-west-1",)


def test_parameters_of_either_form() -> None:
    old, new = {"params": {"default": {"o": A}}}, {"stages": {"default": {"params": {"o": B}}}}
    assert policy(["${param:o}"], rest=old).allow_origins == (A,)
    assert policy(["${param:o}"], rest=new).allow_origins == (B,)
    assert policy(["${param:o}"], rest=old | new).allow_origins == (B,)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("${env:O}", "env:O has no value here"),
        ("${opt:a, env:b}", "opt:a has no value here"),
        ("${self:custom.missing}", "self:custom.missing has no value here"),
        ("${self:custom.env}", "env:O has no value here"),
        ("${self:custom.env.x}", "env:O has no value here"),
        ("${param:o}", "param:o has no value here"),
        ("${ssm:/o}", "ssm:/o is not in this file"),
        ("${file(x.yml):o, 'a'}", "file(x.yml):o is not in this file"),
        ("${self:}", "self: is not in this file"),
        ("${self:custom.loop}", "self:custom.loop refers to itself"),
        ("${self:custom.list.${self:custom.list}}", "self:custom.list.${self:custom.list}"),
        ("${null}", "null has no value here"),
    ],
)
def test_what_is_not_stated_says_why(value: str, why: str) -> None:
    with pytest.raises(FormatError) as caught:
        policy([value])
    message = f"“{value[:80]}” is worked out when it is deployed: {why}. Write its value in its place."
    assert (caught.value.field, caught.value.message) == ("allowedOrigins", message)


@pytest.mark.parametrize(
    "value",
    ["${self:custom.host", "x${self:custom.list}", "x${self:custom.yes}", "x${self:custom.stages}",
     "${" * 30 + "x" + "}" * 30, "x${self:custom.long}${self:custom.long}"],
)  # fmt: skip
def test_what_is_no_text_is_refused(value: str) -> None:
    rest = {"custom": CUSTOM | {"long": "a" * 12_000}}
    with pytest.raises(FormatError) as caught:
        policy([value], rest=rest)
    assert (caught.value.field, "is worked out when" in caught.value.message) == ("allowedOrigins", True)
