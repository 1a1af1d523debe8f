"""OpenAPI: the extension x-amazon-apigateway-cors at the root of a document; reads JSON and YAML."""

from __future__ import annotations

from typing import Any

from apis.cors.formats.aws_json import json_text
from apis.cors.formats.document import read_document
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.values import CAMEL_NAMES, is_unresolved, line_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

EXTENSION = "x-amazon-apigateway-cors"


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The part of a document that speaks of CORS; a document without the extension is CORS switched off."""
    members = {"openapi": '"3.0.1"'}
    if policy.on:
        values = {name[0].lower() + name[1:]: value for name, value in expressions(policy, js_list).items()}
        members[EXTENSION] = json_text(values, "  ")
    return json_text(members) + "\n"


@reader
def parse(text: str) -> CorsPolicy:
    """A document, or the extension's object alone."""
    return read(read_document(text))


def read(document: Any) -> CorsPolicy:
    """The policy in an OpenAPI document or in the extension's object. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError(f"This is not an OpenAPI document. Paste it whole, or from {EXTENSION} on.")
    if EXTENSION in document:
        value = document[EXTENSION]
        if is_unresolved(value):
            raise unresolved(value, EXTENSION, line_of(document, EXTENSION))
        if not isinstance(value, dict):
            raise FormatError("must be an object with the six fields.", EXTENSION, line_of(document, EXTENSION))
        return policy_from(value, CAMEL_NAMES)
    if any(key in document for key in ("openapi", "swagger", "paths")):
        return CorsPolicy.off()
    return policy_from(document, CAMEL_NAMES)


OPENAPI = Format(
    "openapi",
    "OpenAPI extension",
    "json",
    export,
    parse,
    note="Put it at the root of the API's document; reimport-api replaces all routes, so import that document whole.",
)
