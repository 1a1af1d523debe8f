"""AWS CDK v2 in TypeScript: `corsPreflight` of the HttpApi construct. Only written: reading it takes a compiler."""

from __future__ import annotations

from apis.cors.formats.code.cdk import METHODS, overrides, traps
from apis.cors.formats.escape import expressions, js_list, quoted_js
from apis.cors.formats.format import ExportContext, Format
from apis.cors.policy import CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the construct, and below it what `corsPreflight` cannot say."""
    name = quoted_js(context.name or "my-api")
    if not policy.on:
        off = ["// CORS is off: there is no corsPreflight.", f"new HttpApi(this, 'HttpApi', {{ apiName: {name} }});"]
        return "\n".join([*_imports(policy), *off, ""])
    values = expressions(policy, js_list)
    over = overrides(policy)
    lines = [
        *_imports(policy),
        "const api = new HttpApi(this, 'HttpApi', {",
        f"  apiName: {name},",
        "  corsPreflight: {",
        f"    allowOrigins: {values['AllowOrigins']},",
        f"    allowHeaders: {values['AllowHeaders']},",
    ]
    if "AllowMethods" not in over:
        methods = ", ".join(f"CorsHttpMethod.{METHODS[method]}" for method in policy.allow_methods)
        lines.append(f"    allowMethods: [{methods}],")
    lines.append(f"    exposeHeaders: {values['ExposeHeaders']},")
    if "MaxAge" not in over:
        lines.append(f"    maxAge: Duration.seconds({policy.max_age}), // a Duration, not a number")
    lines += [f"    allowCredentials: {values['AllowCredentials']},", "  },", "});"]
    if over:
        lines.append("const cfnApi = api.node.defaultChild as CfnApi;")
    for field, why in over.items():
        lines += [f"// {why}", f"cfnApi.addPropertyOverride('CorsConfiguration.{field}', {values[field]});"]
    lines += [f"// {line}" for line in traps(policy, "addRoutes", "defaultIntegration")]
    return "\n".join(lines) + "\n"


def _imports(policy: CorsPolicy) -> list[str]:
    """Return the imports that the code needs: compilers complain about others."""
    over, needed = overrides(policy), ["HttpApi"]
    if policy.on and policy.allow_methods and "AllowMethods" not in over:
        needed.insert(0, "CorsHttpMethod")
    if policy.on and over:
        needed.insert(0, "CfnApi")
    lines = [f"import {{ {', '.join(needed)} }} from 'aws-cdk-lib/aws-apigatewayv2';", ""]
    if policy.on and "MaxAge" not in over:
        lines.insert(0, "import { Duration } from 'aws-cdk-lib';")
    return lines


CDK_TYPESCRIPT = Format("cdk-typescript", "CDK (TypeScript)", export)
