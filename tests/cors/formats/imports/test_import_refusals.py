"""Pasted configurations that are refused: where the error is, and what to do."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, detect_and_parse

WRONG = [
    ("", None, None, "Nothing was pasted"),
    ("hello", None, None, "No CORS configuration"),
    ("--cors-configuration AllowOrigins=$ORIGIN,MaxAge=5", "--cors-configuration", None, "worked out by the shell"),
    ("--cors-configuration AllowOrigins=%ORIGIN%", "--cors-configuration", None, "worked out by the shell"),
    (
        "Type: AWS::Serverless::HttpApi\nProperties:\n  DefinitionUri: s3://bucket/api.yaml\n",
        "DefinitionUri",
        3,
        "may set CORS",
    ),
    ("[1, 2]", None, None, "No CORS configuration"),
    ('{\n "AllowOrigins": [\n}', None, 3, "not JSON"),
    ('{"AllowOrigins": "x", "AllowOrigins": "y"}', "AllowOrigins", None, "twice"),
    ('{"AllowOrigins": [1]}', "AllowOrigins", None, "list of texts"),
    ('{"MaxAge": "soon"}', "MaxAge", None, "seconds"),
    ('{"MaxAge": 1' + "0" * 5000 + "}", None, None, "too long"),
    ('{"MaxAge": true}', "MaxAge", None, "seconds"),
    ('{"AllowCredentials": "maybe"}', "AllowCredentials", None, "true or false"),
    ('{"AllowOrigin": ["*"], "MaxAge": 1}', "AllowOrigin", None, "not one of the six"),
    ('{"AllowOrigins": ["a\\u0000b"]}', "AllowOrigins", None, "NUL"),
    ('{"AllowOrigins": ["a\\ud800b"]}', "AllowOrigins", None, "character"),
    ('{"Items": [{"ApiId": "one"}, {"ApiId": "two"}]}', None, None, "one, two"),
    ("AllowOrigins=a,AllowOrigins=b", "AllowOrigins", None, "twice"),
    ("AllowOrigins='a", None, 1, "quote"),
    ("AllowOrigins", None, None, "No CORS configuration"),
    ("aws apigatewayv2 get-api --api-id x", None, None, "no --cors-configuration"),
    ("aws apigatewayv2 update-api --cors-configuration file://cors.json", "--cors-configuration", None, "Paste what"),
    ("aws apigatewayv2 update-api --cors-configuration --region x", "--cors-configuration", None, "nothing after"),
    ("Resources:\n  A:\n    Type: AWS::SQS::Queue", None, None, "No AWS::ApiGatewayV2::Api"),
    ("Type: AWS::SQS::Queue\nProperties: {}", "Type", None, "AWS::SQS::Queue"),
    ("CorsConfiguration:\n  AllowOrigins:\n  - a\n  allowMethods: [GET]", "allowMethods", 4, "is written AllowMethods"),
    ("CorsConfiguration:\n  AllowOrigins:\n  - !Ref Origin", "AllowOrigins", 3, "!Ref Origin"),
    ("CorsConfiguration:\n  AllowOrigins: !GetAZs [',', x]", "AllowOrigins", 2, "!GetAZs"),
    ('CorsConfiguration:\n  MaxAge: {"Fn::If": [a, 1, 2]}', "MaxAge", 2, "Fn::If"),
    ("CorsConfiguration: !If [a, b, c]", "CorsConfiguration", 1, "!If"),
    ("CorsConfiguration: yes please", "CorsConfiguration", 1, "six fields"),
    ("CorsConfiguration:\n  AllowOrigins: [null]", "AllowOrigins", 2, "quotes"),
    ("CorsConfiguration:\n  MaxAge: 1\n  MaxAge: 2", "MaxAge", 3, "twice"),
    ("CorsConfiguration:\n  AllowOrigins: [*]", None, 2, "not YAML"),
    ("a: 1\n---\nb: 2", None, 2, "second document"),
    (
        'resource "aws_apigatewayv2_api" "a" {\n cors_configuration {\n  allow_origins = var.o\n }\n}',
        "allow_origins",
        3,
        "var.o",
    ),
    ('cors_configuration {\n  allow_origins = ["https://${var.d}"]\n}', "allow_origins", 2, "deployed"),
    ('cors_configuration {\n  allow_origin = ["a"]\n}', "allow_origin", 2, "not one of the six"),
    ('cors_configuration {\n  allow_origins = ["a"\n', None, 3, "not Terraform"),
    ("cors_configuration {}\ncors_configuration {}", "cors_configuration", 2, "twice"),
    ('resource "aws_s3_bucket" "a" {}', None, None, "no aws_apigatewayv2_api"),
    ('module "a" {\n cors_configuration = local.cors\n}', "cors_configuration", 2, "local.cors"),
    ("cors:\n  allowedOrigins:\n    - ${self:custom.origin}", "allowedOrigins", 2, "self:custom.origin"),
    ("cors:\n  allowOrigins: [a]", "allowOrigins", 2, "is written allowedOrigins"),
    ("cors: ${file(cors.yml)}", "cors", 1, "worked out when it is deployed"),
    ("cors: hello", "cors", 1, "is not an object"),
    ("x-amazon-apigateway-cors: yes", "x-amazon-apigateway-cors", 1, "six fields"),
    ("new HttpApi(this, 'a', { corsPreflight: {} });", None, None, "cdk synth"),
]


@pytest.mark.parametrize(("text", "field", "line", "words"), WRONG)
def test_a_wrong_paste_shows_where_and_what_to_do(text, field, line, words):
    with pytest.raises(FormatError) as caught:
        detect_and_parse(text)
    assert words in caught.value.message
    assert (caught.value.field, caught.value.line) == (field, line)
    assert caught.value.message[0] not in ":,"
    assert str(caught.value).endswith(caught.value.message)


def test_two_apis_are_named_so_that_one_can_be_chosen():
    template = "Resources:\n" + "".join(f"  {name}: {{Type: 'AWS::ApiGatewayV2::Api'}}\n" for name in ("Shop", "Admin"))
    with pytest.raises(FormatError, match="Shop, Admin"):
        detect_and_parse(template)
    resources = "".join(f'resource "aws_apigatewayv2_api" "{name}" {{}}\n' for name in ("shop", "admin"))
    with pytest.raises(FormatError, match=r"aws_apigatewayv2_api\.shop, aws_apigatewayv2_api\.admin"):
        detect_and_parse(resources)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("aws apigatewayv2 update-api --cli-input-json file://api.json", "what is in that file"),
        ('aws apigatewayv2 update-api --cli-input-json \'{"ApiId": "a"}\'', "no CorsConfiguration"),
        ("aws apigatewayv2 get-apis && aws apigatewayv2 get-apis", "says nothing of CORS"),
        ("CorsConfiguration:\n  AllowOrigins:\n    - !Sub https://${Domain}\n", "worked out when it is deployed"),
    ],
)
def test_what_shows_no_configuration_says_why(text, says):
    with pytest.raises(FormatError, match=says):
        detect_and_parse(text)
