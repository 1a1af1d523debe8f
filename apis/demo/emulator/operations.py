"""The operations in which moto does not do as AWS does: checked, carried out and answered here, with moto behind."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import yaml

from apis.cors.aws_validation import refusal
from apis.cors.policy import PolicyError
from apis.demo.emulator import store
from apis.demo.emulator.clock import CLOCK
from apis.demo.emulator.ids import new_id
from apis.demo.emulator.request import AwsRequest
from apis.demo.emulator.response import Reply, bad_request, not_found, nothing, ok

type Forward = Callable[[dict[str, Any] | None], Reply]
"""Hands the request to moto, with another body if one is given."""

type Operation = Callable[[AwsRequest, Forward, int], Reply]

PAGE, LARGEST_PAGE = 100, 500
"""Items on a page, unless MaxResults says otherwise; what AWS's own numbers are is not documented."""

LONGEST_NAME = 128


class Refusal(Exception):
    """What AWS refuses with BadRequestException."""


def _checked(sent: Any, before: dict[str, Any] | None, protocol: str) -> dict[str, Any]:
    """Return the configuration that AWS would hold. Raises Refusal in AWS's words."""
    if protocol != "HTTP":
        raise Refusal("CORS configuration is only supported for HTTP APIs")
    if not isinstance(sent, dict):
        raise Refusal("Invalid request body")
    after = store.merged(before, sent)
    try:
        refused = refusal(store.as_policy(after))
    except PolicyError as error:
        raise Refusal(f"Invalid request body: {error}") from error
    if refused:
        raise Refusal(refused)
    return after


def create_api(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """CORS is checked, the id has ten characters, and a `target` makes a route and a stage (quick create)."""
    wanted = request.json()
    if not 1 <= len(str(wanted.get("name") or "")) <= LONGEST_NAME:
        return bad_request(f"Invalid API name specified: it must have from 1 to {LONGEST_NAME} characters")
    if wanted.get("corsConfiguration") is not None:
        wanted["corsConfiguration"] = _checked(wanted["corsConfiguration"], None, wanted.get("protocolType", ""))
    reply = forward(wanted)
    if reply.status >= 300:
        return reply
    api = store.find(request.account, request.region, reply.json()["apiId"])
    store.rename(api, new_id(), gateway_port)
    if wanted.get("target"):
        _quick_create(api, wanted["target"], wanted.get("routeKey") or "$default")
    return ok(api.to_json(), 201)


def _quick_create(api: Any, target: str, route_key: str) -> None:
    kind, method = ("HTTP_PROXY", "ANY") if target.startswith("http") else ("AWS_PROXY", "POST")
    integration = api.create_integration(
        connection_type="INTERNET",
        description="",
        integration_method=method,
        integration_type=kind,
        integration_uri=target,
        payload_format_version="1.0" if kind == "HTTP_PROXY" else "2.0",
    )
    api.create_route(False, [], route_key, f"integrations/{integration.id}", authorization_type="NONE")
    api.create_stage({"stageName": "$default", "autoDeploy": True})


def update_api(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """CORS fields are merged into those that are there, and the whole is checked; `{}` clears nothing."""
    wanted, api = request.json(), store.find(request.account, request.region, request.api)
    if api is not None and wanted.get("corsConfiguration") is not None:
        sent = wanted["corsConfiguration"]
        wanted["corsConfiguration"] = _checked(sent, api.cors_configuration, api.protocol_type)
    return forward(wanted)


def reimport_api(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Replace an API's CORS configuration by the definition's, checked and in lower case like any other."""
    api = store.find(request.account, request.region, request.api)
    definition = yaml.safe_load(str(request.json().get("body") or ""))
    if api is None:
        return forward(None)
    if not isinstance(definition, dict):
        return bad_request("Unable to parse the API definition because of a malformed definition")
    cors = definition.get("x-amazon-apigateway-cors")
    held = api.cors_configuration if cors is None else _checked(cors, None, api.protocol_type)
    reply = forward(None)
    if reply.status >= 300:
        return reply
    api.cors_configuration = held
    return ok(api.to_json(), 201)


def get_authorizers(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Return every authorizer of an API; moto returns only one at a time."""
    api = store.find(request.account, request.region, request.api)
    return ok({"items": [one.to_json() for one in list(api.authorizers.values())]}) if api else _no_api(request)


def get_deployments(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Return every deployment of an API, newest first."""
    api = store.find(request.account, request.region, request.api)
    return ok({"items": store.deployments(api)[::-1]}) if api else _no_api(request)


def create_deployment(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Deploy to a stage that does not do so automatically."""
    api, wanted = store.find(request.account, request.region, request.api), request.json()
    if api is None:
        return _no_api(request)
    stage = None
    if name := wanted.get("stageName"):
        stage = api.stages.get(name)
        if stage is None:
            return not_found(f"Invalid stage identifier specified {name}")
        if stage.auto_deploy:
            return bad_request("Deployment ID cannot be set because AutoDeploy is enabled")
    now = CLOCK.now()
    deployment = {
        "deploymentId": new_id()[:6],
        "deploymentStatus": "DEPLOYED",
        "autoDeployed": False,
        "createdDate": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "description": wanted.get("description") or "",
    }
    store.deployments(api).append(deployment)
    if stage is not None:
        stage.deployment_id, stage.updated = deployment["deploymentId"], now.replace(tzinfo=None)
        stage.deployed_cors = store.policy(api)
    return ok(deployment, 201)


def get_stages(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Stages with what is deployed to them."""
    reply = forward(None)
    api = store.find(request.account, request.region, request.api)
    if reply.status >= 300 or api is None:
        return reply
    return ok({"items": [_stage(stage) for stage in list(api.stages.values())]})


def get_stage(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Return a stage with what is deployed to it."""
    reply = forward(None)
    api = store.find(request.account, request.region, request.api)
    return reply if reply.status >= 300 or api is None else ok(_stage(api.stages[request.ids["stages"]]))


def update_stage(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Return the settings of a stage that this demo knows."""
    api, wanted = store.find(request.account, request.region, request.api), request.json()
    if api is None:
        return _no_api(request)
    stage = api.stages.get(request.ids["stages"])
    if stage is None:
        return not_found(f"Invalid stage identifier specified {request.ids['stages']}")
    auto = wanted.get("autoDeploy", stage.auto_deploy)
    if wanted.get("deploymentId") and auto:
        return bad_request("Deployment ID cannot be set because AutoDeploy is enabled")
    stage.auto_deploy = auto
    stage.description = wanted.get("description", stage.description)
    stage.stage_variables = {**stage.stage_variables, **wanted.get("stageVariables", {})}
    if wanted.get("deploymentId"):
        stage.deployment_id = wanted["deploymentId"]
    stage.updated = CLOCK.now().replace(tzinfo=None)
    return ok(_stage(stage))


def _stage(stage: Any) -> dict[str, Any]:
    deployed = getattr(stage, "deployment_id", None)
    return {**stage.to_json(), **({"deploymentId": deployed} if deployed else {})}


def create_domain_name(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Create a custom domain, with the address for its DNS record."""
    wanted = request.json()
    for one in wanted.get("domainNameConfigurations") or [{}]:
        one["apiGatewayDomainName"] = domain_target(request.region, gateway_port)
        one["domainNameStatus"] = "AVAILABLE"
    return forward(wanted)


def domain_target(region: str, gateway_port: int) -> str:
    """Return what a custom domain's DNS record points to; here with the port, which DNS cannot have."""
    return f"d-{new_id()}.execute-api.{region}.localhost:{gateway_port}"


def delete_domain_name(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Delete a domain's mappings with it; moto stumbles over them."""
    held, name = store.backend(request.account, request.region), request.ids["domainnames"]
    for key, mapping in list(held.api_mappings.items()):
        if mapping.domain_name == name:
            del held.api_mappings[key]
    return forward(None)


def get_api_mappings(request: AwsRequest, forward: Forward, gateway_port: int) -> Reply:
    """Refuse an unknown domain; moto answers an empty list."""
    held = store.backend(request.account, request.region)
    if request.ids["domainnames"] not in held.domain_names:
        return not_found("Invalid domain name identifier specified")
    return forward(None)


def _no_api(request: AwsRequest) -> Reply:
    return not_found(f"Invalid API identifier specified {request.api}")


OPERATIONS: dict[str, Operation] = {
    "CreateApi": create_api,
    "UpdateApi": update_api,
    "ReimportApi": reimport_api,
    "GetAuthorizers": get_authorizers,
    "GetDeployments": get_deployments,
    "CreateDeployment": create_deployment,
    "GetStages": get_stages,
    "GetStage": get_stage,
    "UpdateStage": update_stage,
    "CreateDomainName": create_domain_name,
    "DeleteDomainName": delete_domain_name,
    "GetApiMappings": get_api_mappings,
}


def finished(request: AwsRequest, reply: Reply) -> Reply:
    """Return a good answer with AWS's status for its operation, and one page of a list."""
    if request.operation.startswith("Create") and reply.status == 200:
        return Reply(201, reply.body)
    if request.operation.startswith("Delete") or request.operation == "UntagResource":
        return nothing()
    if request.operation.startswith("Get") and request.operation.endswith("s") and request.operation != "GetTags":
        return _one_page(request, reply)
    return reply


def _one_page(request: AwsRequest, reply: Reply) -> Reply:
    items = reply.json().get("items")
    if not isinstance(items, list):
        return reply
    try:
        size = int(request.query.get("maxResults") or PAGE)
        start = int(base64.urlsafe_b64decode(request.query.get("nextToken") or "MA=="))
    except ValueError:
        return bad_request("Invalid pagination token or page size")
    end = start + min(max(size, 1), LARGEST_PAGE)
    page: dict[str, Any] = {"items": items[start:end]}
    if end < len(items):
        page["nextToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return ok(page)
