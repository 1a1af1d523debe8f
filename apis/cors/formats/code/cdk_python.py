"""AWS CDK v2 in Python: `cors_preflight` of the HttpApi construct. Only written: reading it takes running it."""

from __future__ import annotations

from apis.cors.formats.code.cdk import METHODS, overrides, traps
from apis.cors.formats.escape import expressions, python_list, quoted
from apis.cors.formats.format import ExportContext, Format
from apis.cors.policy import CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the construct, and below it what `cors_preflight` cannot say."""
    name = quoted(context.name or "my-api")
    if not policy.on:
        off = ["# CORS is off: there is no cors_preflight.", f'apigwv2.HttpApi(self, "HttpApi", api_name={name})']
        return "\n".join(["from aws_cdk import aws_apigatewayv2 as apigwv2", "", *off, ""])
    values = expressions(policy, python_list) | {"AllowCredentials": str(policy.allow_credentials)}
    over = overrides(policy)
    lines = [
        *([] if "MaxAge" in over else ["from aws_cdk import Duration"]),
        "from aws_cdk import aws_apigatewayv2 as apigwv2",
        "",
        "api = apigwv2.HttpApi(",
        "    self,",
        '    "HttpApi",',
        f"    api_name={name},",
        "    cors_preflight=apigwv2.CorsPreflightOptions(",
        f"        allow_origins={values['AllowOrigins']},",
        f"        allow_headers={values['AllowHeaders']},",
    ]
    if "AllowMethods" not in over:
        methods = ", ".join(f"apigwv2.CorsHttpMethod.{METHODS[method]}" for method in policy.allow_methods)
        lines.append(f"        allow_methods=[{methods}],")
    lines.append(f"        expose_headers={values['ExposeHeaders']},")
    if "MaxAge" not in over:
        lines.append(f"        max_age=Duration.seconds({policy.max_age}),  # a Duration, not a number")
    lines += [f"        allow_credentials={values['AllowCredentials']},", "    ),", ")"]
    if over:
        lines.append("cfn_api = api.node.default_child")
    for field, why in over.items():
        lines += [f"# {why}", f'cfn_api.add_property_override("CorsConfiguration.{field}", {values[field]})']
    lines += [f"# {line}" for line in traps(policy, "add_routes", "default_integration")]
    return "\n".join(lines) + "\n"


CDK_PYTHON = Format("cdk-python", "CDK (Python)", export)
