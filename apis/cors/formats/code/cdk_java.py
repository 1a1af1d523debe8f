"""AWS CDK v2 in Java: `corsPreflight` of the HttpApi construct. Only written: reading it takes a compiler."""

from __future__ import annotations

from collections.abc import Iterable

from apis.cors.formats.code.cdk import METHODS, overrides, traps
from apis.cors.formats.escape import expressions, quoted_js
from apis.cors.formats.format import ExportContext, Format
from apis.cors.policy import CorsPolicy

_PACKAGE = "software.amazon.awscdk.services.apigatewayv2"


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Write the construct, and below it what `corsPreflight` cannot say."""
    name = quoted_js(context.name or "my-api")
    opening = ['HttpApi api = HttpApi.Builder.create(this, "HttpApi")', f"    .apiName({name})"]
    if not policy.on:
        off = ["// CORS is off: there is no corsPreflight.", *opening, "    .build();", ""]
        return "\n".join([f"import {_PACKAGE}.HttpApi;", "", *off])
    values, over = expressions(policy, _listed), overrides(policy)
    lines = [
        *_imports(policy),
        "",
        "// In the constructor of the stack:",
        *opening,
        "    .corsPreflight(CorsPreflightOptions.builder()",
        f"        .allowOrigins({values['AllowOrigins']})",
        f"        .allowHeaders({values['AllowHeaders']})",
    ]
    if "AllowMethods" not in over:
        methods = ", ".join(f"CorsHttpMethod.{METHODS[method]}" for method in policy.allow_methods)
        lines.append(f"        .allowMethods(List.of({methods}))")
    lines.append(f"        .exposeHeaders({values['ExposeHeaders']})")
    if "MaxAge" not in over:
        lines.append(f"        .maxAge(Duration.seconds({policy.max_age})) // a Duration, not a number")
    lines += [f"        .allowCredentials({values['AllowCredentials']})", "        .build())", "    .build();"]
    if over:
        lines.append("CfnApi cfnApi = (CfnApi) api.getNode().getDefaultChild();")
    for field, why in over.items():
        lines += [f"// {why}", f'cfnApi.addPropertyOverride("CorsConfiguration.{field}", {values[field]});']
    lines += [f"// {line}" for line in traps(policy, "addRoutes", "defaultIntegration")]
    return "\n".join(lines) + "\n"


def _listed(entries: Iterable[str]) -> str:
    return f"List.of({', '.join(map(quoted_js, entries))})"


def _imports(policy: CorsPolicy) -> list[str]:
    over = overrides(policy)
    classes = ["CorsPreflightOptions", "HttpApi"]
    if policy.allow_methods and "AllowMethods" not in over:
        classes.insert(0, "CorsHttpMethod")
    if over:
        classes.insert(0, "CfnApi")
    duration = [] if "MaxAge" in over else ["import software.amazon.awscdk.Duration;"]
    return ["import java.util.List;", *duration, *(f"import {_PACKAGE}.{name};" for name in classes)]


CDK_JAVA = Format("cdk-java", "CDK (Java)", export)
