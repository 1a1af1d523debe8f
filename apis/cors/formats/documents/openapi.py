"""OpenAPI: the extension x-amazon-apigateway-cors at the root of a document; reads JSON and YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apis.cors.formats.documents.aws_json import json_text
from apis.cors.formats.documents.document import read_document
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.found import Document, Found, fixed
from apis.cors.formats.placeholders import as_numbers
from apis.cors.formats.values import CAMEL_NAMES, is_unresolved, line_of, policy_from, refuse_repeated, unresolved
from apis.cors.policy import CorsPolicy

EXTENSION = "x-amazon-apigateway-cors"
_REST_ONLY = frozenset(
    f"x-amazon-apigateway-{name}"
    for name in (
        "gateway-responses", "policy", "request-validators", "request-validator", "api-key-source",
        "binary-media-types", "endpoint-configuration", "minimum-compression-size", "documentation", "models",
    )
)  # fmt: skip
"""Extensions that only REST APIs know."""
_OTHER_VENDORS = ("x-google-", "x-azure-", "x-ms-", "x-kong-", "x-tyk-", "x-ibm-")
_MOST_PATHS = 2_000


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the CORS part of a document; without the extension, CORS is off."""
    members = {"openapi": '"3.0.1"'}
    if policy.on:
        values = {name[0].lower() + name[1:]: as_numbers(text) for name, text in expressions(policy, js_list).items()}
        members[EXTENSION] = json_text(values, "  ")
    return json_text(members) + "\n"


@reader
def parse(text: str) -> CorsPolicy:
    """Read a document, or the extension's object alone."""
    return policy_in(read_document(text))


def read(document: Any) -> Document:
    """Return the API of an OpenAPI document or of the extension's object. Raises FormatError."""
    policy = policy_in(document)
    info = document.get("info")
    name = info.get("title") if isinstance(info, dict) else ""
    return Document("openapi", [Found(name if isinstance(name, str) else "", "http-api", fixed(policy))])


def policy_in(document: Any) -> CorsPolicy:
    """Return the policy of an OpenAPI document or of the extension's object. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError(f"This is not an OpenAPI document. Paste it whole, or from {EXTENSION} on.")
    _refuse_others(document)
    if EXTENSION in document:
        value = document[EXTENSION]
        refuse_repeated(document, EXTENSION)
        if is_unresolved(value):
            raise unresolved(value, EXTENSION, line_of(document, EXTENSION))
        if not isinstance(value, dict):
            raise FormatError("must be an object with the six fields.", EXTENSION, line_of(document, EXTENSION))
        return policy_from(value, CAMEL_NAMES)
    if any(key in document for key in ("openapi", "swagger", "paths")):
        return CorsPolicy.off()
    return policy_from(document, CAMEL_NAMES)


def _refuse_others(document: Mapping[str, Any]) -> None:
    """Raise FormatError for the document of a REST API or of another vendor's gateway."""
    if "swagger" in document:
        line = line_of(document, "swagger")
        raise FormatError("is 2.0 here, a REST API's document: HTTP APIs take OpenAPI 3 only.", "swagger", line)
    for key in document:
        if key in _REST_ONLY or (key.startswith(_OTHER_VENDORS) and EXTENSION not in document):
            whose = "a REST API's document" if key in _REST_ONLY else "for another gateway than AWS's"
            raise FormatError(f"makes this {whose}, not an HTTP API's.", key[:64], line_of(document, key))
    paths = document.get("paths")
    for methods in list(paths.values())[:_MOST_PATHS] if isinstance(paths, dict) else ():
        for method in list(methods.values())[:10] if isinstance(methods, dict) else ():
            integration = method.get("x-amazon-apigateway-integration") if isinstance(method, dict) else None
            if isinstance(integration, dict) and str(integration.get("type")).lower() in ("mock", "aws"):
                kind = str(integration["type"]).lower()
                raise FormatError(f"An integration of type {kind} makes this a REST API's document, not an HTTP API's.")


OPENAPI = Format(
    "openapi",
    "OpenAPI extension",
    export,
    parse,
    note="Put it at the root of the API's document; reimport-api replaces all routes, so import that document whole.",
)
