"""How each kind of text and document is recognized: by its keys or its first line. Nothing is read yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.commands.automation import scripts_in
from apis.cors.formats.documents.document import JsonObject
from apis.cors.formats.found import Kind
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, SERVERLESS_NAMES, Object

EVENT_LISTS = ("Records", "Events", "configurationItems", "baseConfigurationItems", "Results")
_PULUMI_TYPE = re.compile(r"[\w-]+:[\w/-]*:?\w+")
PULUMI_TYPES: dict[str, tuple[Kind, str]] = {
    "aws:apigatewayv2:Api": ("http-api", "corsConfiguration"),
    "aws:apigatewayv2/api:Api": ("http-api", "corsConfiguration"),
    "aws-native:apigatewayv2:Api": ("http-api", "corsConfiguration"),
    "aws:lambda:FunctionUrl": ("function-url", "cors"),
    "aws:lambda/functionUrl:FunctionUrl": ("function-url", "cors"),
    "aws-native:lambda:Url": ("function-url", "cors"),
}
SERVICES = {
    "s3api": "an S3 bucket",
    "cloudfront": "a CloudFront distribution",
    "apigateway": "a REST API",
    "mediastore": "a MediaStore container",
    "appsync": "an AppSync API",
}
"""Services whose commands set CORS of another kind."""


OTHER_SERVICES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"CORSRules"}), "the CORS of an S3 bucket"),
    (frozenset({"CORSConfiguration"}), "the CORS of an S3 bucket"),
    (frozenset({"AllowedOrigins", "AllowedMethods"}), "a CORS rule of an S3 bucket"),
    (frozenset({"CorsPolicy"}), "the CORS of a MediaStore container"),
    (frozenset({"CorsConfig"}), "a CloudFront response headers policy"),
    (frozenset({"ResponseHeadersPolicy"}), "a CloudFront response headers policy"),
    (frozenset({"ResponseHeadersPolicyConfig"}), "a CloudFront response headers policy"),
    (frozenset({"AccessControlAllowOrigins"}), "a CloudFront response headers policy"),
    (frozenset({"origin", "method", "maxAgeSeconds"}), "the CORS of a Google Cloud Storage bucket"),
    (frozenset({"origin", "method", "responseHeader"}), "the CORS of a Google Cloud Storage bucket"),
    (frozenset({"graphqlApi"}), "an AppSync API"),
    (frozenset({"apiKeySource", "endpointConfiguration"}), "a REST API"),
    (frozenset({"rootResourceId"}), "a REST API"),
)
_CODE = re.compile(
    r"""for[ \t]*\((?:const|let|var)\b
    |import\b(?![ \t]*\{[ \t]*$)|export[ \t]+(?:default|const|class|async|function)|const\b|let\b
    |var[ \t]+\w+[ \t]*[=:]|module\.exports|exports\.|require\(|(?:async[ \t]+)?function\b|new[ \t]+[\w.]+\(
    |return[ \t]+new\b|this\.|await\b|(?:public|private|protected|abstract|final|static)[ \t]+\w
    |package[ \t]+[\w.]+;?$|using[ \t]+[\w.]+;|namespace[ \t]|class[ \t]+\w|def[ \t]+\w
    |from[ \t]+[\w.]+[ \t]+import\b|@(?!(?:echo|ECHO|aws|call|cd|if|rem|REM|set|SET|setlocal)\b)[\w.]+
    |func[ \t]+\w|/\*|['"]use[ ]strict['"]
    |Rails\.[\w.]+[ \t]\w|CORS_(?:ALLOW|ORIGIN)[A-Z_]*[ \t]*=|[A-Za-z_]\w*\.[\w.]+\(
    |(?:[A-Z][\w<>]*[ \t]+)?(?:\w{1,60},[ \t]*){0,3}[\w.]+[ \t]*:?=[ \t]*(?:new[ \t]+)?
    (?:[A-Za-z_]\w*\.[\w.]+|[A-Z]\w*)(?:<[^>\n]*>)?\(""",
    re.VERBOSE,
)


def is_code(first: str) -> bool:
    """Return whether a text is a program, by its first line."""
    return bool(_CODE.match(first))


def is_command(text: str) -> bool:
    """Return whether a text has a command of the AWS CLI for an API, a function URL or another thing with CORS."""
    return "--cors" in text or any(f"{service} " in text for service in ("apigatewayv2", "lambda", *SERVICES))


def has_keys(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    """Return a test for documents that have one of these keys."""
    wanted = frozenset(names)
    return lambda document: bool(wanted & document.keys())


def is_serverless(document: Mapping[str, Any]) -> bool:
    """Return whether a document is a serverless.yml, or a part of one."""
    if not document.keys() & {"service", "provider", "httpApi", "cors", "functions", "resources", *SERVERLESS_NAMES}:
        return False
    if document.keys() & {"ApiId", "api_id", "apiId"}:
        return False
    cors = document.get("cors")
    return not (isinstance(cors, dict) and cors.keys() & AWS_NAMES.keys())


def is_template(document: Mapping[str, Any]) -> bool:
    """Return whether a document is a template of CloudFormation or SAM, or a part of one."""
    if document.keys() & {"Resources", "Globals", "Transform", "Properties", "AWSTemplateFormatVersion"}:
        return True
    if isinstance(document.get("Type"), str) and "::" in document["Type"]:
        return True
    if document.keys() & {"CorsConfiguration", *AWS_NAMES} and "ApiId" not in document:
        return not isinstance(document, JsonObject)
    return any(
        isinstance(value, dict) and isinstance(value.get("Type"), str) and "::" in value["Type"]
        for value in document.values()
    )


def is_camel(document: Mapping[str, Any]) -> bool:
    """Return whether a document is `cors: {…}` of program code, in braces and with the wire's names."""
    cors = document.get("cors")
    if not isinstance(cors, Object) or len(document) != 1:
        return False
    is_code = isinstance(cors, JsonObject) or cors.in_braces
    return is_code and bool(cors.keys() & (CAMEL_NAMES.keys() - SERVERLESS_NAMES.keys()))


_NO_SCRIPTS = frozenset({"service", "provider", "functions", "Resources", "Globals", "Transform", "openapi", "swagger"})
"""Keys of documents whose commands, if they have any, are not what they are about."""


def is_automation(document: Mapping[str, Any]) -> bool:
    """Return whether a document is a workflow or the like, with commands that set CORS."""
    return not document.keys() & _NO_SCRIPTS and scripts_in(document) is not None


def is_event(document: Any) -> bool:
    """Return whether a JSON value is an event, a configuration item, or a list or wrapper of such."""
    if isinstance(document, list):
        return bool(document) and all(isinstance(one, dict) and is_event(one) for one in document)
    return isinstance(document, dict) and (
        {"eventSource", "eventName"} <= document.keys()
        or {"resourceType", "configuration"} <= document.keys()
        or any(isinstance(document.get(name), list) for name in EVENT_LISTS)
        or isinstance(document.get("configurationItem"), dict)
        or isinstance(document.get("CloudTrailEvent"), str)
        or (isinstance(document.get("detail"), dict) and is_event(document["detail"]))
    )


def is_terraform(document: Any) -> bool:
    """Return whether a JSON value is a Terraform configuration."""
    if not isinstance(document, dict):
        return False
    resources = document.get("resource")
    names = [
        name
        for resource in (resources if isinstance(resources, list) else [resources])
        for name in (resource if isinstance(resource, dict) else ())
    ]
    return bool(
        document.keys() & {"terraform", "module", "locals", "variable"} and not document.keys() & {"service"}
    ) or (any("_" in name for name in names))


def is_terraform_state(document: Any) -> bool:
    """Return whether a JSON value is a plan or a state, in a file or as `terraform show -json` prints it."""
    return isinstance(document, dict) and bool(
        "terraform_version" in document
        and document.keys() & {"resources", "values", "planned_values", "format_version"}
    )


def is_manifest(document: Any) -> bool:
    """Return whether a document is a Kubernetes manifest."""
    return isinstance(document, dict) and {"apiVersion", "kind"} <= document.keys()


def is_pulumi(document: Any) -> bool:
    """Return whether a YAML document is a Pulumi program, or one resource of it."""
    if not isinstance(document, dict):
        return False
    if isinstance(document.get("type"), str) and document["type"] in PULUMI_TYPES:
        return True
    resources = document.get("resources")
    kinds = (
        [one.get("type") for one in resources.values() if isinstance(one, dict)] if isinstance(resources, dict) else []
    )
    if any(isinstance(kind, str) and _PULUMI_TYPE.fullmatch(kind) for kind in kinds):
        return True
    return "runtime" in document and "name" in document and "service" not in document and "provider" not in document


def is_other_service(value: Mapping[str, Any]) -> bool:
    """Return whether a JSON value is another service's answer or CORS settings."""
    return any(keys <= value.keys() for keys, _ in OTHER_SERVICES)


def is_aws_json(document: Mapping[str, Any]) -> bool:
    """Return whether a document is JSON with AWS's names, an answer of AWS, or another service's CORS settings."""
    return not document or bool(document.keys() & _AWS_KEYS) or is_other_service(document)


_AWS_KEYS = frozenset(
    {
        "ApiId", "ProtocolType", "Items", "CorsConfiguration", "corsConfiguration", "cors", "Cors", "FunctionUrl",
        "FunctionUrlConfigs", *AWS_NAMES,
    }
)  # fmt: skip
