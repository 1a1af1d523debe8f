"""What CloudFormation and SAM templates have in common: which API of a template is meant, and what it says of CORS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apis.cors.formats.bodies import policy_in_body, policy_over_body
from apis.cors.formats.document import read_document
from apis.cors.formats.format import FormatError
from apis.cors.formats.values import AWS_NAMES, Object, flag_of, is_unresolved, line_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

HTTP_API = "AWS::ApiGatewayV2::Api"
SAM_API = "AWS::Serverless::HttpApi"
CORS = "CorsConfiguration"


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
        return Stated("", "", {CORS: document})
    if CORS in document:
        return Stated("", "", document)
    if "Type" in document or "Properties" in document:
        return _resource("", document)
    common = _globals(document)
    resources = document.get("Resources", document)
    found = []
    if isinstance(resources, dict):
        named = ((name, value) for name, value in resources.items() if isinstance(value, dict))
        found = [_resource(name, value, common) for name, value in named if is_http_api(value)]
    if not found and common:
        return Stated("", SAM_API, common)
    if not found:
        raise FormatError(f"No {HTTP_API} or {SAM_API} is in this template.")
    return the_only(found)


def policy_of(stated: Stated) -> CorsPolicy:
    """The policy of an API in a template; one that says nothing of CORS leaves it to the API's body, or off."""
    properties = stated.properties
    value, line = properties.get(CORS), line_of(properties, CORS)
    if is_unresolved(value):
        raise unresolved(value, CORS, line)
    flag = flag_of(value)
    if value is None or flag is False:
        return policy_in_body(properties)
    if flag and stated.kind == HTTP_API:
        raise FormatError("must be an object with the six fields; only SAM takes true.", CORS, line)
    if flag:
        value = {"AllowOrigins": ["*"]}
    if not isinstance(value, dict):
        raise FormatError("must be an object with the six fields.", CORS, line)
    return policy_over_body(policy_from(value), properties)


def the_only(found: Sequence[Stated]) -> Stated:
    """The API, when there is one. Raises FormatError with the names of several."""
    if len(found) > 1:
        names = ", ".join(stated.name for stated in found[:10])
        raise FormatError(f"There are {len(found)} HTTP APIs here ({names}). Paste the one that is meant.")
    return found[0]


def is_http_api(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of a template is an HTTP API, rather than a WebSocket API or something else."""
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
    together = Object(common, own)
    theirs, mine = common.get(CORS), own.get(CORS)
    if mine is None:
        together[CORS] = theirs
    elif isinstance(theirs, dict) and isinstance(mine, dict):
        together[CORS] = merged = Object(theirs, mine)
        for key, value in mine.items():
            before = theirs.get(key)
            if isinstance(before, list) and isinstance(value, list):
                merged[key] = before + value
    return together
