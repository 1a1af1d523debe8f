"""Reading: the HTTP APIs of a region, one API anew, its routes and stages, and the custom domains that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from apis.aws.errors import AwsError, translated
from apis.aws.reach import Reach, client

PAGE = "500"
"""APIs a call; AWS takes MaxResults as text."""
CORS_MEMBERS = ("AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")


@dataclass(frozen=True, slots=True)
class ApiSeen:
    """One HTTP API as GetApis or GetApi gives it; `cors` is None when off, {} when on with nothing set."""

    api_id: str
    name: str
    description: str = ""
    endpoint: str = ""
    cors: dict[str, Any] | None = None
    tags: dict[str, str] = field(default_factory=dict)
    disable_execute_api_endpoint: bool = False
    managed: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What decides who answers a call. A part is None where this endpoint does not know the operation."""

    routes: list[dict[str, Any]] | None
    stages: list[dict[str, Any]] | None
    integrations: list[dict[str, Any]] | None
    authorizers: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Mapping:
    """A path of a custom domain that leads to one stage of an API."""

    api_id: str
    stage: str
    path: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain name with its mappings. `mutual_tls` domains want a client certificate."""

    name: str
    mappings: list[Mapping]
    mutual_tls: bool = False
    scheme: str = "https"


@contextmanager
def speaking(what: str) -> Iterator[None]:
    """Turns botocore's errors into this room's; `what` completes "AWS could not be reached to …"."""
    try:
        yield
    except AwsError:
        raise
    except Exception as error:
        raise translated(error, what) from error


def list_apis(reach: Reach, region: str) -> Iterator[ApiSeen]:
    """Every HTTP API of a region, page by page; WebSocket APIs are left out. Raises AwsError."""
    what = f"list the APIs of {region}"
    with speaking(what):
        pages = client(reach, "apigatewayv2", region).get_paginator("get_apis")
        for page in pages.paginate(PaginationConfig={"PageSize": PAGE}):
            for one in page.get("Items", []):
                if one.get("ProtocolType") == "HTTP":
                    yield _seen(one)


def get_api(reach: Reach, region: str, api_id: str) -> ApiSeen:
    """One API as it is now. Raises NotFound when it is gone, otherwise AwsError."""
    with speaking(f"read the API {api_id}"):
        return _seen(client(reach, "apigatewayv2", region).get_api(ApiId=api_id))


def _seen(one: dict[str, Any]) -> ApiSeen:
    return ApiSeen(
        api_id=one["ApiId"],
        name=one.get("Name", ""),
        description=one.get("Description", ""),
        endpoint=one.get("ApiEndpoint", ""),
        cors=cors_of(one),
        tags=dict(one.get("Tags") or {}),
        disable_execute_api_endpoint=bool(one.get("DisableExecuteApiEndpoint")),
        managed=bool(one.get("ApiGatewayManaged")),
        created_at=one.get("CreatedDate"),
    )


def cors_of(answer: dict[str, Any]) -> dict[str, Any] | None:
    """The CORS configuration of an answer, members that this version does not know left out; None when off."""
    found = answer.get("CorsConfiguration")
    if found is None:
        return None
    return {name: found[name] for name in CORS_MEMBERS if found.get(name) is not None}


def details(reach: Reach, region: str, api_id: str) -> Details:
    """An API's routes, stages, integrations and authorizers: four calls or more. Raises AwsError."""
    with speaking(f"read the routes of the API {api_id}"):
        api = client(reach, "apigatewayv2", region)
        routes = _all(api, "get_routes", api_id)
        stages = _all(api, "get_stages", api_id)
        integrations = _all(api, "get_integrations", api_id)
        authorizers = _all(api, "get_authorizers", api_id)
    return Details(
        routes=None if routes is None else [_route(one) for one in routes],
        stages=None if stages is None else [_stage(one) for one in stages],
        integrations=None if integrations is None else [_integration(one) for one in integrations],
        authorizers=None if authorizers is None else [_authorizer(one) for one in authorizers],
    )


def _all(api: Any, operation: str, api_id: str) -> list[dict[str, Any]] | None:
    """Every item of a paged operation; None where the endpoint does not have it (501, or no such operation)."""
    try:
        pages = api.get_paginator(operation).paginate(ApiId=api_id, PaginationConfig={"PageSize": PAGE})
        return [item for page in pages for item in page.get("Items", [])]
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status in (405, 501):
            return None
        raise


def _route(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one.get("RouteId", ""),
        "key": one.get("RouteKey", ""),
        "authorization": one.get("AuthorizationType") or "NONE",
        "authorizer": one.get("AuthorizerId", ""),
        "target": one.get("Target", ""),
    }


def _stage(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one.get("StageName", ""),
        "auto_deploy": bool(one.get("AutoDeploy")),
        "deployment": one.get("DeploymentId", ""),
        "message": one.get("LastDeploymentStatusMessage", ""),
    }


def _integration(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one.get("IntegrationId", ""),
        "type": one.get("IntegrationType", ""),
        "uri": one.get("IntegrationUri", ""),
        "method": one.get("IntegrationMethod", ""),
    }


def _authorizer(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one.get("AuthorizerId", ""),
        "name": one.get("Name", ""),
        "type": one.get("AuthorizerType", ""),
        "identity": list(one.get("IdentitySource") or []),
    }


def domains(reach: Reach, region: str) -> list[Domain]:
    """The region's custom domains with what they lead to: one call, and one for each domain. Raises AwsError."""
    with speaking(f"list the custom domains of {region}"):
        api = client(reach, "apigatewayv2", region)
        pages = api.get_paginator("get_domain_names").paginate(PaginationConfig={"PageSize": PAGE})
        found = [item for page in pages for item in page.get("Items", [])]
        return [
            Domain(
                name=one["DomainName"],
                mappings=_mappings(api, one["DomainName"]),
                mutual_tls=bool((one.get("MutualTlsAuthentication") or {}).get("TruststoreUri")),
                # A custom domain of AWS has TLS always; those of a demo on this machine have none.
                scheme="http" if one["DomainName"].partition(":")[0].endswith(".localhost") else "https",
            )
            for one in found
        ]


def _mappings(api: Any, domain: str) -> list[Mapping]:
    """GetApiMappings has no paginator in botocore, so the pages are followed by hand."""
    found: list[Mapping] = []
    token: dict[str, str] = {}
    while True:
        page = api.get_api_mappings(DomainName=domain, MaxResults=PAGE, **token)
        for one in page.get("Items", []):
            found.append(Mapping(one["ApiId"], one.get("Stage", ""), one.get("ApiMappingKey", "")))
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}
