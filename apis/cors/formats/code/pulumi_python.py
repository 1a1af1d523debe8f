"""Pulumi in Python: `aws.apigatewayv2.Api`. Only written: reading it takes running it."""

from __future__ import annotations

from apis.cors.formats.escape import expressions, python_list, quoted
from apis.cors.formats.format import ExportContext, Format
from apis.cors.policy import CorsPolicy

_NAMES = {
    "AllowOrigins": "allow_origins",
    "AllowHeaders": "allow_headers",
    "AllowMethods": "allow_methods",
    "ExposeHeaders": "expose_headers",
    "MaxAge": "max_age",
    "AllowCredentials": "allow_credentials",
}


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Write the resource."""
    lines = [
        "import pulumi_aws as aws",
        "",
        "api = aws.apigatewayv2.Api(",
        '    "api",',
        f"    name={quoted(context.name or 'my-api')},",
        '    protocol_type="HTTP",',
    ]
    if policy.on:
        values = expressions(policy, python_list) | {"AllowCredentials": str(policy.allow_credentials)}
        lines.append("    # Take the whole cors_configuration out to switch CORS off: an empty one blocks every call.")
        lines.append("    cors_configuration=aws.apigatewayv2.ApiCorsConfigurationArgs(")
        lines += [f"        {_NAMES[name]}={value}," for name, value in values.items()]
        lines.append("    ),")
    else:
        lines.append("    # CORS is off: there is no cors_configuration.")
    lines.append(")")
    return "\n".join(lines) + "\n"


PULUMI_PYTHON = Format("pulumi-python", "Pulumi (Python)", export)
