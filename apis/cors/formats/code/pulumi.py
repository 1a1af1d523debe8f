"""Pulumi in TypeScript: `aws.apigatewayv2.Api`, with Terraform's fields in camel case. Only written."""

from __future__ import annotations

from apis.cors.formats.escape import expressions, js_list, quoted_js
from apis.cors.formats.format import ExportContext, Format
from apis.cors.policy import CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the resource."""
    lines = [
        'import * as aws from "@pulumi/aws";',
        "",
        'const api = new aws.apigatewayv2.Api("api", {',
        f"  name: {quoted_js(context.name or 'my-api')},",
        '  protocolType: "HTTP",',
    ]
    if policy.on:
        lines.append("  // Take the whole corsConfiguration out to switch CORS off: an empty one blocks every call.")
        lines.append("  corsConfiguration: {")
        for name, value in expressions(policy, js_list).items():
            lines.append(f"    {name[0].lower()}{name[1:]}: {value},")
        lines.append("  },")
    else:
        lines.append("  // CORS is off: there is no corsConfiguration.")
    lines.append("});")
    return "\n".join(lines) + "\n"


PULUMI = Format("pulumi", "Pulumi (TypeScript)", export)
