"""Pulumi's YAML: what a program states of its own variables and configuration, and what only Pulumi knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FORMATS, FormatError, read_apis
from apis.cors.policy import CorsPolicy

A, B = "https://a.example", "https://b.example"
API = "aws:apigatewayv2:Api"


def program(value: Any, key: str = "allowOrigins", **rest: Any) -> dict[str, Any]:
    """A program whose API has one field of CORS."""
    api = {"type": API, "properties": {"corsConfiguration": {key: value}}}
    return {"name": "p", "runtime": "yaml", "resources": {"api": api}} | rest


def read(document: Any) -> Any:
    """The one API of a program."""
    name, (api,) = read_apis(json.dumps(document))
    assert name == "pulumi-yaml"
    return api


@pytest.mark.parametrize(
    ("value", "rest", "origins"),
    [
        (["$$"], {}, ["$"]),
        (["a$b", "$"], {}, ["a$b", "$"]),
        (["$${x}"], {}, ["${x}"]),
        (["https://$$${h}"], {"variables": {"h": "a"}}, ["https://$a"]),
        (["https://${h}.${h}"], {"variables": {"h": "a"}}, ["https://a.a"]),
        (["${a}"], {"variables": {"a": "${b}", "b": A}}, [A]),
        (["${a}"], {"variables": {"a": A}, "config": {"a": {"default": B}}}, [A]),
        (["${a}"], {"config": {"a": A}}, [A]),
        (["${a}"], {"config": {"a": {"default": A, "value": B}}}, [A]),
        ({"fn::split": ["", f"{A},{B}"]}, {}, [A, B]),
        ({"fn::split": ["|", f"{A}|{B}"]}, {}, [A, B]),
        ({"fn::split": [",", "${o}"]}, {"variables": {"o": f"{A},{B}"}}, [A, B]),
        ([{"fn::join": [".", ["https://a", "example"]]}], {}, [A]),
        ([{"fn::join": ["", {"fn::split": ["-", "https://-a.example"]}]}], {}, [A]),
    ],
)
def test_what_a_program_states(value: Any, rest: Any, origins: list[str]) -> None:
    assert read(program(value, **rest)).policy.to_aws() == {"AllowOrigins": origins}


@pytest.mark.parametrize(
    ("value", "rest", "words"),
    [
        ("${o}", {}, "“${o}” is worked out when it is deployed: o is not in this program."),
        (["x${o}y"], {}, "“x${o}y” is worked out when it is deployed: o is not in this program."),
        (["${o}"], {"config": {"o": {"type": "string"}}}, ": o has no default."),
        (["${o}"], {"variables": {"o": "${o}"}}, ": it refers to itself."),
        (["x${o}"], {"variables": {"o": [A]}}, "“x${o}” is worked out"),
        (["x${o}"], {"variables": {"o": {"fn::invoke": {}}}}, "“x${o}” is worked out"),
        ([{"fn::join": ["", ["a", "${o}"]]}], {}, "“fn::join” is worked out"),
        ([{"fn::join": ["", ["a"], ["b"]]}], {}, "“fn::join” is worked out"),
        ([{"fn::join": ["", "ab"]}], {}, "“fn::join” is worked out"),
        ([{"fn::join": ["", [1]]}], {}, "“fn::join” is worked out"),
        ({"fn::split": [",", "${o}"]}, {}, "“fn::split” is worked out"),
        ({"fn::split": [",", ["a"]]}, {}, "“fn::split” is worked out"),
        ({"fn::select": [0, ["a"]]}, {}, "“fn::select” is worked out"),
        (json.loads('{"fn::join": ["", ' * 12 + '["a"]' + "]}" * 12), {}, "“fn::join” is worked out"),
    ],
)
def test_what_pulumi_alone_knows(value: Any, rest: Any, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(program(value, **rest))
    assert (caught.value.field, words in caught.value.message) == ("allowOrigins", True), caught.value.message


def test_what_was_put_in_is_noted() -> None:
    api = read(program(["${o}"], variables={"o": A}))
    assert list(api.notes) == [f"o is “{A}”, as this program states."]
    assert list(read(program([A])).notes) == []
    assert read(program("${age}", "maxAge", variables={"age": 60})).policy.max_age == 60


@pytest.mark.parametrize("kind", [API, "aws:apigatewayv2/api:Api", "aws-native:apigatewayv2:Api"])
def test_the_types_of_an_api(kind: str) -> None:
    api = {"type": kind, "properties": {"corsConfiguration": {"allowOrigins": [A]}}}
    (alone,), (one,) = (read_apis(json.dumps(document))[1] for document in (api, {"resources": {"x": api}}))
    assert (alone.name, one.name, one.kind, one.policy) == ("", "x", "http-api", CorsPolicy(allow_origins=(A,)))
    parse = FORMATS["pulumi-yaml"].parse
    assert parse and parse(json.dumps(api)) == one.policy


@pytest.mark.parametrize(
    "kind", ["aws:lambda:FunctionUrl", "aws:lambda/functionUrl:FunctionUrl", "aws-native:lambda:Url"]
)
def test_the_types_of_a_function_url(kind: str) -> None:
    url = {"type": kind, "properties": {"cors": {"allowOrigins": [A]}, "body": "x"}}
    name, (one,) = read_apis(json.dumps({"resources": {"x": url}}))
    assert (name, one.kind, one.policy) == ("pulumi-yaml", "function-url", CorsPolicy(allow_origins=(A,)))
    del url["properties"]["cors"]  # type: ignore[attr-defined]
    assert not read_apis(json.dumps(url))[1][0].policy.on


@pytest.mark.parametrize(
    ("properties", "field", "words"),
    [
        ({"body": "{}"}, "body", "may set CORS"),
        ({"corsConfiguration": 3}, "corsConfiguration", "six fields"),
        ({"corsConfiguration": "${x}"}, "corsConfiguration", "x is not in this program"),
        ({"corsConfiguration": {"foo": 1}}, "foo", "not one of the six"),
        ({"protocolType": "WebSocket"}, None, f"no {API} in this Pulumi program"),
    ],
)
def test_an_api_without_a_configuration_to_read(properties: Any, field: str | None, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read({"type": API, "properties": properties})
    assert (caught.value.field, words in caught.value.message) == (field, True), caught.value.message


def test_an_api_without_cors_is_off() -> None:
    for properties in (None, {}, {"protocolType": "HTTP"}, {"corsConfiguration": None}, {"name": "x", "body": None}):
        assert read({"type": API, "properties": properties}).policy == CorsPolicy.off()
    two = program([A])
    two["resources"] |= {"q": {"type": "aws:sqs:Queue"}, "bad": 3, "b": {"type": API}}
    assert [api.name for api in read_apis(json.dumps(two))[1]] == ["api", "b"]
