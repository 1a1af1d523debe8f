"""A key that matters and is stated twice is refused in every format; one that does not matter is passed over."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, read_apis

API = "Type: AWS::ApiGatewayV2::Api"
SAM = "Type: AWS::Serverless::HttpApi"
URL = "Type: AWS::Lambda::Url"
REPEATED = [
    ("AllowOrigins: [a]\nAllowOrigins: [b]", "AllowOrigins", 2),
    ("CorsConfiguration: {MaxAge: 1}\nCorsConfiguration: {MaxAge: 2}", "CorsConfiguration", 2),
    (f"{API}\nProperties: {{MaxAge: 1}}\nProperties: {{MaxAge: 2}}", "Properties", 3),
    (f"{API}\nProperties:\n  CorsConfiguration: {{}}\n  CorsConfiguration: {{}}", "CorsConfiguration", 4),
    (f"{SAM}\nProperties:\n  CorsConfiguration: true\n  CorsConfiguration: false", "CorsConfiguration", 4),
    (f"{URL}\nProperties:\n  Cors: {{}}\n  Cors: {{}}", "Cors", 4),
    (f"Resources:\n  A: {{{API}}}\nResources:\n  B: {{{API}}}", "Resources", 3),
    (f"Resources:\n  A: {{{API}}}\n  A: {{{API}}}", "A", 3),
    (f"Globals: {{}}\nResources:\n  A: {{{SAM}}}\nGlobals: {{}}", "Globals", 4),
    ("x-amazon-apigateway-cors: {}\nx-amazon-apigateway-cors: {}", "x-amazon-apigateway-cors", 2),
    ("x-amazon-apigateway-cors:\n  maxAge: 1\n  maxAge: 2", "maxAge", 3),
    ("service: s\nprovider: {}\nprovider: {}", "provider", 3),
    ("service: s\nprovider:\n  httpApi: {}\n  httpApi: {cors: true}", "httpApi", 4),
    ("provider:\n  httpApi:\n    cors: true\n    cors: false", "cors", 4),
    ("httpApi: {}\nhttpApi: {cors: true}", "httpApi", 2),
    ("cors: true\ncors: false", "cors", 2),
    ("service: s\nresources: {}\nresources: {}", "resources", 3),
    ("cors:\n  maxAge: 1\n  maxAge: 2", "maxAge", 3),
    ("functions:\n  f:\n    url:\n      cors: true\n      cors: false", "cors", 5),
    (f"service: s\nresources:\n  Resources:\n    A: {{{API}}}\n    A: {{{API}}}", "A", 5),
    (f"service: s\nresources:\n  Resources:\n    U: {{{URL}}}\n    U: {{{URL}}}", "U", 5),
    ("service: s\nresources:\n  extensions:\n    HttpApi: {}\n    HttpApi: {}", "HttpApi", 5),
    ("service: s\nresources:\n  Resources:\n    HttpApi:\n      Properties: {}\n      Properties: {}",
     "Properties", 6),
    ("type: aws:apigatewayv2:Api\nproperties: {}\nproperties: {}", "properties", 3),
    ("type: aws:apigatewayv2:Api\nproperties:\n  corsConfiguration: {}\n  corsConfiguration: {}",
     "corsConfiguration", 4),
    ("resources:\n  a: {type: 'aws:apigatewayv2:Api'}\n  a: {type: 'aws:apigatewayv2:Api'}", "a", 3),
    ("apiVersion: apigatewayv2.aws.upbound.io/v1\nkind: API\nspec:\n  forProvider: {}\n  forProvider: {}",
     "forProvider", 5),
    ("apiVersion: apigatewayv2.services.k8s.aws/v1\nkind: API\nspec:\n  corsConfiguration: {}\n"
     "  corsConfiguration: {}", "corsConfiguration", 5),
    ('{"CorsConfiguration": {}, "CorsConfiguration": null}', "CorsConfiguration", None),
    ('{"CorsConfiguration": {"MaxAge": 1, "MaxAge": 2}}', "MaxAge", None),
    ('cors_configuration {\n  max_age = 1\n  max_age = 2\n}', "max_age", 3),
    ('resource "aws_apigatewayv2_api" "a" {\n  cors_configuration {}\n  cors_configuration {}\n}',
     "cors_configuration", 3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "line"), REPEATED)
def test_a_repeated_key_is_refused(text: str, field: str, line: int | None) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert (caught.value.field, caught.value.line) == (field, line)
    assert "twice" in caught.value.message


TEMPLATE = f"Resources: {{A: {{{API}, Properties: {{CorsConfiguration: {{AllowOrigins: %s}}}}}}}}\n"
SERVICE = "provider: {name: aws, httpApi: {cors: {allowedOrigins: ['${self:custom.o}']}}}\n"
PROGRAM = (
    "runtime: yaml\nresources:\n  a:\n    type: aws:apigatewayv2:Api\n"
    "    properties: {corsConfiguration: {allowOrigins: ['${o}']}}\n"
)
OF_VARIABLES = [
    (TEMPLATE % "!Ref O" + "Parameters:\n  O: {Default: a}\n  O: {Default: b}", "O", 4),
    (TEMPLATE % "!Ref O" + "Parameters:\n  O: {Default: a, Default: b}", "Default", 3),
    (TEMPLATE % "!Ref O" + "Parameters: {O: {Default: a}}\nParameters: {O: {Default: b}}", "Parameters", 3),
    (TEMPLATE % "!Sub ['${O}', {O: a, O: b}]", "O", 1),
    (TEMPLATE % "!FindInMap [M, k, O]" + "Mappings: {M: {k: {O: a, O: b}}}", "O", 2),
    (TEMPLATE % "!FindInMap [M, k, O]" + "Mappings: {M: {k: {O: a}}}\nMappings: {}", "Mappings", 3),
    (TEMPLATE % "!If [C, a, b]" + "Conditions:\n  C: !Equals [a, a]\n  C: !Equals [a, b]", "C", 4),
    (TEMPLATE % "!If [C, a, b]" + "Conditions: {C: !Equals [a, a]}\nConditions: {C: !Equals [a, b]}", "Conditions", 3),
    (SERVICE + "custom:\n  o: a\n  o: b", "o", 4),
    (SERVICE + "custom: {o: a}\ncustom: {o: b}", "custom", 3),
    (PROGRAM + "variables:\n  o: a\n  o: b", "o", 8),
    (PROGRAM + "variables: {o: a}\nvariables: {o: b}", "variables", 7),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "line"), OF_VARIABLES)
def test_a_repeated_key_of_a_value_that_is_used_is_refused(text: str, field: str, line: int) -> None:
    with pytest.raises(FormatError, match="is there twice") as caught:
        read_apis(text)
    assert (caught.value.field, caught.value.line) == (field, line)


@pytest.mark.parametrize(
    "text",
    [
        'locals {\n  o = ["a"]\n  o = ["b"]\n}\ncors_configuration {\n  allow_origins = local.o\n}\n',
        'variable "o" {\n  default = ["a"]\n  default = ["b"]\n}\ncors_configuration {\n  allow_origins = var.o\n}\n',
        '{"locals": {"o": ["a"], "o": ["b"]}, "resource": {"aws_apigatewayv2_api": {"a": {"cors_configuration": '
        '{"allow_origins": "${local.o}"}}}}}',
    ],
)
def test_a_repeated_value_of_terraform_is_unknown(text: str) -> None:
    with pytest.raises(FormatError, match="o is defined twice"):
        read_apis(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Description: a\nDescription: b\nResources: {{A: {{{API}}}}}",
        f"Resources:\n  A: {{{API}}}\n  Q: {{Type: AWS::SQS::Queue}}\n  Q: {{Type: AWS::SQS::Queue}}",
        "service: s\ncustom: {}\ncustom: {}\nprovider: {name: aws}",
        "openapi: 3.0.1\npaths: {}\npaths: {}",
        f"Parameters: {{O: {{Default: a}}, O: {{Default: b}}}}\nResources: {{A: {{{API}}}}}",
        '{"ApiId": "a", "ProtocolType": "HTTP", "Tags": {}, "Tags": {}}',
    ],
)
def test_another_repeated_key_is_passed_over(text: str) -> None:
    (api,) = read_apis(text)[1]
    assert not api.policy.on
