"""OpenAPI documents: the extension at the root, whose document it is, and what makes it another kind of API's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FORMATS, FormatError, read_apis
from apis.cors.policy import CorsPolicy

A = "https://a.example"
CORS = {"x-amazon-apigateway-cors": {"allowOrigins": [A]}}
ON = CorsPolicy(allow_origins=(A,))


def with_integration(kind: Any, method: str = "get") -> dict[str, Any]:
    """A document with one route's integration."""
    return {"openapi": "3.0.1", "paths": {"/x": {method: {"x-amazon-apigateway-integration": {"type": kind}}}}}


@pytest.mark.parametrize(
    ("document", "policy"),
    [
        (CORS, ON),
        ({"openapi": "3.0.1"} | CORS, ON),
        ({"openapi": "3.0.1", "x-google-backend": {}} | CORS, ON),
        (with_integration("AWS_PROXY") | CORS, ON),
        (with_integration("aws_proxy"), CorsPolicy.off()),
        (with_integration(3), CorsPolicy.off()),
        ({"openapi": "3.1.0", "paths": {"/x": None, "/y": {"get": None, "parameters": []}}}, CorsPolicy.off()),
        ({"openapi": "3.0.1", "paths": []}, CorsPolicy.off()),
        ({"allowOrigins": [A]}, ON),
    ],
)
def test_the_policy_of_a_document(document: Any, policy: CorsPolicy) -> None:
    parse = FORMATS["openapi"].parse
    assert parse and parse(json.dumps(document)) == policy
    assert read_apis(json.dumps(document))[1][0].policy == policy


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"swagger": "2.0"} | CORS, "swagger", "OpenAPI 3 only"),
        ({"openapi": "3.0.1", "x-amazon-apigateway-policy": {}} | CORS, "x-amazon-apigateway-policy", "a REST API's"),
        ({"openapi": "3.0.1", "x-kong-plugin-cors": {}}, "x-kong-plugin-cors", "another gateway than AWS's"),
        (with_integration("MOCK"), None, "An integration of type mock makes"),
        (with_integration("AWS", "options"), None, "An integration of type aws makes"),
        ({"x-amazon-apigateway-cors": {"Ref": "X"}}, "x-amazon-apigateway-cors", "worked out"),
        ({"x-amazon-apigateway-cors": None}, "x-amazon-apigateway-cors", "six fields"),
        ({"x-amazon-apigateway-cors": {"AllowOrigins": [A]}}, "AllowOrigins", "is written allowOrigins"),
    ],
)
def test_what_is_no_document_of_an_http_api(document: Any, field: str | None, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(json.dumps(document))
    assert (caught.value.field, words in caught.value.message) == (field, True), caught.value.message
    parse = FORMATS["openapi"].parse
    with pytest.raises(FormatError) as parsed:
        assert parse and parse(json.dumps(document))
    assert parsed.value.message == caught.value.message


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.parse])
@pytest.mark.parametrize("text", ["[]", "3", '"x"', "- a"])
def test_the_reader_of_a_format_takes_objects_only(name: str, text: str) -> None:
    parse = FORMATS[name].parse
    assert parse
    with pytest.raises(FormatError) as caught:
        parse(text)
    assert caught.value.message
