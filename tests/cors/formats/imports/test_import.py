"""Every form in which people have a CORS configuration is read, and a wrong one is answered with its line and field."""

from __future__ import annotations

import json
import textwrap

import pytest

from apis.cors.formats import FORMATS, detect_and_parse
from apis.cors.policy import CorsPolicy

TUTORIAL = CorsPolicy(
    allow_origins=("http://localhost:3000", "https://example.com"),
    allow_methods=("GET", "POST", "PUT", "DELETE"),
    allow_headers=("Content-Type", "Authorization"),
    max_age=86400,
)
FIELDS = """
      AllowOrigins: ["http://localhost:3000", "https://example.com"]
      AllowMethods: [GET, POST, PUT, DELETE]
      AllowHeaders: [Content-Type, Authorization]
      MaxAge: 86400"""

READ = {
    "the CLI's shorthand": (
        "cli",
        'AllowOrigins="http://localhost:3000","https://example.com",AllowMethods=GET,POST,PUT,DELETE,'
        "AllowHeaders=Content-Type,Authorization,MaxAge=86400",
    ),
    "the tutorial's form, which the CLI itself refuses": (
        "cli",
        """
        aws apigatewayv2 update-api \\
          --api-id abc123def4 \\
          --cors-configuration \\
            AllowOrigins="http://localhost:3000","https://example.com" \\
            AllowMethods="GET","POST","PUT","DELETE" \\
            AllowHeaders="Content-Type","Authorization" \\
            MaxAge=86400 \\
          --region us-east-1 \\
          --output json
        """,
    ),
    "that form without the command": (
        "cli",
        """AllowOrigins="http://localhost:3000","https://example.com" \\
           AllowMethods="GET","POST","PUT","DELETE"
           AllowHeaders="Content-Type", "Authorization"
           MaxAge=86400""",
    ),
    "a prompt, continued lines of the Windows command line, and CRLF": (
        "cli",
        "$ aws apigatewayv2 update-api ^\r\n --api-id x --cors-configuration "
        "AllowOrigins=http://localhost:3000,https://example.com,AllowMethods=GET,POST,PUT,DELETE,^\r\n"
        "AllowHeaders=Content-Type,Authorization,MaxAge=86400\r\n",
    ),
    "JSON in a command, in either quotes": (
        "cli",
        "# all of it\naws apigatewayv2 update-api --api-id x --cors-configuration='"
        + json.dumps(TUTORIAL.to_aws())
        + '\' --region eu-west-1\n{"ApiId": "x"}',
    ),
    "JSON in double quotes": (
        "cli",
        "aws apigatewayv2 create-api --cors-configuration " + json.dumps(json.dumps(TUTORIAL.to_aws())),
    ),
    "explicit lists": (
        "cli",
        "--cors-configuration AllowOrigins=[http://localhost:3000,https://example.com],"
        "AllowMethods=[GET,POST,PUT,DELETE],AllowHeaders=[Content-Type,Authorization],MaxAge=86400",
    ),
    "JSON": ("json", json.dumps(TUTORIAL.to_aws(), indent=2)),
    "the answer of get-api": (
        "json",
        json.dumps({"ApiId": "abc123def4", "CorsConfiguration": TUTORIAL.to_aws(), "ProtocolType": "HTTP"}),
    ),
    "the answer of get-apis with one API": (
        "json",
        json.dumps({"Items": [{"ApiId": "a", "CorsConfiguration": TUTORIAL.to_aws()}]}),
    ),
    "our own REST answer": ("json", json.dumps({"id": 1, "api_id": "a", "cors": TUTORIAL.to_aws()})),
    "a template": (
        "cloudformation",
        f"""
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {{Type: String}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub "${{AWS::StackName}}-handler"
      Role: !GetAtt Role.Arn
      Code: {{ZipFile: "aws s3 cp"}}
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: {{ProtocolType: WEBSOCKET}}
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
     Name: !Ref Stage
     ProtocolType: HTTP
     CorsConfiguration:{FIELDS}
""",
    ),
    "a template in JSON": (
        "cloudformation",
        json.dumps(
            {
                "Resources": {
                    "Api": {
                        "Type": "AWS::ApiGatewayV2::Api",
                        "Properties": {
                            "Name": {"Ref": "X"},
                            "CorsConfiguration": TUTORIAL.to_update() | {"MaxAge": "86400"},
                        },
                    }
                }
            }
        ),
    ),
    "one resource": (
        "cloudformation",
        f"Api:\n  Type: AWS::ApiGatewayV2::Api\n  Properties:\n    CorsConfiguration:{FIELDS}",
    ),
    "the block": ("cloudformation", f"CorsConfiguration:{FIELDS}"),
    "what is in the block": ("cloudformation", textwrap.dedent(FIELDS)),
    "keys taken over from an anchor": (
        "cloudformation",
        "x-common: &common {AllowHeaders: [Content-Type, Authorization], MaxAge: 1}\n"
        "Resources: {Api: {Type: 'AWS::ApiGatewayV2::Api', Properties: "
        "{CorsConfiguration: {<<: *common, MaxAge: 86400, "
        "AllowOrigins: ['http://localhost:3000', 'https://example.com'], AllowMethods: [GET, POST, PUT, DELETE]}}}}",
    ),
    "SAM": (
        "sam",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: AWS::Serverless::HttpApi\n"
        f"    Properties:\n     CorsConfiguration:{FIELDS}",
    ),
    "SAM's Globals": ("sam", f"Globals:\n  HttpApi:\n    CorsConfiguration:{FIELDS}\nResources: {{}}"),
    "Globals and an API's own": (
        "sam",
        """
        Globals:
          HttpApi:
            CorsConfiguration:
              AllowOrigins: ["http://localhost:3000"]
              AllowMethods: [GET, POST, PUT, DELETE]
              MaxAge: 5
        Resources:
          Api:
            Type: AWS::Serverless::HttpApi
            Properties:
              CorsConfiguration:
                AllowOrigins: [https://example.com]
                AllowHeaders: [Content-Type, Authorization]
                MaxAge: 86400
        """,
    ),
    "Terraform": (
        "terraform",
        """
        resource "aws_apigatewayv2_api" "socket" {
          name = "s"
          protocol_type = "WEBSOCKET"
        }
        resource "aws_apigatewayv2_api" "api" {
          name          = "${var.name}-api" # not ours to work out
          protocol_type = "HTTP"
          tags          = merge(local.tags, { a = 1 })
          cors_configuration {
            allow_origins = ["http://localhost:3000", "https://example.com"]
            allow_methods = [
              "GET", "POST",   // more
              "PUT", "DELETE",
            ]
            allow_headers = ["Content-Type", "Authorization"]
            max_age       = 86400
          }
        }
        """,
    ),
    "Terraform's block": (
        "terraform",
        """cors_configuration {
             allow_origins = ["http://localhost:3000", "https://example.com"]
             allow_methods = ["GET", "POST", "PUT", "DELETE"]
             allow_headers = ["Content-Type", "Authorization"]
             max_age = "86400"
           }""",
    ),
    "the argument of a Terraform module": (
        "terraform",
        """module "api" {
             source = "terraform-aws-modules/apigateway-v2/aws"
             cors_configuration = {
               allow_origins = ["http://localhost:3000", "https://example.com"]
               allow_methods = ["GET", "POST", "PUT", "DELETE"]
               "allow_headers" : ["Content-Type", "Authorization"]
               max_age = 86400
             }
           }""",
    ),
    "the attributes alone": (
        "terraform",
        """allow_origins = ["http://localhost:3000", "https://example.com"]
           allow_methods = ["GET", "POST", "PUT", "DELETE"]
           allow_headers = ["Content-Type", "Authorization"]
           max_age = 86400""",
    ),
    "serverless.yml": (
        "serverless",
        """
        service: s
        provider:
          name: aws
          httpApi:
            cors:
              allowedOrigins: [http://localhost:3000, https://example.com]
              allowedMethods: [GET, POST, PUT, DELETE]
              allowedHeaders: [Content-Type, Authorization]
              maxAge: 86400
        functions:
          f: {handler: h, events: [{httpApi: "GET /x"}]}
        """,
    ),
    "the OpenAPI extension in JSON": (
        "openapi",
        json.dumps(
            {
                "openapi": "3.0.1",
                "paths": {},
                "x-amazon-apigateway-cors": {
                    "allowOrigins": ["http://localhost:3000", "https://example.com"],
                    "allowMethods": ["GET", "POST", "PUT", "DELETE"],
                    "allowHeaders": ["Content-Type", "Authorization"],
                    "maxAge": 86400,
                },
            }
        ),
    ),
    "the OpenAPI extension in YAML": (
        "openapi",
        """
        x-amazon-apigateway-cors:
          allowOrigins:
          - http://localhost:3000
          - https://example.com
          allowMethods: [GET, POST, PUT, DELETE]
          allowHeaders: [Content-Type, Authorization]
          maxAge: 86400
        """,
    ),
    "the extension's object": (
        "openapi",
        "allowOrigins: [http://localhost:3000, https://example.com]\nallowMethods: [GET, POST, PUT, DELETE]\n"
        "allowHeaders: [Content-Type, Authorization]\nmaxAge: 86400",
    ),
    "a fenced block of a chat": ("json", "```json\n" + json.dumps(TUTORIAL.to_aws()) + "\n```"),
}


@pytest.mark.parametrize("case", READ)
def test_a_paste_is_recognised_and_read(case):
    name, text = READ[case]
    assert detect_and_parse(text) == (name, TUTORIAL)
    parse = FORMATS[name].parse
    assert parse is not None
    if not text.startswith("```"):
        assert parse(text) == TUTORIAL


OFF = [
    ("json", "null"),
    ("json", '{"CorsConfiguration": null}'),
    ("json", '{"ApiId": "a", "ProtocolType": "HTTP"}'),
    ("cli", "aws apigatewayv2 delete-cors-configuration --api-id a"),
    ("cloudformation", "Resources: {A: {Type: 'AWS::ApiGatewayV2::Api', Properties: {Name: x}}}"),
    ("sam", "Resources: {A: {Type: 'AWS::Serverless::HttpApi'}}"),
    ("sam", "Resources: {A: {Type: 'AWS::Serverless::HttpApi', Properties: {CorsConfiguration: false}}}"),
    ("terraform", 'resource "aws_apigatewayv2_api" "a" {\n name = "x"\n}'),
    ("serverless", "provider: {name: aws}"),
    ("serverless", "provider: {name: aws, httpApi: {cors: false}}"),
    ("openapi", '{"openapi": "3.0.1", "paths": {}}'),
]


@pytest.mark.parametrize(("name", "text"), OFF)
def test_a_whole_document_that_says_nothing_of_cors_is_cors_off(name, text):
    assert detect_and_parse(text) == (name, CorsPolicy.off())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("json", "{}"),
        ("json", '{"CorsConfiguration": {}}'),
        ("cloudformation", "CorsConfiguration: {}"),
        ("terraform", "cors_configuration {}"),
        ("openapi", "x-amazon-apigateway-cors: {}"),
    ],
)
def test_an_empty_configuration_is_not_off(name, text):
    assert detect_and_parse(text) == (name, CorsPolicy())


def test_sam_true_is_every_origin():
    text = "CorsConfiguration: true"
    assert detect_and_parse(text) == ("sam", CorsPolicy(allow_origins=("*",)))


def test_serverless_true_gets_the_defaults_and_the_routes_methods():
    text = """
    provider: {httpApi: {cors: true}}
    functions:
      a: {events: [{httpApi: "get /a"}, {httpApi: {method: PUT, path: /a}}, {sqs: x}]}
      b: {events: [{httpApi: "*"}]}
      c: {events: [{http: "POST /rest"}]}
    """
    name, policy = detect_and_parse(text)
    assert name == "serverless"
    assert policy.allow_origins == ("*",)
    assert "X-Amzn-Trace-Id" in policy.allow_headers and len(policy.allow_headers) == 7
    assert set(policy.allow_methods) == {"OPTIONS", "GET", "POST", "PUT", "PATCH", "HEAD", "DELETE"}
    named = detect_and_parse("cors: {allowedOrigins: [https://a.example]}\nfunctions: {}")[1]
    assert named.allow_origins == ("https://a.example",)
    assert named.allow_methods == ("OPTIONS",)


def test_only_what_is_stated_counts_as_stated():
    policy = detect_and_parse("AllowOrigins=https://a.example,AllowCredentials=true")[1]
    assert policy.stated == {"AllowOrigins", "AllowCredentials"}
    assert policy.allow_credentials is True


ONE = CorsPolicy.from_aws({"AllowOrigins": ["https://a.example"], "MaxAge": 60})


@pytest.mark.parametrize(
    "text",
    [
        "AWS_PROFILE=prod AWS_REGION=eu-west-1 aws apigatewayv2 update-api --api-id a "
        "--cors-configuration AllowOrigins=https://a.example,MaxAge=60",
        "#!/bin/sh\nset -e\nAPI=abc123def4\naws apigatewayv2 update-api --api-id $API "
        "--cors-configuration AllowOrigins=https://a.example,MaxAge=60\n",
        "aws apigatewayv2 delete-cors-configuration --api-id a && aws apigatewayv2 update-api --api-id a "
        "--cors-configuration AllowOrigins=https://a.example,MaxAge=60",
        "aws apigatewayv2 update-api --api-id a --name b && \\\n  aws apigatewayv2 update-api --api-id a "
        "--cors-configuration AllowOrigins=https://a.example,MaxAge=60",
        "aws apigatewayv2 update-api --cli-input-json "
        '\'{"ApiId": "a", "CorsConfiguration": {"AllowOrigins": ["https://a.example"], "MaxAge": 60}}\'',
        "PS> aws apigatewayv2 update-api --api-id a `\n  --cors-configuration AllowOrigins=https://a.example,MaxAge=60",
        '{"corsConfiguration": {"allowOrigins": ["https://a.example"], "maxAge": 60}}',
        "CorsConfiguration:\n  AllowOrigins:\n    - !Sub https://a.example\n  MaxAge: 60\n",
    ],
)
def test_however_people_keep_it(text):
    assert detect_and_parse(text)[1] == ONE
