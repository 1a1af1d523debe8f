"""Templates whose right answer was decided before the readers were tried: other instances of the kinds."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.policy import CorsPolicy

A = "https://app.example.com"
HTTP = "http-api"
Stated = list[tuple[str, dict[str, object] | None]]
"""What a text states: each API's kind, and its six fields or None."""


def api(settings: str, before: str = "") -> str:
    """A Terraform configuration with one HTTP API."""
    return f'{before}\nresource "aws_apigatewayv2_api" "a" {{\n  protocol_type = "HTTP"\n  {settings}\n}}\n'


def origins(expression: str, before: str = "") -> str:
    """A Terraform configuration whose API allows what an expression makes."""
    return api(f"cors_configuration {{\n    allow_origins = {expression}\n  }}", before)


def policy(*allowed: str, **fields: object) -> Stated:
    """One HTTP API that allows these origins."""
    return [(HTTP, {"AllowOrigins": list(allowed), **fields})]


LOCALS = f'locals {{\n  sites = [{{ origin = "{A}", alt = {{ origin = "https://b.example" }} }}]\n}}\n'
TYPED = """variable "cors" {
  type    = object({ allow_origins = optional(list(string), ["*"]), allow_methods = optional(list(string)) })
  default = {}
}
"""
MODULE = 'module "api" {\n  source = "%sterraform-aws-modules/apigateway-v2/aws"\n  name = "a"\n%s}\n'
TRIED = """dynamic "cors_configuration" {
    for_each = length(keys(var.cors)) == 0 ? [] : [var.cors]
    content {
      allow_origins     = try(cors_configuration.value.allow_origins, null)
      allow_methods     = try(cors_configuration.value.allow_methods, null)
      allow_credentials = try(cors_configuration.value.allow_credentials, null)
    }
  }"""
CORS_VARIABLE = f'variable "cors" {{\n  default = {{ allow_origins = ["{A}"], allow_methods = ["GET"] }}\n}}\n'
TERRAFORM: dict[str, tuple[str, Stated]] = {
    "an index of each": (origins('local.sites[*]["origin"]', LOCALS), policy(A)),
    "an index behind names of each": (origins('local.sites[*].alt["origin"]', LOCALS), policy("https://b.example")),
    "try of what is not there": (origins(f'try(local.none[0].x, ["{A}"])', "locals {\n none = []\n}\n"), policy(A)),
    "try of members": (api(TRIED, CORS_VARIABLE), policy(A, AllowMethods=["GET"])),
    "can": (origins(f'can(local.sites[0].origin) ? ["{A}"] : []', LOCALS), policy(A)),
    "can of what is not there": (origins(f'can(local.sites[0].nothing) ? [] : ["{A}"]', LOCALS), policy(A)),
    "an optional attribute": (origins("var.cors.allow_origins", TYPED), policy("*")),
    "an optional attribute that try finds": (origins("try(var.cors.allow_origins, [])", TYPED), policy("*")),
    "optional in a list": (
        origins(
            "var.list[*].name",
            'variable "list" {\n type = list(object({ name = optional(string, "https://n.example") }))\n'
            ' default = [{}, { name = "https://m.example" }]\n}\n',
        ),
        policy("https://n.example", "https://m.example"),
    ),
    "a public module without CORS": (MODULE % ("", ""), [(HTTP, None)]),
    "a public module by its address": (MODULE % ("registry.terraform.io/", ""), [(HTTP, None)]),
    "values of variables": (f'name = "x"\ncors_config = {{\n  allow_origins = ["{A}"]\n  max_age = 60\n}}\n',
                            policy(A, MaxAge=60)),
    "lists in JSON": (
        '{"resource": [{"aws_apigatewayv2_api": [{"a": [{"cors_configuration": [{"allow_origins": ["*"]}]}]}]}]}',
        policy("*"),
    ),
}  # fmt: skip
SERVERLESS = """service: x
{params}
provider:
  name: aws
{stage}  httpApi: {{cors: {{allowedOrigins: ["${{param:origin}}"], allowedHeaders: [a], allowedMethods: [GET]}}}}
functions: {{a: {{handler: h, events: [{{httpApi: 'GET /x'}}]}}}}
"""
OLD = "params: {default: {origin: https://d.example}, prod: {origin: https://p.example}, dev: {other: x}}"
NEW = "stages: {default: {params: {origin: https://d.example}}, prod: {params: {origin: https://p.example}}}"
GET = {"AllowHeaders": ["a"], "AllowMethods": ["GET"]}
PARAMETERS: dict[str, tuple[str, Stated]] = {
    f"{name} of {stage.strip() or 'no stage'}": (
        SERVERLESS.format(params=params, stage=f"  stage: {stage}\n" if stage else ""), policy(origin, **GET)
    )
    for name, params in (("params", OLD), ("stages", NEW))
    for stage, origin in (("", "https://d.example"), ("prod", "https://p.example"), ("dev", "https://d.example"),
                          ("${opt:stage, 'prod'}", "https://p.example"))
}  # fmt: skip
TASKS = "version: '3'\nvars: {{ORIGIN: {a}}}\ntasks:\n  cors:\n    cmds:\n      - {command}\n"
COMMAND = "aws apigatewayv2 update-api --api-id a --cors-configuration AllowOrigins="
CREATE = "aws apigatewayv2 create-api --name x --protocol-type HTTP --target arn:aws:lambda:x\n"
COMMANDS: dict[str, tuple[str, Stated]] = {
    "a task's variable": (TASKS.format(a=A, command=COMMAND + "{{.ORIGIN}}"), policy(A)),
    "a playbook's variable": (
        f"- hosts: all\n  vars: {{origin: {A}}}\n  tasks:\n    - ansible.builtin.command: >-\n        "
        f"{COMMAND}{{{{ origin }}}}\n",
        policy(A),
    ),
    "an API without CORS": (CREATE, [(HTTP, None)]),
    "an API that gets CORS later": (CREATE + COMMAND + A, policy(A)),
}
TABLE = f"""| Setting | Value |
|---|---|
| Access-Control-Allow-Origin | {A}, http://localhost:3000 |
| **Access-Control-Allow-Methods** | `*` |
| Access-Control-Max-Age | 300 |
| Access-Control-Allow-Credentials | YES |
"""
PAGE = f"""Cross-Origin Resource Sharing
Access-Control-Allow-Origin
{A}
http://localhost:3000
Access-Control-Allow-Headers
No Headers are allowed
Access-Control-Allow-Methods
*
Access-Control-Max-Age
300 Seconds
Access-Control-Allow-Credentials
YES
"""
OFF_PAGE = """Access-Control-Allow-Origin
No Origins are allowed
Access-Control-Allow-Methods
No Methods are allowed
Access-Control-Max-Age
0 Seconds
Access-Control-Allow-Credentials
NO
"""
BOTH = policy(A, "http://localhost:3000", AllowMethods=["*"], MaxAge=300, AllowCredentials=True)
CONSOLE: dict[str, tuple[str, Stated]] = {
    "a table": (TABLE, BOTH),
    "the page": (PAGE, [(HTTP, {**(BOTH[0][1] or {}), "AllowHeaders": []})]),
    "lines": ("Access-Control-Allow-Origin: *\nAccess-Control-Allow-Methods : GET, POST\n",
              policy("*", AllowMethods=["GET", "POST"])),
    "a table with AWS's names": ("| AllowOrigins | * |\n|---|---|\n| MaxAge | 5 s |\n", policy("*", MaxAge=5)),
}  # fmt: skip
CONDITIONS = """Parameters: {{On: {{Type: String, Default: {0}}}}}
Conditions: {{IsOn: !Equals [!Ref On, "yes"]}}
Resources:
  Old: {{Type: "AWS::ApiGatewayV2::Api", Condition: IsOn, Properties: {{CorsConfiguration: {{AllowOrigins: ["*"]}}}}}}
  New:
    Type: AWS::ApiGatewayV2::Api
    Condition: {1}
    Properties: {{CorsConfiguration: {{AllowOrigins: ["https://app.example.com"]}}}}
"""
TEMPLATES: dict[str, tuple[str, Stated]] = {
    "an API whose condition is false": (CONDITIONS.format('"no"', "Unknown"), policy(A)),
    "an API whose condition is true": (CONDITIONS.format('"yes"', "Unknown"), [*policy("*"), *policy(A)]),
    "only APIs whose conditions are false": (CONDITIONS.format('"no"', "IsOn"), [*policy("*"), *policy(A)]),
}
READ: dict[str, tuple[str, Stated]] = {**TERRAFORM, **PARAMETERS, **COMMANDS, **CONSOLE, **TEMPLATES}


@pytest.mark.parametrize("name", READ)
def test_a_template_is_read(name):
    text, right = READ[name]
    _, found = read_apis(text)
    assert [(one.kind, one.policy) for one in found] == [(kind, CorsPolicy.from_aws(cors)) for kind, cors in right]


TABLE_OUTPUT = "----\n|  GetApi  |\n+------+\n||  CorsConfiguration  ||\n|||  AllowOrigins  |||\n|||  *  |||\n"
REFUSED = {
    "try of what only Terraform knows": (origins(f'try(module.web.url, ["{A}"])'), "module.web.url"),
    "try without any": (origins("try(local.sites[0].nothing, local.sites[3])", LOCALS), "try()"),
    "each resource": (origins("aws_cloudfront_distribution.web[*].domain_name"), "aws_cloudfront_distribution.web[*]"),
    "a member that is not there": (origins("local.sites[*].nothing", LOCALS), "there is no “nothing”"),
    "an optional attribute without default": (origins("var.cors.allow_methods[0]", TYPED), "var.cors.allow_methods[0]"),
    "another provider's block": (
        'resource "azurerm_healthcare_service" "a" {\n  cors_configuration {\n    allowed_origins = ["*"]\n  }\n}\n',
        "azurerm_healthcare_service",
    ),
    "a WebSocket API's module": (MODULE % ("", '  protocol_type = "WEBSOCKET"\n'), "no aws_apigatewayv2_api"),
    "an unknown variable of a task": (TASKS.format(a=A, command=COMMAND + "{{.OTHER}}"), "{{.OTHER}}"),
    "a response": ("HTTP/2 204\naccess-control-allow-origin: *\naccess-control-allow-methods: GET\n", "a response"),
    "a response without status": (
        "access-control-allow-origin: *\naccess-control-max-age: 1\napigw-requestid: a\n", "a response"
    ),
    "a page that allows nothing": (OFF_PAGE, "an empty configuration"),
    "a field twice": ("Access-Control-Max-Age: 1\nAccess-Control-Max-Age: 2\n", "twice"),
    "a field without a value that fits": (
        "Access-Control-Max-Age: soon\nAccess-Control-Allow-Origin: *\n", "whole number"
    ),
    "a table of the CLI": (TABLE_OUTPUT, "--output json"),
    "a stage that only the command line gives": (
        SERVERLESS.format(params=OLD, stage="  stage: ${opt:stage}\n"), "opt:stage"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_is_refused_by_what_it_is(name):
    text, words = REFUSED[name]
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert words in str(caught.value)


HERE = '$cors = @\'\n{"AllowOrigins":["https://app.example.com"]}\n\'@\n'
GET_API = "$ aws apigatewayv2 get-api --api-id a \\\n  --query 'Items[0]'\n"


@pytest.mark.parametrize(
    ("script", "right"),
    [
        (HERE + COMMAND.replace("AllowOrigins=", "$cors"), policy(A)),
        (f"$web = '{A}'\n{COMMAND}$web\n", policy(A)),
        (f'$web = "{A}";\r\n{COMMAND}$web\r\n', policy(A)),
        (GET_API + '{"ApiId": "a", "CorsConfiguration": {"AllowOrigins": ["*"]}}\n$ ', policy("*")),
        (GET_API + '[\n{"AllowOrigins": ["*"]}]', policy("*")),
        (COMMAND + A + '\n{"ApiId": "a", "CorsConfiguration": {"AllowOrigins": ["*"]}}\n', policy(A)),
    ],
)
def test_a_session_is_read(script, right):
    _, found = read_apis(script)
    assert [(one.kind, one.policy) for one in found] == [(kind, CorsPolicy.from_aws(cors)) for kind, cors in right]


@pytest.mark.parametrize("script", [f"$web = 'a'\n$web = 'b'\n{COMMAND}$web", f'$web = "$other"\n{COMMAND}$web'])
def test_a_variable_with_several_or_unknown_values_is_refused(script):
    with pytest.raises(FormatError, match="web"):
        read_apis(script)
