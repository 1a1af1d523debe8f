"""SAM writes CorsConfiguration over what the API's OpenAPI document says, so both are read."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, detect_and_parse
from apis.cors.policy import CorsPolicy

BODY = "{x-amazon-apigateway-cors: {allowOrigins: ['https://body.example'], maxAge: 60, allowCredentials: true}}"
INCLUDE = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/api.yaml}}}"
ALL_SIX = (
    "{AllowOrigins: ['https://a.example'], AllowMethods: [GET], AllowHeaders: [], ExposeHeaders: [], MaxAge: 0, "
    "AllowCredentials: false}"
)


def template(cors=None, body=None, key="DefinitionBody"):
    lines = ["Resources:", "  Api:", "    Type: AWS::Serverless::HttpApi", "    Properties:", "      Name: x"]
    lines += [f"      CorsConfiguration: {cors}"] if cors else []
    lines += [f"      {key}: {body}"] if body else []
    return "\n".join(lines)


def read(*given, **more):
    name, policy = detect_and_parse(template(*given, **more))
    assert name == "sam"
    return policy


IN_BODY = CorsPolicy(allow_origins=("https://body.example",), max_age=60, allow_credentials=True)


def test_the_documents_fields_stay_under_the_property():
    policy = read("{AllowMethods: [GET], MaxAge: 0}", BODY)
    assert policy.allow_methods == ("GET",)
    assert policy.allow_origins == ("https://body.example",)
    assert policy.allow_credentials is True
    assert policy.max_age == 0


def test_the_property_wins_field_by_field():
    policy = read("{AllowOrigins: ['https://own.example']}", BODY)
    assert policy.allow_origins == ("https://own.example",)
    assert policy.max_age == 60


def test_sam_writes_no_empty_list_and_no_false_over_the_document():
    assert read("{AllowOrigins: [], AllowCredentials: false}", BODY) == IN_BODY


def test_true_is_every_origin_over_the_document():
    assert read("True", BODY) == IN_BODY.with_field("AllowOrigins", ["*"])


@pytest.mark.parametrize("cors", [None, "false", "No", "{}"])
def test_a_property_that_says_nothing_leaves_the_document_alone(cors):
    assert read(cors, BODY) == IN_BODY


def test_globals_that_say_nothing_of_cors_leave_the_document_alone():
    text = "Globals: {HttpApi: {Auth: {}}}\n" + template(body=BODY)
    assert detect_and_parse(text) == ("sam", IN_BODY)


def test_globals_are_written_over_the_document():
    text = "Globals: {HttpApi: {CorsConfiguration: {AllowMethods: [GET]}}}\n" + template(body=BODY)
    assert detect_and_parse(text) == ("sam", IN_BODY.with_field("AllowMethods", ["GET"]))


def test_a_document_without_cors_adds_nothing():
    assert read("true", "{openapi: 3.0.1, paths: {}}") == CorsPolicy(allow_origins=("*",))


ELSEWHERE = [
    ("DefinitionBody", INCLUDE),
    ("DefinitionBody", "!Transform {Name: AWS::Include}"),
    ("DefinitionBody", "{openapi: 3.0.1, Fn::Transform: {Name: AWS::Include}}"),
    ("DefinitionUri", "s3://bucket/api.yaml"),
    ("DefinitionUri", "{Bucket: b, Key: k}"),
]


@pytest.mark.parametrize(("key", "body"), ELSEWHERE)
@pytest.mark.parametrize("cors", ["{AllowMethods: [GET]}", "True"])
def test_a_document_that_is_not_here_may_hold_the_rest(cors, key, body):
    with pytest.raises(FormatError, match="rest of the policy") as caught:
        read(cors, body, key=key)
    assert (caught.value.field, caught.value.line) == (key, 7)
    assert "ExposeHeaders, MaxAge" in caught.value.message
    assert "Paste that OpenAPI document" in caught.value.message


@pytest.mark.parametrize(("key", "body"), ELSEWHERE)
def test_all_six_fields_leave_nothing_to_a_document_that_is_not_here(key, body):
    assert read(ALL_SIX, body, key=key) == CorsPolicy(allow_origins=("https://a.example",), allow_methods=("GET",))


@pytest.mark.parametrize(("key", "body"), ELSEWHERE)
@pytest.mark.parametrize("cors", [None, "False"])
def test_a_document_that_is_not_here_may_set_cors_when_the_property_does_not(cors, key, body):
    with pytest.raises(FormatError, match="may set CORS") as caught:
        read(cors, body, key=key)
    assert caught.value.field == key


def test_an_extension_that_is_worked_out_at_deployment_is_named():
    with pytest.raises(FormatError, match="worked out when it is deployed") as caught:
        read(None, "{x-amazon-apigateway-cors: !Ref Cors}")
    assert caught.value.field == "x-amazon-apigateway-cors"
