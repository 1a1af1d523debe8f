"""What documents show instead of a value, lists of one, and what their errors name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import read_apis
from tests.cors.formats.refusals import refusal

A = "https://a.example"


def values(text: str) -> dict[str, Any] | None:
    """AWS's fields of the only API of a text."""
    _, [found] = read_apis(text)
    return found.policy.to_aws()


@pytest.mark.parametrize(
    "nothing",
    [
        "none", "None", "not set", "Not set", "-", "---", "–", "—",
        "No methods are allowed", "no header is allowed", "No exposed headers are allowed",
    ],
)  # fmt: skip
def test_the_consoles_words_for_nothing(nothing: str) -> None:
    page = f"Access-Control-Allow-Origin\n{A}\nAccess-Control-Allow-Methods\n{nothing}\nAccess-Control-Max-Age\n"
    assert values(page + nothing) == {"AllowOrigins": [A], "AllowMethods": []}
    assert values(f"{page}0 seconds") == {"AllowOrigins": [A], "AllowMethods": [], "MaxAge": 0}


def test_the_console_says_a_header_twice() -> None:
    page = f"Access-Control-Allow-Origin\n{A}\nAccess-Control-Max-Age\n5\n"
    error = refusal(page + "Access-Control-Max-Age\n5\n")
    assert (error.field, error.line) == ("Access-Control-Max-Age", 5)


MANIFEST = """apiVersion: apigatewayv2.aws.upbound.io/v1beta1
kind: KIND
metadata: {name: NAME}
spec:
  forProvider:
    VALUES
"""


def manifest(values: str, kind: str = "API", name: str = "n") -> str:
    return MANIFEST.replace("KIND", kind).replace("NAME", name).replace("VALUES", values)


def test_a_manifest_may_have_a_list_of_one() -> None:
    one = f"{{allowOrigins: [{A}]}}"
    assert values(manifest(f"corsConfiguration: [{one}]")) == {"AllowOrigins": [A]}
    assert values(manifest("corsConfiguration: []")) is None
    for other in (f"[{one}, {one}]", "5", "[5]"):
        error = refusal(manifest(f"corsConfiguration: {other}"))
        assert (error.field, error.line) == ("corsConfiguration", 6)
        assert error.message == "must be an object with the six fields."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (manifest("protocolType: WEBSOCKET"), "It has a WebSocket API."),
        (manifest("protocolType: WEBSOCKET") + "---\n" + manifest("a: 1", "Route"), "It has a WebSocket API, Route."),
        (manifest("a: 1", "Route") + "---\n" + manifest("a: 1", "Route"), "It has Route."),
        (manifest("a: 1", "K" * 61), f"It has {'K' * 60}."),
    ],
)
def test_a_manifest_without_an_http_api(text: str, message: str) -> None:
    assert str(refusal(text)) == f"No API of apigatewayv2 by Crossplane or ACK is in this manifest. {message}"


def test_a_manifests_name_has_two_hundred_characters() -> None:
    _, [found] = read_apis(manifest(f"corsConfiguration: {{allowOrigins: [{A}]}}", name="n" * 201))
    assert found.name == "n" * 200


def test_a_manifest_with_a_body_and_without_values() -> None:
    error = refusal(manifest("body: x"))
    assert (error.field, error.message) == ("body", "may set CORS. Paste the OpenAPI document that it holds.")
    error = refusal(manifest("").replace("spec:\n  forProvider:", "spec: 5"))
    assert (error.field, error.message) == ("spec", "must be an object.")


@pytest.mark.parametrize("vendor", ["google", "azure", "ms", "kong", "tyk", "ibm"])
def test_another_vendors_openapi(vendor: str) -> None:
    key = f"x-{vendor}-".ljust(64, "k")
    error = refusal(f"openapi: 3.0.1\n{key}kk: 1\npaths: {{}}\n")
    assert (error.field, error.line) == (key, 2)
    assert error.message == "makes this for another gateway than AWS's, not an HTTP API's."


@pytest.mark.parametrize("kind", ["mock", "AWS"])
def test_an_integration_of_a_rest_api(kind: str) -> None:
    methods = {"get": {"x-amazon-apigateway-integration": {"type": kind}}}
    error = refusal(json.dumps({"openapi": "3.0.1", "paths": {"/": {}, "/a": {"parameters": [], **methods}}}))
    assert f"An integration of type {kind.lower()} makes this a REST API's document" in str(error)
    methods["get"]["x-amazon-apigateway-integration"]["type"] = "AWS_PROXY"
    assert values(json.dumps({"openapi": "3.0.1", "paths": {"/a": methods}})) is None


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("Allow-Origins", "is written AllowOrigins here."),
        ("allow_origins", "is written AllowOrigins here."),
        ("ALLOWORIGINS", "is written AllowOrigins here."),
        ("Allow Origins 2", "is written AllowOrigins here."),
        ("cors-rules", "belongs to S3: a bucket has CORS rules, not the six fields of an HTTP API."),
        ("max_age_seconds", "belongs to S3: a bucket's CORS rule is not the configuration of an HTTP API."),
        ("Origins", "is not one of the six CORS fields, which are AllowOrigins, AllowHeaders, AllowMethods, "
         "ExposeHeaders, MaxAge, AllowCredentials."),
    ],
)  # fmt: skip
def test_a_key_in_another_spelling(key: str, message: str) -> None:
    error = refusal(json.dumps({"AllowMethods": ["GET"], key: [A]}))
    assert (error.field, error.message) == (key, message)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('{"AllowOrigins": [\n"a" x', "This is not JSON: expecting ',' delimiter.", 2),
        ("{AllowOrigins: 1", "This is not JSON: expecting property name enclosed in double quotes.", 1),
        ('{"MaxAge": ' + "9" * 5000 + "}", "This has a number that is too long.", None),
    ],
)
def test_what_is_wrong_with_json(text: str, message: str, line: int | None) -> None:
    error = refusal(text)
    assert (error.message, error.line) == (message, line)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (None, "has an entry that is empty or null. Put it in quotes if the word null is meant."),
        (5, "must be a list of texts."),
        ("a\0", "has a NUL or half a character, which cannot be part of a header."),
        ({"Ref": "X" * 90}, "“Ref” is worked out when it is deployed. Write its value in its place."),
    ],
)
def test_an_entry_that_is_no_text(entry: Any, message: str) -> None:
    error = refusal(json.dumps({"AllowOrigins": [entry]}))
    assert (error.field, error.message) == ("AllowOrigins", message)


@pytest.mark.parametrize("tag", ["IfModule", "IfVersion", "IfDefine", "VirtualHost", "Directory", "Location"])
def test_the_parts_of_an_apache_configuration(tag: str) -> None:
    for start in (f"<{tag} x>", f"\n  <{tag} x>"):
        assert "an Apache configuration" in str(refusal(f"{start}\n</{tag}>\n"))


@pytest.mark.parametrize("key", ["ApiId", "apiId", "api_id"])
def test_an_answer_with_cors_is_no_service(key: str) -> None:
    name, [found] = read_apis(json.dumps({key: "i", "cors": None}))
    assert (name, found.policy.to_aws()) == ("json", None)
    error = refusal(json.dumps({key: "i", "cors": True}))
    assert error.message == "This must be an object with the six fields, or null to switch CORS off."
    assert refusal(json.dumps({key: "i", "cors": {"allowedOrigins": [A]}})).field == "allowedOrigins"


@pytest.mark.parametrize("tag", ["!!str", "!<tag:yaml.org,2002:str>"])
def test_yamls_own_tags_are_no_functions(tag: str) -> None:
    assert values(f"CorsConfiguration:\n  AllowOrigins: [{tag} {A}]\n") == {"AllowOrigins": [A]}
    error = refusal(f"CorsConfiguration:\n  AllowOrigins: [!own {A}]\n")
    assert (error.field, error.line) == ("AllowOrigins", 2)
    assert f"“!own {A}” is worked out when it is deployed" in str(error)


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", "\n \n", "\n---\n", "\n| --- |\n", "\n\f\n", "\r\n\r\n"])
def test_the_consoles_lines_may_stand_apart(between: str) -> None:
    page = ["Access-Control-Allow-Origin", A, "https://b.example", "Access-Control-Max-Age", "5"]
    assert values(between.join(page)) == {"AllowOrigins": [A, "https://b.example"], "MaxAge": 5}


@pytest.mark.parametrize("metadata", ["{}", "{name: null}", "{name: ''}", "5", "null"])
def test_a_manifest_whose_metadata_has_no_name(metadata: str) -> None:
    text = manifest(f"corsConfiguration: {{allowOrigins: [{A}]}}").replace("{name: n}", metadata)
    _, [found] = read_apis(text)
    assert (found.name, found.policy.to_aws()) == ("", {"AllowOrigins": [A]})
