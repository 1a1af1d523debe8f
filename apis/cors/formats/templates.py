"""What CloudFormation and SAM templates have in common: which API of a template is meant, and what it says of CORS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apis.cors.formats.document import read_document
from apis.cors.formats.format import FormatError
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, is_unresolved, line_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

HTTP_API = "AWS::ApiGatewayV2::Api"
SAM_API = "AWS::Serverless::HttpApi"
_KEY = "CorsConfiguration"
_EXTENSION = "x-amazon-apigateway-cors"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a template says of one API: its logical id and type ("" when only a part was pasted), its properties."""

    name: str
    kind: str
    properties: Mapping[str, Any]


def read_template(text: str) -> CorsPolicy:
    """The policy of the only HTTP API of a template, or of the part of one that was pasted."""
    return policy_of(stated_in(read_document(text)))


def stated_in(document: Any) -> Stated:
    """The API that a template, a resource, its properties or its CORS block alone is about."""
    if not isinstance(document, dict):
        raise FormatError("This is not a template. Paste it whole, or from CorsConfiguration on.")
    if any(name in document for name in AWS_NAMES):
        return Stated("", "", {_KEY: document})
    if _KEY in document:
        return Stated("", "", document)
    if "Type" in document or "Properties" in document:
        return _resource("", document)
    common = _globals(document)
    resources = document.get("Resources", document)
    found = []
    if isinstance(resources, dict):
        named = ((name, value) for name, value in resources.items() if isinstance(value, dict))
        found = [_resource(name, value, common) for name, value in named if _is_http_api(value)]
    if not found and common:
        return Stated("", SAM_API, common)
    if not found:
        raise FormatError(f"No {HTTP_API} or {SAM_API} is in this template.")
    if len(found) > 1:
        names = ", ".join(stated.name for stated in found[:10])
        raise FormatError(f"There are {len(found)} HTTP APIs in this template ({names}). Paste the one that is meant.")
    return found[0]


def policy_of(stated: Stated) -> CorsPolicy:
    """The policy of an API in a template; one that says nothing of CORS leaves it off."""
    properties = stated.properties
    for key in ("Body", "DefinitionBody"):
        body = properties.get(key)
        if isinstance(body, dict) and isinstance(body.get(_EXTENSION), dict) and _KEY not in properties:
            return policy_from(body[_EXTENSION], CAMEL_NAMES)
    value = properties.get(_KEY)
    line = line_of(properties, _KEY)
    if value is None:
        _check_elsewhere(properties)
    if is_unresolved(value):
        error = unresolved(value)
        raise FormatError(error.message, _KEY, error.line or line)
    if value is None or value is False or value == "false":
        return CorsPolicy.off()
    if value is True or value == "true":
        if stated.kind == HTTP_API:
            raise FormatError("must be an object with the six fields; only SAM takes true.", _KEY, line)
        return CorsPolicy.from_aws({"AllowOrigins": ["*"]})
    if not isinstance(value, dict):
        raise FormatError("must be an object with the six fields.", _KEY, line)
    return policy_from(value)


def _check_elsewhere(properties: Mapping[str, Any]) -> None:
    """Raise FormatError when the API is defined by a document that is not here: that one may set CORS."""
    for key in ("Body", "DefinitionBody", "DefinitionUri", "BodyS3Location"):
        given = properties.get(key)
        there = isinstance(given, dict) and not is_unresolved(given) and key in ("Body", "DefinitionBody")
        if given is not None and not there:
            message = "may set CORS. Paste the OpenAPI document that it stands for."
            raise FormatError(message, key, line_of(properties, key))


def _is_http_api(resource: Mapping[str, Any]) -> bool:
    properties = resource.get("Properties")
    protocol = properties.get("ProtocolType") if isinstance(properties, dict) else None
    return resource.get("Type") in (HTTP_API, SAM_API) and protocol != "WEBSOCKET"


def _resource(name: str, resource: Mapping[str, Any], common: Mapping[str, Any] | None = None) -> Stated:
    kind = str(resource.get("Type") or "")
    if kind and kind not in (HTTP_API, SAM_API):
        raise FormatError(f"A {kind[:80]} is no HTTP API; that would be a {HTTP_API} or a {SAM_API}.", "Type")
    properties = resource.get("Properties") or {}
    if not isinstance(properties, dict):
        raise FormatError("must be an object.", "Properties", line_of(resource, "Properties"))
    if kind == SAM_API and common:
        properties = _together(common, properties)
    return Stated(name, kind, properties)


def _globals(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What SAM's Globals say of every HTTP API."""
    section = document.get("Globals")
    common = section.get("HttpApi") if isinstance(section, dict) else None
    return common if isinstance(common, dict) else {}


def _together(common: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """An API's properties with SAM's Globals put in: objects are merged, lists joined, single values overridden."""
    theirs, mine = common.get(_KEY), own.get(_KEY)
    if mine is None:
        return {**own, _KEY: theirs}
    if not isinstance(theirs, dict) or not isinstance(mine, dict):
        return own
    merged = dict(theirs)
    for key, value in mine.items():
        before = theirs.get(key)
        merged[key] = before + value if isinstance(before, list) and isinstance(value, list) else value
    return {**own, _KEY: merged}
