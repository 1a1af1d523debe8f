"""SST v3: `cors` of sst.aws.ApiGatewayV2 in sst.config.ts."""

from __future__ import annotations

from apis.cors.formats.code import javascript_apis
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, reader
from apis.cors.formats.found import policy_of_text
from apis.cors.policy import CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Write the component for the `run` function of sst.config.ts."""
    lines = ["// In run() of sst.config.ts:", 'const api = new sst.aws.ApiGatewayV2("Api", {']
    if policy.on:
        lines.append("  // Every list is stated: one left out is not empty but *.")
        lines.append("  cors: {")
        values = expressions(policy, js_list) | {"MaxAge": f'"{policy.max_age} seconds"'}
        lines += [f"    {name[0].lower()}{name[1:]}: {value}," for name, value in values.items()]
        lines.append("  },")
    else:
        lines.append("  // Without this line SST turns CORS on for every origin.")
        lines.append("  cors: false,")
    lines.append("});")
    return "\n".join(lines) + "\n"


@reader
def parse(text: str) -> CorsPolicy:
    """Read an sst.config.ts with one ApiGatewayV2."""
    return policy_of_text(javascript_apis.read(text).found)


SST = Format("sst", "SST", export, parse)
