"""Every form in which people have a CORS configuration is read, and a wrong one is answered with its line and field."""

from __future__ import annotations

import json
import textwrap

import pytest

from apis.cors.formats import FORMATS, FormatError, detect_and_parse
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
def test_a_wrong_paste_is_told_where_and_what_to_do(text, field, line, words):
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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("aws apigatewayv2 update-api --cli-input-json file://api.json", "what is in that file"),
        ('aws apigatewayv2 update-api --cli-input-json \'{"ApiId": "a"}\'', "no CorsConfiguration"),
        ("aws apigatewayv2 get-apis && aws apigatewayv2 get-apis", "says nothing of CORS"),
        ("CorsConfiguration:\n  AllowOrigins:\n    - !Sub https://${Domain}\n", "worked out when it is deployed"),
    ],
)
def test_what_tells_no_configuration_says_why(text, says):
    with pytest.raises(FormatError, match=says):
        detect_and_parse(text)
