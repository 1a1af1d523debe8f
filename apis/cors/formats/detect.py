"""Which format a pasted text is in."""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats import aws_json, cli, openapi, serverless, terraform
from apis.cors.formats.document import read_document
from apis.cors.formats.format import FormatError, reader
from apis.cors.formats.serverless_provider import NAMES as SERVERLESS_NAMES
from apis.cors.formats.templates import SAM_API, policy_of, stated_in
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, Object, flag_of
from apis.cors.policy import CorsPolicy

_CLI = re.compile(r"(?:[$%>] )?aws[ \t]|--cors-configuration\b")
_SCRIPT = re.compile(
    r"^(?:[^#\n:\"']*[\s;&])?aws[ \t][^\n]*\bapigatewayv2[ \t]+(?:update-api|create-api|delete-cors)", re.MULTILINE
)
_SHORTHAND = re.compile(r"\A\s*(?:Allow\w+|ExposeHeaders|MaxAge)\s*=")
_CODE = re.compile(r"corsPreflight|cors_preflight|aws\.apigatewayv2\.Api\(|new HttpApi\(|CorsPreflightOptions")
_TERRAFORM = re.compile(
    r"^[ \t]*(?:(?:resource|module|data|variable|terraform|provider|locals)[ \t]*[\"{]"
    rf"|cors_configuration[ \t]*[{{=]|(?:{'|'.join(terraform.NAMES)})[ \t]*=)",
    re.MULTILINE,
)


@reader
def detect_and_parse(text: str) -> tuple[str, CorsPolicy]:
    """The name of the format that a pasted text is in, as in FORMATS, and the policy that it states.

    Raises FormatError: with the line and the field where the text is wrong, or with what can be pasted.
    """
    start = text.strip()
    if start.startswith("```") and start.endswith("```") and "\n" in start:
        text = start[start.index("\n") + 1 : -3]
        start = text.strip()
    if not start:
        raise FormatError("Nothing was pasted.")
    if start == "null":
        return "json", CorsPolicy.off()
    if start[0] not in "{[":
        if _CLI.match(_first_line(text)) or _SHORTHAND.match(text) or _SCRIPT.search(text):
            return "cli", cli.parse(text)
        if _CODE.search(text):
            raise FormatError("CDK and Pulumi code cannot be read. Paste what cdk synth prints, or get-api's answer.")
        if _TERRAFORM.search(text):
            return "terraform", terraform.parse(text)
    return _document(read_document(text))


def _first_line(text: str) -> str:
    """The first line that is neither empty nor a comment."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def _document(document: Any) -> tuple[str, CorsPolicy]:
    """A YAML or JSON document, told by its keys."""
    if not isinstance(document, dict):
        raise _unknown()
    keys = document.keys()
    if keys & {openapi.EXTENSION, "openapi", "swagger", *CAMEL_NAMES.keys() - SERVERLESS_NAMES.keys()}:
        return "openapi", openapi.read(document)
    if keys & {"service", "provider", "httpApi", "cors", "resources", *SERVERLESS_NAMES} and "ApiId" not in keys:
        is_ours = isinstance(document.get("cors"), dict) and document["cors"].keys() & AWS_NAMES.keys()
        return ("json", aws_json.read(document)) if is_ours else ("serverless", serverless.read(document))
    if keys & {"Resources", "Globals", "Transform", "Type", "Properties", "AWSTemplateFormatVersion"}:
        return _template(document)
    if not keys or keys & {"ApiId", "ProtocolType", "Items", "corsConfiguration"}:
        return "json", aws_json.read(document)
    if keys & {"CorsConfiguration", *AWS_NAMES}:
        if isinstance(document, Object):
            return _template(document)
        return "json", aws_json.read(document)
    if any(isinstance(value, dict) and {"Type", "Properties"} & value.keys() for value in document.values()):
        return _template(document)
    raise _unknown()


def _template(document: Any) -> tuple[str, CorsPolicy]:
    stated = stated_in(document)
    value = stated.properties.get("CorsConfiguration")
    is_sam = stated.kind == SAM_API or (not stated.kind and flag_of(value) is not None)
    return ("sam" if is_sam else "cloudformation"), policy_of(stated)


def _unknown() -> FormatError:
    return FormatError(
        "No CORS configuration was found here. Paste the AWS CLI's command or shorthand, JSON with AWS's names, a "
        "CloudFormation or SAM template, Terraform, an OpenAPI document or serverless.yml."
    )
