"""Program code is refused by the name of its tool, with what that tool prints instead."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, read_apis

TOOLS = {
    "CDKTF": ["cdktf", "new Apigatewayv2Api("],
    "CDK": [
        "aws-cdk-lib", "aws_cdk", "awscdk", "@aws-cdk", "Amazon.CDK", "corsPreflight", "cors_preflight",
        "CorsHttpMethod", "CfnApi", "HttpApi(", "addFunctionUrl(", "add_function_url(", "FunctionUrlAuthType",
    ],
    "AWS SDK": [
        "@aws-sdk/x", "aws-sdk-go", "awssdk", "UpdateApiCommand", "UpdateApiRequest", "UpdateApiInput",
        "UpdateApiAsync", "AWSSDK", "Aws\\ApiGatewayV2",
    ],
    "Pulumi": ["pulumi", "apigatewayv2.Api", "ApiCorsConfigurationArgs", "corsConfiguration"],
    "SST v2": ["sst/constructs", "@serverless-stack"],
    "Powertools for AWS Lambda": ["aws_lambda_powertools", "aws-lambda-powertools", "APIGatewayHttpResolver"],
    "Chalice": ["chalice", "CORSConfig("],
    "Django": ["CORS_ALLOWED_ORIGINS = []", "CORS_ORIGIN_WHITELIST=[]"],
    "FastAPI": ["CORSMiddleware", "fastapi", "starlette"],
    "Express": ["require('cors')", 'require("cors")', "from 'cors'", 'from "cors"', "express"],
    "NestJS": ["@nestjs/common", "enableCors(", "NestFactory"],
    "Rails": ["Rack::Cors", "Rails.application"],
    "boto3": ["boto3", "update_api(", "CorsConfiguration="],
}  # fmt: skip
HOW = {
    "CDK": "Paste what cdk synth prints, or get-api's answer.",
    "Pulumi": "Paste get-api's answer, or the program as Pulumi YAML.",
    "CDKTF": "Paste what cdktf synth writes (cdk.tf.json).",
}


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_known_by_each_of_its_words(name: str) -> None:
    for word in TOOLS[name]:
        with pytest.raises(FormatError) as caught:
            read_apis(f"import {{ x }} from './y';\nx({word}\n")
        how = HOW.get(name, "Paste get-api's answer.")
        assert caught.value.message == f"This is {name} code, which cannot be read. {how}", word


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import * as apigw from 'aws-cdk-lib/aws-apigateway';\nnew apigw.RestApi(this, 'A');", "CDK"),
        ("from aws_cdk import aws_apigateway as g\ng.LambdaRestApi(self, 'A')", "CDK"),
        ('import software.amazon.awscdk.services.apigateway.*;\nRestApi.Builder.create(this, "A");', "CDK"),
        ("import * as g from '@pulumi/aws-apigateway';\nnew g.RestAPI('a');", "Pulumi"),
    ],
)
def test_code_of_a_rest_api(text: str, name: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert caught.value.message == f"This is {name} code that makes a REST API, not an HTTP API."
    with pytest.raises(FormatError, match="which cannot be read"):
        read_apis(f"{text}\nnew HttpApi(this, 'B');")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("corsPreflight: {\n  allowOrigins: ['*'],\n  maxAge: Duration.days(1),\n},\n", "CDK"),
        ('cors_preflight={\n    "allow_origins": ["*"],\n},\n', "CDK"),
        ("  allowMethods: [CorsHttpMethod.GET],\n  maxAge: x(1),\n}", "CDK"),
    ],
)
def test_a_part_of_code(text: str, name: str) -> None:
    with pytest.raises(FormatError, match=f"This is {name} code"):
        read_apis(text)


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.environ",
        "export const s = { provider: { name: 'aws' } };",
        "export const s = { service: 's', functions: {} };",
        "import x from 'y';\nf({ a: 1, provider: {} });\nexport default {}",
        "const a = b ? { service: 's', provider: {} } : 1;",
        "const s = { custom: { provider: 1, service: 2 } };",
        "import Apigatewayv2Apis from 'xpulum';",
    ],
)
def test_other_code_is_called_program_code(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert caught.value.message.startswith("This is program code,")


CORS = "httpApi: { cors: { allowedOrigins: ['https://a.example'], allowedHeaders: [], allowedMethods: ['GET'] } }"


@pytest.mark.parametrize(
    "text",
    [
        f"module.exports = {{ service: 's', provider: {{ {CORS} }} }};",
        f"export default {{ provider: {{ {CORS} }}, functions: {{}} }}",
        f"export default {{ provider: {{ {CORS} }} }}",
        f"export default defineConfig({{ service: 's', provider: {{ {CORS} }} }});",
        f"const c: AWS = {{ service: 's', provider: {{ {CORS} }} }};\nmodule.exports = c;",
        f"const first = {{ a: 1 }};\nconst s = {{ service: 's', provider: {{ {CORS} }} }};",
    ],
)
def test_the_object_of_a_service(text: str) -> None:
    name, (api,) = read_apis(text)
    assert (name, api.kind) == ("serverless", "http-api")
    assert (api.policy.allow_origins, api.policy.allow_methods) == (("https://a.example",), ("GET",))


def test_components_of_sst_are_those_that_are_made() -> None:
    text = (
        "export default $config({ async run() {\n"
        "  const name = 'x';\n"
        "  new sst.aws.ApiGatewayV2('Web', { cors: false });\n"
        "  new other.lib.v2.ApiGatewayV2('B');\n"
        "  f(a, b, c, d.e.ApiGatewayV2('C'));\n"
        "  new sst.aws.Function('Off', { url: false });\n"
        "  new sst.aws.Function('None', {});\n"
        "  new sst.aws.Function('Url', { url: true });\n"
        "  new sst.aws.Function(name, { url: { cors: false } });\n"
        "  class D extends sst.aws.ApiGatewayV2 {}\n"
        "  const E = sst.aws.ApiGatewayV2;\n"
        "} });"
    )
    name, found = read_apis(text)
    assert name == "sst"
    assert [(api.name, api.kind, api.policy.on) for api in found] == [
        ("Web", "http-api", False),
        ("Url", "function-url", True),
        ("x", "function-url", False),
    ]
