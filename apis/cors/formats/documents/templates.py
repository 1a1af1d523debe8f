"""What CloudFormation and SAM templates have in common: the APIs of a template, and what it states of their CORS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apis.cors.formats.documents.bodies import policy_in_body, policy_over_body
from apis.cors.formats.documents.openapi import EXTENSION
from apis.cors.formats.documents.template_values import NO_VALUE, Evaluator
from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, Kind, Notes
from apis.cors.formats.values import (
    AWS_NAMES,
    Object,
    Unresolved,
    flag_of,
    is_unresolved,
    line_of,
    policy_from,
    refuse_repeated,
    unresolved,
)
from apis.cors.policy import CorsPolicy

HTTP_API = "AWS::ApiGatewayV2::Api"
SAM_API = "AWS::Serverless::HttpApi"
SAM_FUNCTION = "AWS::Serverless::Function"
FUNCTION_URL = "AWS::Lambda::Url"
CORS = "CorsConfiguration"
IMPLICIT = "ServerlessHttpApi"
"""The logical id of the API that SAM makes for functions whose routes name none."""

OTHERS = {
    "AWS::Serverless::Api": "a REST API",
    "AWS::ApiGateway::RestApi": "a REST API",
    "AWS::AppSync::GraphQLApi": "an AppSync API",
    "AWS::CloudFront::ResponseHeadersPolicy": "a CloudFront response headers policy",
    "AWS::S3::Bucket": "an S3 bucket",
}
"""Resource types with CORS settings of another kind."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a template states of one API: its logical id and type ("" when only a part was pasted), its properties.

    `document` is what the properties' functions are evaluated with.
    """

    name: str
    kind: str
    properties: Mapping[str, Any]
    document: Mapping[str, Any] = field(default_factory=dict)


def read_template(document: Any) -> Document:
    """Return the APIs of a template, a resource, its properties or its CORS block alone. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError("This is not a template. Paste it whole, or from CorsConfiguration on.")
    if any(name in document for name in AWS_NAMES):
        return _document([Stated("", "", {CORS: document})])
    if CORS in document:
        return _document([Stated("", "", document)])
    if isinstance(document.get("Type"), str) and not isinstance(document.get("Resources"), dict):
        return _document(_stated_by("", document, {}, document))
    if "Properties" in document and "Resources" not in document:
        return read_template(document["Properties"])
    return _document(_stated_in(document))


def _document(stated: list[Stated]) -> Document:
    is_sam = any(one.kind in (SAM_API, SAM_FUNCTION) or _is_flag(one) for one in stated)
    return Document("sam" if is_sam else "cloudformation", [found_of(one) for one in stated])


def _is_flag(one: Stated) -> bool:
    return not one.kind and flag_of(one.properties.get(CORS)) is not None


def found_of(one: Stated) -> Found:
    """Return a stated API for the list of what a text states."""
    kind: Kind = "function-url" if one.kind in (FUNCTION_URL, SAM_FUNCTION) else "http-api"
    return Found(one.name, kind, lambda notes: policy_of(one, notes))


def policy_of(stated: Stated, notes: Notes) -> CorsPolicy:
    """Return the policy of an API in a template; without CORS settings it is that of the API's body, or off."""
    evaluator = Evaluator(stated.document, notes)
    properties = Object(stated.properties)
    for key in (CORS, "Cors"):
        if key in properties:
            refuse_repeated(properties, key)
            properties[key] = evaluator.value(properties[key])
    for key in ("Body", "DefinitionBody"):
        body = properties.get(key)
        if isinstance(body, dict) and EXTENSION in body:
            properties[key] = Object(body)
            properties[key][EXTENSION] = evaluator.value(body[EXTENSION])
    is_url = stated.kind in (FUNCTION_URL, SAM_FUNCTION)
    name = "Cors" if is_url else CORS
    value, line = properties.get(name), line_of(properties, name)
    if value is NO_VALUE:
        value = None
    if is_unresolved(value):
        raise unresolved(value, name, line)
    if is_url:
        return _policy_of_url(value, line)
    flag = flag_of(value, quoted=False)
    if value is None or flag is False or (stated.kind == SAM_API and value == {}):
        return policy_in_body(properties)
    if flag and stated.kind == HTTP_API:
        raise FormatError("must be an object with the six fields; only SAM takes true.", name, line)
    if flag:
        value = {"AllowOrigins": ["*"]}
    elif flag_of(value) is not None:
        raise FormatError("must be true or false without quotes, or an object with the six fields.", name, line)
    if not isinstance(value, dict):
        raise FormatError("must be an object with the six fields.", name, line)
    return policy_over_body(policy_from(value), properties)


def _policy_of_url(value: Any, line: int | None) -> CorsPolicy:
    if value is None:
        return CorsPolicy.off()
    if not isinstance(value, dict):
        raise FormatError("must be an object with the six fields.", "Cors", line)
    return policy_from(value)


def is_http_api(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource of a template is an HTTP API, rather than a WebSocket API or something else."""
    properties = resource.get("Properties")
    protocol = properties.get("ProtocolType") if isinstance(properties, dict) else None
    return resource.get("Type") in (HTTP_API, SAM_API) and protocol != "WEBSOCKET"


def _stated_in(document: Mapping[str, Any]) -> list[Stated]:
    refuse_repeated(document, "Resources", "Globals")
    common = _globals(document)
    resources = document.get("Resources", document)
    if is_unresolved(resources):
        raise unresolved(resources, "Resources", line_of(document, "Resources"))
    found: list[Stated] = []
    left_out: list[Stated] = []
    others: list[str] = []
    conditions = Evaluator(document, [])
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if isinstance(resource, dict):
            of_resource = _stated_by(name, resource, common, document, others)
            if of_resource:
                refuse_repeated(resources, name)
            is_made = not of_resource or not conditions.is_false(resource.get("Condition"))
            (found if is_made else left_out).extend(of_resource)
    found = found or left_out
    has_explicit = any(one.name == IMPLICIT for one in found)
    if not has_explicit and isinstance(resources, dict) and any(_implicit_routes(resources)):
        found.append(Stated(IMPLICIT, SAM_API, common, document))
    if not found and common:
        found.append(Stated("", SAM_API, common, document))
    if not found:
        made = f" It makes {' and '.join(dict.fromkeys(others))}, whose CORS is set in another way." if others else ""
        raise FormatError(f"No {HTTP_API} or {SAM_API} is in this template.{made}")
    return found


def _stated_by(
    name: str,
    resource: Mapping[str, Any],
    common: Mapping[str, Any],
    document: Mapping[str, Any],
    others: list[str] | None = None,
) -> list[Stated]:
    """Return what one resource states; what has CORS settings of another kind is named in `others`, or refused."""
    kind = str(resource.get("Type") or "")
    properties = resource.get("Properties")
    if is_unresolved(properties) and kind in (HTTP_API, SAM_API):
        raise unresolved(properties, "Properties", line_of(resource, "Properties"))
    properties = {} if properties is None else properties
    if kind in (HTTP_API, SAM_API, FUNCTION_URL):
        refuse_repeated(resource, "Properties")
        if not isinstance(properties, dict):
            raise FormatError("must be an object.", "Properties", line_of(resource, "Properties"))
    if kind in (HTTP_API, SAM_API):
        if not is_http_api(resource):
            return _refused(kind, "a WebSocket API", others)
        if kind == SAM_API:
            properties = _together(common, properties)
        return [Stated(name, kind, properties, document)]
    if kind == FUNCTION_URL:
        return [Stated(name, kind, properties, document)]
    url = properties.get("FunctionUrlConfig") if isinstance(properties, dict) and kind == SAM_FUNCTION else None
    if isinstance(url, dict) and not is_unresolved(url):
        return [Stated(name, kind, url, document)]
    if kind == SAM_FUNCTION and others is not None:
        return _refused(kind, "a REST API" if _has_rest_route(properties) else "", others)
    return _refused(kind, OTHERS.get(kind, ""), others)


def _refused(kind: str, what: str, others: list[str] | None) -> list[Stated]:
    if others is None:
        is_one = f", it is {what}" if what else ""
        raise FormatError(f"A {kind[:80]} is no HTTP API{is_one}; that would be a {HTTP_API} or a {SAM_API}.", "Type")
    if what:
        others.append(what)
    return []


def _has_rest_route(properties: Any) -> bool:
    """Return whether a function of SAM has a route of a REST API."""
    events = properties.get("Events") if isinstance(properties, dict) else None
    return any(isinstance(one, dict) and one.get("Type") == "Api" for one in _values(events))


def _values(mapping: Any) -> list[Any]:
    return list(mapping.values()) if isinstance(mapping, dict) else []


def _implicit_routes(resources: Mapping[str, Any]) -> Iterator[bool]:
    """Yield whether each route of the functions belongs to the API that SAM makes for those that name none."""
    for resource in resources.values():
        if not isinstance(resource, dict) or resource.get("Type") != SAM_FUNCTION:
            continue
        properties = resource.get("Properties")
        events = properties.get("Events") if isinstance(properties, dict) else None
        for event in _values(events):
            if isinstance(event, dict) and event.get("Type") == "HttpApi":
                given = event.get("Properties")
                yield not (isinstance(given, dict) and given.get("ApiId") is not None)


def _globals(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what SAM's Globals state of every HTTP API."""
    section = document.get("Globals")
    common = section.get("HttpApi") if isinstance(section, dict) else None
    return common if isinstance(common, dict) else {}


def _together(common: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an API's properties with SAM's Globals: objects are merged, lists joined, single values overridden."""
    together = Object(common, own)
    theirs, mine = common.get(CORS), own.get(CORS)
    if mine is None or isinstance(mine, Unresolved):
        together[CORS] = theirs if mine is None else mine
    elif isinstance(theirs, dict) and isinstance(mine, dict) and not is_unresolved(mine):
        together[CORS] = merged = Object(theirs, mine)
        for key, value in mine.items():
            before = theirs.get(key)
            if isinstance(before, list) and isinstance(value, list):
                merged[key] = before + value
    return together
