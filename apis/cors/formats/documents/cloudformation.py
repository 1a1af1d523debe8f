"""CloudFormation: AWS::ApiGatewayV2::Api in a YAML template; reads YAML and JSON."""

from __future__ import annotations

from apis.cors.formats.documents.document import read_document
from apis.cors.formats.documents.templates import read_template
from apis.cors.formats.escape import quoted, renamed, yaml_block
from apis.cors.formats.format import ExportContext, Format, reader
from apis.cors.formats.found import policy_of_text
from apis.cors.formats.values import AWS_NAMES
from apis.cors.policy import CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return a template with the one API."""
    lines = [
        "Resources:",
        "  HttpApi:",
        "    Type: AWS::ApiGatewayV2::Api",
        "    Properties:",
        f"      Name: {quoted(context.name or 'my-api')}",
        "      ProtocolType: HTTP",
    ]
    if policy.on:
        lines += [
            "      # All six fields are stated: an update keeps the old value of one that is left out,",
            "      # so credentials that were on stay on unless AllowCredentials is false.",
            "      CorsConfiguration:",
            *yaml_block(renamed(policy, AWS_NAMES), 8),
        ]
    else:
        lines += [
            "      # CORS is off: there is no CorsConfiguration. If an update leaves the old one in place, run",
            "      # aws apigatewayv2 delete-cors-configuration, as an empty one would block every call.",
        ]
    return "\n".join(lines) + "\n"


@reader
def parse(text: str) -> CorsPolicy:
    """Return a template, its API, or the CorsConfiguration alone."""
    return policy_of_text(read_template(read_document(text)).found)


CLOUDFORMATION = Format("cloudformation", "CloudFormation", export, parse)
