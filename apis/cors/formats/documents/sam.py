"""AWS SAM: AWS::Serverless::HttpApi in a YAML template; reads Globals and `CorsConfiguration: true` as well."""

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
        "Transform: AWS::Serverless-2016-10-31",
        "Resources:",
        "  HttpApi:",
        "    Type: AWS::Serverless::HttpApi",
        "    Properties:",
        f"      Name: {quoted(context.name or 'my-api')}",
    ]
    if policy.on:
        lines.append("      # SAM writes this into the API's OpenAPI document, so it wants none or an inline one.")
        if not policy.allow_credentials:
            lines += [
                "      # SAM never writes AllowCredentials: false. If credentials are on in AWS, switch them off there",
                "      # first: an update may keep them, and is refused when AllowOrigins is *.",
            ]
        lines += ["      CorsConfiguration:", *yaml_block(renamed(policy, AWS_NAMES), 8)]
    else:
        lines.append("      CorsConfiguration: false  # off; true would allow every origin")
    return "\n".join(lines) + "\n"


@reader
def parse(text: str) -> CorsPolicy:
    """Return a template, its API, or the CorsConfiguration alone."""
    return policy_of_text(read_template(read_document(text)).found)


SAM = Format("sam", "AWS SAM", export, parse)
