"""JSON with AWS's names, as GetApi and `aws apigatewayv2 get-api` show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apis.cors.formats.documents.document import read_json
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.found import Document, Found, part, policy_of_text
from apis.cors.formats.kinds import OTHER_SERVICES
from apis.cors.formats.placeholders import as_numbers
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, policy_from, refuse_repeated
from apis.cors.policy import FIELDS, CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the configuration as AWS gives it back: `null` when CORS is off, `{}` when it is on and allows nothing."""
    stated = policy.to_aws()
    if stated is None:
        return "null\n"
    values = {name: as_numbers(text) for name, text in expressions(policy, js_list).items()}
    return json_text({name: text for name, text in values.items() if name in stated}) + "\n"


def json_text(members: dict[str, str], indent: str = "") -> str:
    """Return a JSON object on several lines, its values given as JSON; `indent` is what its last line stands behind."""
    if not members:
        return "{}"
    lines = ",\n".join(f'{indent}  "{name}": {value}' for name, value in members.items())
    return f"{{\n{lines}\n{indent}}}"


@reader
def parse(text: str) -> CorsPolicy:
    """Read the six fields, an answer of get-api or get-apis, or `{"CorsConfiguration": …}`; `null` is off."""
    return policy_of_text(read(read_json(text)).found)


def read(value: Any) -> Document:
    """Return the APIs of a JSON value with AWS's names. Raises FormatError."""
    return Document("json", list(_found(value)))


def _found(value: Any, depth: int = 0) -> list[Found]:
    if value is None:
        return [part(CorsPolicy.off)]
    if isinstance(value, list):
        return _of_items(value, depth)
    if not isinstance(value, dict):
        raise FormatError("This must be an object with the six fields, or null to switch CORS off.")
    for key in ("Items", "FunctionUrlConfigs"):
        if isinstance(value.get(key), list):
            return _of_items(value[key], depth)
    _refuse_others(value)
    name = str(value.get("Name") or value.get("name") or value.get("ApiId") or value.get("FunctionArn") or "")[:200]
    if "FunctionUrl" in value or ("Cors" in value and "AuthType" in value):
        return [Found(name, "function-url", lambda notes: policy_in(value.get("Cors")))]
    return [Found(name, "http-api", lambda notes: policy_in(value))]


def policy_in(value: Any) -> CorsPolicy:
    """Return the policy in one JSON object: the six fields, or what has them. Raises FormatError."""
    if value is None:
        return CorsPolicy.off()
    if not isinstance(value, dict):
        raise FormatError("This must be an object with the six fields, or null to switch CORS off.")
    for key in ("CorsConfiguration", "corsConfiguration", "cors", "Cors"):
        if key in value:
            refuse_repeated(value, key)
            return policy_in(value[key])
    if ("ApiId" in value or "ProtocolType" in value) and not any(name in value for name in FIELDS):
        return CorsPolicy.off()  # GetApi leaves the member out when CORS is off
    camel = value.keys() & CAMEL_NAMES.keys() and not value.keys() & AWS_NAMES.keys()
    return policy_from(value, CAMEL_NAMES if camel else AWS_NAMES)


def _of_items(items: list[Any], depth: int) -> list[Found]:
    """Return the APIs of a list; WebSocket APIs are left out when there are others."""
    found: list[Found] = []
    refused: FormatError | None = None
    if depth == _DEPTH:
        raise FormatError("This is nested too deeply. Paste only the part about the API.")
    for item in items:
        if not isinstance(item, dict | list):
            raise FormatError("There must be objects in this list, one for each API.")
        try:
            found += _found(item, depth + 1)
        except OtherService as error:
            refused = refused or error
    if refused and not found:
        raise refused
    return found


class OtherService(FormatError):
    """A document that is another service's, or another kind of API's."""


def _refuse_others(value: Mapping[str, Any]) -> None:
    """Raise OtherService for the answers of other services, each by its name."""
    if value.get("ProtocolType") == "WEBSOCKET" or value.get("protocolType") == "WEBSOCKET":
        raise OtherService("This is a WebSocket API, which has no CORS.", "ProtocolType")
    for keys, whose in OTHER_SERVICES:
        if keys <= value.keys():
            raise OtherService(f"This is {whose}, not the configuration of an HTTP API.")


_DEPTH = 4


JSON = Format("json", "JSON", export, parse, note="AWS's own names, as get-api shows them.")
