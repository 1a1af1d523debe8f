"""Terraform in JSON, as Terraform's own documentation of that syntax, of plans and of states has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import read_apis
from apis.cors.policy import CorsPolicy
from tests.cors.formats.refusals import refusal

A, B = "https://a.example", "https://b.example"
CORS = {"allow_origins": [A], "max_age": 60}
POLICY = CorsPolicy(allow_origins=(A,), max_age=60)
API, URL = "aws_apigatewayv2_api", "aws_lambda_function_url"


def read(value: Any) -> list[tuple[str, str, CorsPolicy]]:
    """Name, kind and policy of each API of a document."""
    name, found = read_apis(json.dumps(value))
    assert name == "terraform"
    return [(api.name, api.kind, api.policy) for api in found]


def resource(body: Any, kind: str = API, **more: Any) -> dict[str, Any]:
    """A configuration with one resource."""
    return {"resource": {kind: {"a": body}}} | more


@pytest.mark.parametrize(
    "document",
    [
        resource({"cors_configuration": CORS}),
        resource({"cors_configuration": [CORS]}),
        resource([{"cors_configuration": CORS}]),
        {"resource": {API: [{"a": {"cors_configuration": CORS}}]}},
        {"resource": [{API: {"a": {"cors_configuration": CORS}}}]},
        resource({"//": "one", "cors_configuration": {"//": "two", **CORS}}),
        resource({"cors_configuration": CORS | {"expose_headers": None}}),
        resource({"dynamic": {"cors_configuration": {"for_each": [1], "content": CORS}}}),
        resource({"dynamic": [{"cors_configuration": [{"for_each": [1], "content": [CORS]}]}]}),
        resource({"dynamic": {"cors_configuration": {"for_each": ["${var.o}"], "content":
            CORS | {"allow_origins": "${cors_configuration.value}"}}}}, variable={"o": {"default": [A]}}),
        resource({"cors_configuration": CORS | {"allow_origins": "${var.o}"}}, variable={"o": {"default": [A]}}),
        resource({"cors_configuration": CORS | {"allow_origins": "${var.o}"}}, variable=[{"o": [{"default": [A]}]}]),
        resource({"cors_configuration": CORS | {"allow_origins": ["https://${local.h}"]}}, locals={"h": "a.example"}),
        resource({"cors_configuration": CORS | {"allow_origins": "${local.o.x}"}}, locals=[{"o": {"x": [A]}}]),
        resource({"cors_configuration": CORS | {"max_age": "${60 * 1}"}}),
        resource({"cors_configuration": CORS | {"max_age": "60"}}),
        resource({"cors_configuration": CORS}, data={"x": {"y": {}}}, provider={"aws": [{}]}),
    ],
)  # fmt: skip
def test_a_configuration(document: Any) -> None:
    assert read(document) == [(f"{API}.a", "http-api", POLICY)]


def test_other_blocks_of_a_configuration() -> None:
    assert read(resource({"cors": CORS}, URL)) == [(f"{URL}.a", "function-url", POLICY)]
    assert read({"module": {"m": {"source": "x", "cors_configuration": CORS}}}) == [("m", "http-api", POLICY)]
    assert read({"module": {"m": [{"cors_configuration": {"//": 1, **CORS}}]}}) == [("m", "http-api", POLICY)]
    assert read(resource({"name": "x"})) == [(f"{API}.a", "http-api", CorsPolicy.off())]
    two = {"resource": {API: {"a": {"cors_configuration": CORS}, "b": {}}, "aws_s3_bucket": {"c": {}}}}
    assert [row[0] for row in read(two)] == [f"{API}.a", f"{API}.b"]
    literal = resource({"cors_configuration": {"allow_headers": ["100%", "a{b}"], "allow_origins": [A]}})
    assert read(literal)[0][2].allow_headers == ("100%", "a{b}")


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        (resource({"cors_configuration": [CORS, CORS]}), "cors_configuration", "twice"),
        (resource({"cors_configuration": CORS | {"allow_origins": "${data.x.y}"}}), "allow_origins", "data.x.y"),
        (resource({"cors_configuration": CORS | {"allow_origins": ["%{ if x }a%{ endif }"]}}), "allow_origins", "%{"),
        (resource({"cors_configuration": {"foo": 1}}), "foo", "not one of the six"),
        (resource({"dynamic": {"cors_configuration": {"content": CORS}}}), "cors_configuration", "no for_each"),
        (resource({"dynamic": {"cors_configuration": {"for_each": [1]}}}), "cors_configuration", "no content"),
        (resource({"protocol_type": "WEBSOCKET"}), None, "a WebSocket API"),
        (resource({}, "aws_s3_bucket"), None, "an S3 bucket"),
        (resource({}, "aws_api_gateway_rest_api"), None, "a REST API"),
        (resource({}, "aws_s3_bucket_cors_configuration"), None, "an S3 bucket"),
        (resource({}, "aws_cloudfront_response_headers_policy"), None, "a CloudFront response headers policy"),
        (resource({}, "azurerm_api_management"), None, "an Azure API"),
        (resource({}, "google_api_gateway_api"), None, "a Google API"),
        (resource({}, "aws_cloudformation_stack"), None, "a CloudFormation stack"),
        (resource({"tags": json.loads("[" * 60 + "]" * 60)}), None, "nested too deeply"),
    ],
)
def test_what_a_configuration_does_not_state(document: Any, field: str | None, words: str) -> None:
    found = refusal(document)
    assert (found.field, words in found.message) == (field, True), found.message


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        ({"cors_configuration": {"max_age": 1, "allow_origins": ["${var.o}"]}}, 7),
        ({"tags": {"a": "}", "b": ["{", '\\":'], "c": {}}, "cors_configuration": [{"allow_origin": []}]}, 15),
        ({"cors_configuration": "x"}, 5),
        ({"cors_configuration": [CORS, CORS]}, 5),
        ({"dynamic": {"cors_configuration": {"content": CORS}}}, 6),
        ({"cors_configuration": {"allow_methods": [["a"], "${local.o}"]}}, 6),
        ({"body": "${file(1)}"}, 5),
    ],
)
def test_an_error_names_the_line_of_the_key(stated: Any, line: int) -> None:
    text = json.dumps(resource(stated), indent=1)
    assert refusal(text).line == line, text
    commented = text.replace("\n", " // a {\n").replace('"a": {', '/* {\n} */ "a": {')
    assert refusal(commented).line == line + 1
    assert refusal(json.dumps(resource(stated))).line in (1, None)


def test_a_key_that_is_there_twice_has_the_line_of_the_second() -> None:
    text = json.dumps(resource({"cors_configuration": CORS}), indent=1).replace('"max_age"', '"allow_origins"')
    assert (refusal(text).line, refusal(text).field) == (9, "allow_origins")


def state(*resources: Any) -> dict[str, Any]:
    """A state, as `terraform state pull` prints it."""
    return {"version": 4, "terraform_version": "1.9.0", "resources": list(resources)}


def kept(values: Any, kind: str = API, **more: Any) -> dict[str, Any]:
    """A resource of a state with one instance."""
    return {"mode": "managed", "type": kind, "name": "a", "instances": [{"attributes": values}]} | more


def test_a_state() -> None:
    http = kept({"protocol_type": "HTTP", "cors_configuration": [CORS | {"allow_credentials": None}]})
    assert read(state(http)) == [(f"{API}.a", "http-api", POLICY)]
    assert read(state(kept({"cors": [CORS]}, URL))) == [(f"{URL}.a", "function-url", POLICY)]
    assert read(state(kept({"cors_configuration": CORS}))) == [(f"{API}.a", "http-api", POLICY)]
    forms: tuple[Any, ...] = ({}, {"cors_configuration": []}, {"cors_configuration": None})
    for stated in forms:
        assert read(state(kept(stated))) == [(f"{API}.a", "http-api", CorsPolicy.off())]
    assert read(state(kept({"cors_configuration": [{}]})))[0][2] == CorsPolicy()
    without_mode = {key: value for key, value in http.items() if key != "mode"}
    assert len(read(state(without_mode, http | {"mode": "data"}, kept({"protocol_type": "WEBSOCKET"})))) == 1


def test_the_instances_of_a_state() -> None:
    instances = [{"index_key": "x", "attributes": {}}, {"index_key": 0, "attributes": {}}, {"attributes": {}}, 3, {}]
    names = [row[0] for row in read(state(kept({}, instances=instances), kept({}, name="b")))]
    assert names == [f'{API}.a["x"]', f"{API}.a[0]", f"{API}.a[2]", f"{API}.b"]


def test_a_plan() -> None:
    def planned(address: str, kind: str = API) -> dict[str, Any]:
        return {"address": address, "type": kind, "name": "a", "values": {"cors_configuration": [CORS], "cors": CORS}}

    inner = {"resources": [planned("module.m.x.a")], "child_modules": [{"resources": [planned("module.m.n.x.a", URL)]}]}
    root = {"resources": [planned("x.a"), planned("y.b", "aws_s3_bucket"), {"type": API}], "child_modules": [inner]}
    for document in (
        {"format_version": "1.2", "planned_values": {"root_module": root}},
        {"values": {"root_module": root}},
    ):
        assert read({"terraform_version": "1.9.0"} | document) == [
            ("x.a", "http-api", POLICY),
            ("module.m.x.a", "http-api", POLICY),
            ("module.m.n.x.a", "function-url", POLICY),
        ]
    unnamed = {"type": API, "name": "a", "values": {}}
    values = {"root_module": {"resources": [unnamed], "child_modules": [None]}}
    assert read({"terraform_version": "1", "values": values})[0][0] == f"{API}.a"


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        (state(), None, f"no {API} in this plan or state"),
        (state(kept({}, "aws_s3_bucket")), None, f"no {API} in this plan or state"),
        (state(kept({"protocol_type": "WEBSOCKET"})), None, f"no {API} in this plan or state"),
        (state(kept({"cors_configuration": [3]})), f"{API}.a", "an object with the six fields"),
        (state(kept({"cors_configuration": [CORS | {"max_age": "x"}]})), "max_age", "seconds"),
    ],
)
def test_what_a_state_does_not_have(document: Any, field: str | None, words: str) -> None:
    found = refusal(document)
    assert (found.field, words in found.message) == (field, True), found.message
