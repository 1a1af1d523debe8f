"""Asked: which operation a request to the demo AWS means, in whose account and region."""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

DEFAULT_ACCOUNT, DEFAULT_REGION = "123456789012", "us-east-1"

_SCOPE = re.compile(r"Credential=([^/,\s]*)/\d*/([^/,\s]+)/([^/,\s]+)/aws4_request")
_THINGS = {
    "apis": "Api",
    "routes": "Route",
    "routeresponses": "RouteResponse",
    "stages": "Stage",
    "integrations": "Integration",
    "integrationresponses": "IntegrationResponse",
    "authorizers": "Authorizer",
    "deployments": "Deployment",
    "models": "Model",
    "domainnames": "DomainName",
    "apimappings": "ApiMapping",
    "vpclinks": "VpcLink",
}
_VERBS = {"GET": "Get", "POST": "Create", "PATCH": "Update", "DELETE": "Delete"}
_OTHERS = {
    ("PUT", "apis", False): "ImportApi",
    ("PUT", "apis", True): "ReimportApi",
    ("DELETE", "cors", False): "DeleteCorsConfiguration",
    ("GET", "exports", True): "ExportApi",
    ("GET", "tags", True): "GetTags",
    ("POST", "tags", True): "TagResource",
    ("DELETE", "tags", True): "UntagResource",
}
_SESSION = "ASIADEMO"
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class AwsRequest:
    """One request. `ids` are those in the path, by the name of their collection; `operation` is "" for none."""

    operation: str
    account: str
    region: str
    key: str
    ids: dict[str, str]
    query: dict[str, str]
    body: bytes

    @property
    def api(self) -> str:
        """The API's id, "" when it is about none."""
        return self.ids.get("apis", "")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the body's members; none when it is no JSON object."""
        try:
            return tuple(self.json())
        except ValueError:
            return ()

    def json(self) -> dict[str, Any]:
        """Return the body. Raises ValueError when it is no JSON object."""
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value


def read(environ: dict[str, Any], body: bytes) -> AwsRequest:
    """Return what a WSGI request asks for; any keys will do, and none will do as well."""
    key, region, service = "", DEFAULT_REGION, ""
    if found := _SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")):
        key, region, service = found.groups()
    account = account_of(key) or DEFAULT_ACCOUNT
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if path.startswith("/v2/"):
        operation, ids = _gateway_operation(method, path)
        return AwsRequest(operation, account, region, key, ids, query, body)
    if method == "POST" and path in ("", "/") and service == "cloudtrail":
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        return AwsRequest(operation, account, region, key, {}, query, body)
    if method == "POST" and path in ("", "/") and service in ("sts", ""):
        form = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
        return AwsRequest(form.get("Action", ""), account, region, key, {}, form, body)
    return AwsRequest("", account, region, key, {}, query, body)


def _gateway_operation(method: str, path: str) -> tuple[str, dict[str, str]]:
    parts = path.removeprefix("/v2/").rstrip("/").split("/")
    if parts[0] == "tags":
        parts = ["tags", "/".join(parts[1:])]
    ids = {name: unquote(value) for name, value in zip(parts[::2], parts[1::2], strict=False)}
    last, has_id = parts[(len(parts) - 1) // 2 * 2], len(parts) % 2 == 0
    if operation := _OTHERS.get((method, last, has_id)):
        return operation, ids
    if last not in _THINGS or method not in _VERBS or (method in ("PATCH", "DELETE") and not has_id):
        return "", ids
    if method == "POST" and has_id:
        return "", ids
    return _VERBS[method] + _THINGS[last] + ("s" if method == "GET" and not has_id else ""), ids


def session_key(account: str) -> str:
    """Return an access key for a session in an account. It names the account, so it survives a restart of the demo."""
    packed = base64.b32encode(int(account).to_bytes(5, "big")).decode("ascii")
    return f"{_SESSION}{packed}{secrets.token_hex(2).upper()}"


def account_of(key: str) -> str:
    """Return the account of an access key: a session's, or a plain account number; "" for any other key."""
    if _ACCOUNT.fullmatch(key):
        return key
    if not key.startswith(_SESSION):
        return ""
    try:
        return f"{int.from_bytes(base64.b32decode(key[len(_SESSION) : len(_SESSION) + 8]), 'big'):012d}"
    except ValueError:
        return ""
