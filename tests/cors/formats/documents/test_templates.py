"""CloudFormation and SAM templates: the APIs that each makes, its parts, and what AWS merges into them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.policy import CorsPolicy

A, B = "https://a.example", "https://b.example"
CORS = {"AllowOrigins": [A]}
ON, OFF = CorsPolicy(allow_origins=(A,)), CorsPolicy.off()
API, SAM, URL, FUNCTION = (
    "AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi", "AWS::Lambda::Url", "AWS::Serverless::Function",
)  # fmt: skip
IMPLICIT = "ServerlessHttpApi"
Found = list[tuple[str, str, CorsPolicy]]


def read(document: Any) -> tuple[str, Found]:
    """The format of a template, and name, kind and policy of each of its APIs."""
    name, found = read_apis(json.dumps(document) if not isinstance(document, str) else document)
    return name, [(api.name, api.kind, api.policy) for api in found]


def resources(**given: Any) -> dict[str, Any]:
    """A template with resources, each of a type with properties."""
    return {"Resources": {name: {"Type": kind, "Properties": stated} for name, (kind, stated) in given.items()}}


def route(**given: Any) -> tuple[str, dict[str, Any]]:
    """A function of SAM with one route."""
    return FUNCTION, {"Events": {"E": {"Type": "HttpApi", "Properties": given}}}


@pytest.mark.parametrize(
    ("document", "name", "found"),
    [
        ("AllowOrigins: ['https://a.example']", "cloudformation", [("", "http-api", ON)]),
        ("CorsConfiguration: {AllowOrigins: ['https://a.example']}", "cloudformation", [("", "http-api", ON)]),
        ({"Properties": {"Name": "x", "CorsConfiguration": CORS}}, "cloudformation", [("", "http-api", ON)]),
        ({"Type": API, "Properties": {"CorsConfiguration": CORS}}, "cloudformation", [("", "http-api", ON)]),
        ({"Type": API}, "cloudformation", [("", "http-api", OFF)]),
        ({"Type": API, "Properties": None}, "cloudformation", [("", "http-api", OFF)]),
        ({"Type": SAM}, "sam", [("", "http-api", OFF)]),
        ({"Type": URL, "Properties": {"Cors": CORS}}, "cloudformation", [("", "function-url", ON)]),
        ({"Type": URL, "Properties": {}}, "cloudformation", [("", "function-url", OFF)]),
        ({"Type": FUNCTION, "Properties": {"FunctionUrlConfig": {"Cors": CORS}}}, "sam", [("", "function-url", ON)]),
        ({"A": {"Type": API, "Properties": {"CorsConfiguration": CORS}}}, "cloudformation", [("A", "http-api", ON)]),
        (resources(A=(API, {"CorsConfiguration": CORS}), B=(API, {}), Q=("AWS::SQS::Queue", {})), "cloudformation",
         [("A", "http-api", ON), ("B", "http-api", OFF)]),
        (resources(A=(API, {}), U=(URL, {"Cors": CORS})), "cloudformation",
         [("A", "http-api", OFF), ("U", "function-url", ON)]),
        (resources(S=(API, {"ProtocolType": "WEBSOCKET"}), A=(API, {"ProtocolType": "HTTP"})), "cloudformation",
         [("A", "http-api", OFF)]),
        (resources(F=route()), "sam", [(IMPLICIT, "http-api", OFF)]),
        (resources(F=route(ApiId={"Ref": "A"}), A=(SAM, {})), "sam", [("A", "http-api", OFF)]),
        (resources(F=route(ApiId={"Ref": "A"}), A=(SAM, {}), G=route(Path="/x")), "sam",
         [("A", "http-api", OFF), (IMPLICIT, "http-api", OFF)]),
        (resources(F=route(), **{IMPLICIT: (SAM, {"CorsConfiguration": CORS})}), "sam", [(IMPLICIT, "http-api", ON)]),
        (resources(F=route()) | {"Globals": {"HttpApi": {"CorsConfiguration": CORS}}}, "sam",
         [(IMPLICIT, "http-api", ON)]),
        ({"Globals": {"HttpApi": {"CorsConfiguration": CORS}}, "Resources": {}}, "sam", [("", "http-api", ON)]),
        (resources(A=(API, {})) | {"Globals": {"HttpApi": {"CorsConfiguration": CORS}}}, "cloudformation",
         [("A", "http-api", OFF)]),
    ],
)  # fmt: skip
def test_the_apis_of_a_template(document: Any, name: str, found: Found) -> None:
    assert read(document) == (name, found)


@pytest.mark.parametrize(
    ("common", "own", "expected"),
    [
        (CORS, None, CORS),
        (CORS, {"MaxAge": 5}, CORS | {"MaxAge": 5}),
        (CORS, {"AllowOrigins": [B]}, {"AllowOrigins": [A, B]}),
        (CORS | {"MaxAge": 1}, {"MaxAge": 5}, CORS | {"MaxAge": 5}),
        (True, None, {"AllowOrigins": ["*"]}),
        (True, CORS, CORS),
        (CORS, True, {"AllowOrigins": ["*"]}),
        (CORS, False, None),
        (None, CORS, CORS),
        (None, {}, None),
        (False, None, None),
        ({"AllowOrigins": [A]}, {"AllowOrigins": {"Ref": "O"}}, {"AllowOrigins": [B]}),
    ],
)
def test_globals_are_merged_into_an_api(common: Any, own: Any, expected: Any) -> None:
    document = resources(A=(SAM, {} if own is None else {"CorsConfiguration": own}))
    document |= {"Globals": {"HttpApi": {"CorsConfiguration": common}}}
    document |= {"Parameters": {"O": {"Type": "CommaDelimitedList", "Default": B}}}
    ((_, _, policy),) = read(document)[1]
    assert policy.to_aws() == expected


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"Type": API, "Properties": []}, "Properties", "must be an object"),
        ({"Type": API, "Properties": {"Ref": "X"}}, "Properties", "worked out"),
        ({"Type": SAM, "Properties": {"Fn::If": ["a", {}, {}]}}, "Properties", "worked out"),
        ({"Type": URL, "Properties": 3}, "Properties", "must be an object"),
        ({"Type": API, "Properties": {"CorsConfiguration": True}}, "CorsConfiguration", "only SAM takes true"),
        ({"Type": API, "Properties": {"CorsConfiguration": [CORS]}}, "CorsConfiguration", "six fields"),
        ({"Type": API, "Properties": {"CorsConfiguration": "x"}}, "CorsConfiguration", "six fields"),
        ({"Type": SAM, "Properties": {"CorsConfiguration": "true"}}, "CorsConfiguration", "without quotes"),
        ({"Type": SAM, "Properties": {"CorsConfiguration": "'*'"}}, "CorsConfiguration", "six fields"),
        ({"Type": API, "Properties": {"CorsConfiguration": {"Ref": "X"}}}, "CorsConfiguration", "worked out"),
        ({"Type": URL, "Properties": {"Cors": {"Ref": "X"}}}, "Cors", "worked out"),
        ({"Type": URL, "Properties": {"Cors": True}}, "Cors", "six fields"),
        ({"Type": URL, "Properties": {"Cors": {"foo": 1}}}, "foo", "not one of the six"),
        ({"Type": API, "Properties": {"Body": {"Fn::Transform": {}}}}, "Body", "may set CORS"),
        ({"Type": API, "Properties": {"BodyS3Location": {}}}, "BodyS3Location", "may set CORS"),
        ({"Resources": {"Fn::Transform": {}}}, "Resources", "worked out"),
        ({"Transform": "x", "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, None, f"No {API} or {SAM}"),
        ({"Type": FUNCTION, "Properties": {}}, "Type", f"A {FUNCTION} is no HTTP API"),
    ],
)
def test_what_a_template_does_not_state(document: Any, field: str | None, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(document)
    assert (caught.value.field, words in caught.value.message) == (field, True), caught.value.message


BODY = {"openapi": "3.0.1", "paths": {}, "x-amazon-apigateway-cors": {"allowOrigins": [A], "maxAge": 5}}


@pytest.mark.parametrize("key", ["Body", "DefinitionBody"])
def test_the_document_of_an_api(key: str) -> None:
    kind = API if key == "Body" else SAM
    stated = {"AllowOrigins": [A], "MaxAge": 5}
    assert read({"Type": kind, "Properties": {key: BODY}})[1][0][2].to_aws() == stated
    assert read({"Type": kind, "Properties": {key: {"openapi": "3.0.1"}}})[1][0][2] == OFF
    assert read({"Type": kind, "Properties": {key: None}})[1][0][2] == OFF
    own = {key: BODY, "CorsConfiguration": {"AllowOrigins": [B]}}
    expected = {"AllowOrigins": [B]} if kind == API else {"AllowOrigins": [B], "MaxAge": 5}
    assert read({"Type": kind, "Properties": own})[1][0][2].to_aws() == expected
    referred = {"openapi": "3.0.1", "x-amazon-apigateway-cors": {"allowOrigins": [{"Ref": "O"}]}}
    document = resources(A=(kind, {key: referred})) | {"Parameters": {"O": {"Default": B}}}
    assert read(document)[1][0][2].allow_origins == (B,)
