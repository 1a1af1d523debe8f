"""Discover: what HTTP APIs an account has in a region, and what lies behind one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from apis.aws.clients import call_for_api, items
from apis.aws.connection import Reach
from apis.aws.descriptions import ApiSeen, Details, Domain, Mapping
from apis.aws.errors import Invalid, Unreachable
from apis.cors.policy import FIELDS

type Row = dict[str, Any]


def list_apis(reach: Reach, region: str, page_size: int = 500, odd: list[str] | None = None) -> Iterator[ApiSeen]:
    """Yield every HTTP API (not WebSocket or REST APIs), a page at a time; `odd` as for `items`. Raises AwsError."""
    for api in items(reach, region, "GetApis", page_size, key="ApiId", odd=odd):
        if api.get("ProtocolType") == "HTTP":
            yield _api(api)


def get_api(reach: Reach, region: str, api_id: str) -> ApiSeen:
    """Return one API as it is now. Raises NotFound when AWS has it no longer, AwsError."""
    return _api(call_for_api(reach, region, "GetApi", ApiId=api_id))


def details(reach: Reach, region: str, api_id: str) -> Details:
    """Return the API's routes, stages, integrations and authorizers, in four calls or more. Raises AwsError."""

    def rows(operation: str, key: str, read: Callable[[Row], Row]) -> list[Row]:
        return [read(row) for row in items(reach, region, operation, key=key, ApiId=api_id)]

    return Details(
        routes=rows("GetRoutes", "RouteKey", _route),
        stages=rows("GetStages", "StageName", _stage),
        integrations=_if_known(lambda: rows("GetIntegrations", "IntegrationId", _integration)),
        authorizers=_if_known(lambda: rows("GetAuthorizers", "AuthorizerId", _authorizer)),
    )


def domains(reach: Reach, region: str, odd: list[str] | None = None) -> list[Domain]:
    """Return a region's custom domains with their APIs; one call, and one for each domain. Raises AwsError.

    `odd` as for `items`.
    """
    found = []
    for row in items(reach, region, "GetDomainNames", key="DomainName", odd=odd):
        name = row["DomainName"]
        mapped = items(reach, region, "GetApiMappings", key="ApiId", odd=odd, DomainName=name)
        mappings = tuple(Mapping(m["ApiId"], m.get("ApiMappingKey") or "", m.get("Stage", "")) for m in mapped)
        scheme, port = "https", ""
        if name.endswith(".localhost"):
            # An emulator on this machine: plain HTTP, at the port of its target.
            targets = [target.get("ApiGatewayDomainName") or "" for target in row.get("DomainNameConfigurations", [])]
            number = next((urlsplit(f"//{target}").port for target in targets if ":" in target), None)
            scheme, port = "http", f":{number}" if number else ""
        mutual_tls = bool((row.get("MutualTlsAuthentication") or {}).get("TruststoreUri"))
        found.append(Domain(f"{name}{port}", scheme, mutual_tls, mappings))
    return found


def six_fields(cors: Row | None) -> Row | None:
    """Return a CorsConfiguration with nothing but the six fields, in the console's order."""
    return None if cors is None else {name: cors[name] for name in FIELDS if cors.get(name) is not None}


def _if_known(read: Callable[[], list[Row]]) -> list[Row] | None:
    """Some endpoints other than AWS have only a part of the operations; an API can be shown without these."""
    try:
        return read()
    except Invalid:
        return None
    except Unreachable as error:
        if error.status >= 500:
            return None
        raise


def _api(row: Row) -> ApiSeen:
    return ApiSeen(
        api_id=row["ApiId"],
        name=row.get("Name", ""),
        description=row.get("Description") or "",
        endpoint=row.get("ApiEndpoint") or "",
        cors=six_fields(row.get("CorsConfiguration")),
        tags=dict(row.get("Tags") or {}),
        disable_execute_api_endpoint=bool(row.get("DisableExecuteApiEndpoint")),
        managed=bool(row.get("ApiGatewayManaged")),
        created_at=row.get("CreatedDate"),
    )


def _route(row: Row) -> Row:
    return {
        "key": row["RouteKey"],
        "id": row.get("RouteId", ""),
        "authorization": row.get("AuthorizationType") or "NONE",
        "authorizer": row.get("AuthorizerId") or "",
        "scopes": list(row.get("AuthorizationScopes") or []),
        "target": row.get("Target") or "",
    }


def _stage(row: Row) -> Row:
    updated = row.get("LastUpdatedDate")
    return {
        "name": row["StageName"],
        "auto_deploy": bool(row.get("AutoDeploy")),
        "deployment": row.get("DeploymentId") or "",
        "last_deployment": row.get("LastDeploymentStatusMessage") or "",
        "updated_at": updated.isoformat() if updated else None,
    }


def _integration(row: Row) -> Row:
    return {
        "id": row.get("IntegrationId", ""),
        "type": row.get("IntegrationType", ""),
        "uri": row.get("IntegrationUri") or "",
        "method": row.get("IntegrationMethod") or "",
        "payload_format": row.get("PayloadFormatVersion") or "",
    }


def _authorizer(row: Row) -> Row:
    jwt = row.get("JwtConfiguration") or {}
    return {
        "id": row.get("AuthorizerId", ""),
        "name": row.get("Name", ""),
        "type": row.get("AuthorizerType", ""),
        "identity_sources": list(row.get("IdentitySource") or []),
        "issuer": jwt.get("Issuer") or "",
        "audience": list(jwt.get("Audience") or []),
    }
