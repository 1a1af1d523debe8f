"""JSON with AWS's names, as GetApi and `aws apigatewayv2 get-api` show it."""

from __future__ import annotations

from typing import Any

from apis.cors.formats.document import read_json
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, policy_from
from apis.cors.policy import FIELDS, CorsPolicy


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The configuration as AWS gives it back: `null` when CORS is off, `{}` when it is on and allows nothing."""
    stated = policy.to_aws()
    if stated is None:
        return "null\n"
    return json_text({name: text for name, text in expressions(policy, js_list).items() if name in stated}) + "\n"


def json_text(members: dict[str, str], indent: str = "") -> str:
    """A JSON object on several lines, its values given as JSON; `indent` is what its last line stands behind."""
    if not members:
        return "{}"
    lines = ",\n".join(f'{indent}  "{name}": {value}' for name, value in members.items())
    return f"{{\n{lines}\n{indent}}}"


@reader
def parse(text: str) -> CorsPolicy:
    """The six fields, an answer of get-api or get-apis, or `{"CorsConfiguration": …}`; `null` is off."""
    return read(read_json(text))


def read(value: Any) -> CorsPolicy:
    """The policy in a JSON value. Raises FormatError."""
    if value is None:
        return CorsPolicy.off()
    if not isinstance(value, dict):
        raise FormatError("This must be an object with the six fields, or null to switch CORS off.")
    if isinstance(value.get("Items"), list):
        return read(_only(value["Items"]))
    for key in ("CorsConfiguration", "corsConfiguration", "cors"):
        if key in value:
            return read(value[key])
    if ("ApiId" in value or "ProtocolType" in value) and not any(name in value for name in FIELDS):
        return CorsPolicy.off()  # GetApi leaves the member out when CORS is off
    camel = value.keys() & CAMEL_NAMES.keys() and not value.keys() & AWS_NAMES.keys()
    return policy_from(value, CAMEL_NAMES if camel else AWS_NAMES)


def _only(items: list[Any]) -> Any:
    if len(items) == 1:
        return items[0]
    ids = [str(item.get("ApiId") or item.get("Name")) for item in items if isinstance(item, dict)]
    raise FormatError(f"There are {len(items)} APIs here ({', '.join(ids[:10])}). Paste one.", "Items")


JSON = Format("json", "JSON", "json", export, parse, note="AWS's own names, as get-api shows them.")
