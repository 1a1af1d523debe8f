"""What AWS records about an API: CloudTrail's events and AWS Config's items, alone, in lists or wrapped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from apis.cors.formats.documents.aws_json import OtherService
from apis.cors.formats.documents.document import read_json
from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, Kind, Notes, updated
from apis.cors.formats.kinds import EVENT_LISTS
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, Object, policy_from
from apis.cors.policy import CorsPolicy

_MOST = 1_000
_DEPTH = 5
_CORS = ("corsconfiguration", "cors")
_CONFIG_TYPES: dict[str, Kind] = {"AWS::ApiGatewayV2::Api": "http-api", "AWS::Lambda::Url": "function-url"}
_CALLS: dict[tuple[str, str], Kind] = {
    **{("apigateway", name): "http-api" for name in ("UpdateApi", "CreateApi", "DeleteCorsConfiguration")},
    **{("lambda", name): "function-url" for name in ("UpdateFunctionUrlConfig", "CreateFunctionUrlConfig")},
}
_FROM_A_DOCUMENT = (("apigateway", "ImportApi"), ("apigateway", "ReimportApi"))
"""Calls whose request does not state CORS; their response may."""


def read(document: Any) -> Document:
    """Return the APIs that events or items are about, of several calls to one API the last. Raises FormatError."""
    format_name, found, refused = "cloudtrail", dict[tuple[str, str], Found](), None
    for event in sorted(_events(document, 0), key=_time):
        try:
            if "eventName" in event:
                one = _of_call(event)
            else:
                format_name, one = "config", _of_item(event)
        except FormatError as error:
            target = _outdated(event)
            before = len(found)
            found = {key: one for key, one in found.items() if key[1] != target}
            refused = error if len(found) < before else refused or error
            continue
        earlier = found.get((one.kind, one.name))
        found[one.kind, one.name] = _over(earlier, one) if earlier and _states_changes(event) else one
    if not found:
        raise refused or FormatError("No event here sets the CORS of an HTTP API.")
    return Document(format_name, list(found.values()))


def _outdated(event: Mapping[str, Any]) -> str | None:
    """Return the API or function whose earlier events no longer count: it was deleted, or made from a document."""
    if str(event.get("configurationItemStatus")).startswith("ResourceDeleted"):
        return _name_of_item(event)
    name = str(event.get("eventName")).rstrip("0123456789v")
    if event.get("errorCode") or name not in ("DeleteApi", "ReimportApi", "DeleteFunctionUrlConfig"):
        return None
    return str(_member(event.get("requestParameters"), "apiid", "functionname"))[:200]


def _states_changes(event: Mapping[str, Any]) -> bool:
    """Return whether a call states only what it changes: UpdateApi keeps the fields that its request leaves out."""
    return event.get("eventName") == "UpdateApi" and _member(event.get("responseElements"), *_CORS) is None


def _over(before: Found, after: Found) -> Found:
    return replace(after, read=lambda notes: updated(before.read(notes), after.read(notes)))


def _time(event: Mapping[str, Any]) -> str:
    return str(event.get("eventTime") or event.get("configurationItemCaptureTime") or "")


def _events(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, str):
        value = read_json(value)
    if isinstance(value, list):
        for entry in value[:_MOST]:
            yield from _events(entry, depth + 1)
        return
    if not isinstance(value, dict) or depth > _DEPTH:
        return
    for key in (*EVENT_LISTS, "detail", "configurationItem", "CloudTrailEvent"):
        if isinstance(value.get(key), list | dict | str):
            yield from _events(value[key], depth + 1)
            return
    if "eventName" in value or "resourceType" in value:
        yield value


def _of_call(event: Mapping[str, Any]) -> Found:
    source = str(event.get("eventSource", "")).removesuffix(".amazonaws.com")
    name = str(event.get("eventName", ""))
    bare = name.rstrip("0123456789v") if source == "lambda" else name
    kind = _CALLS.get((source, bare))
    if (source, name) in _FROM_A_DOCUMENT and _member(event.get("responseElements"), *_CORS) is not None:
        kind = "http-api"
    if kind is None:
        raise OtherService(f"{name[:60]} of {source[:60]} sets no CORS of an HTTP API.", "eventName")
    if event.get("errorCode"):
        raise FormatError(f"This call failed ({str(event['errorCode'])[:60]}), so it changed nothing.", "errorCode")
    request, answer = event.get("requestParameters"), event.get("responseElements")
    target = str(_member(request, "apiid", "functionname") or _member(answer, "apiid", "functionarn") or "")[:200]
    if str(_member(request, "protocoltype") or "").upper() == "WEBSOCKET":
        raise OtherService("This is a WebSocket API, which has no CORS.", "protocolType")
    if name == "DeleteCorsConfiguration":
        return Found(target, kind, lambda notes: CorsPolicy.off())
    # The answer has the whole configuration; the request has only what it changes.
    cors = _member(answer, *_CORS)
    if cors is None:
        cors = _member(request, *_CORS)
    if cors is None and name != "CreateApi":
        raise FormatError(f"This {name[:60]} does not set CORS.", "requestParameters")
    return Found(target, kind, _reader(cors))


def _of_item(item: Mapping[str, Any]) -> Found:
    kind = _CONFIG_TYPES.get(str(item.get("resourceType")))
    if kind is None:
        raise OtherService(f"{str(item.get('resourceType'))[:80]} is not an HTTP API.", "resourceType")
    if str(item.get("configurationItemStatus")).startswith("ResourceDeleted"):
        raise FormatError("This API was deleted, so it has no configuration.", "configurationItemStatus")
    given = item.get("configuration")
    if isinstance(given, str):
        given = read_json(given)
    if not isinstance(given, dict):
        raise FormatError("must be an object.", "configuration")
    if str(_member(given, "protocoltype") or "").upper() == "WEBSOCKET":
        raise OtherService("This is a WebSocket API, which has no CORS.", "ProtocolType")
    return Found(_name_of_item(item), kind, _reader(_member(given, *_CORS)))


def _name_of_item(item: Mapping[str, Any]) -> str:
    return str(item.get("resourceName") or item.get("resourceId") or "")[:200]


def _reader(cors: Any) -> Callable[[Notes], CorsPolicy]:
    def read_cors(notes: Notes) -> CorsPolicy:
        if cors is None:
            return CorsPolicy.off()
        if not isinstance(cors, dict):
            raise FormatError("must be an object with the six fields.", "corsConfiguration")
        camel = cors.keys() & CAMEL_NAMES.keys()
        return policy_from(Object(cors), CAMEL_NAMES if camel else AWS_NAMES)

    return read_cors


def _member(value: Any, *names: str, depth: int = 0) -> Any:
    """Return a member by its name in lower case, in an object or in the objects in it."""
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if not isinstance(value, dict) or depth > 2:
        return None
    for key, member in value.items():
        if key.lower() in names:
            return member
    for member in list(value.values())[:20]:
        found = _member(member, *names, depth=depth + 1) if isinstance(member, dict) else None
        if found is not None:
            return found
    return None
