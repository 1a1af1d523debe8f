"""The store: what moto holds, and the few things in it that must look as AWS makes them."""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.base_backend import BackendDict

from apis.cors.policy import FIELDS, CorsPolicy

type Api = Any
"""moto's Api: it brings no types."""

_WIRE = {name[0].lower() + name[1:]: name for name in FIELDS}


def empty() -> None:
    """Forget every API of every account."""
    BackendDict.reset()


def backend(account: str, region: str) -> Any:
    """moto's API Gateway of one account and region. Raises KeyError when AWS has no such region."""
    return apigatewayv2_backends[account][region]


def find(account: str, region: str, api_id: str) -> Api:
    """Return an API of an account; None when there is none by this id."""
    return backend(account, region).apis.get(api_id)


def anywhere(region: str, api_id: str) -> Api:
    """Return an API in any account, as the gateway finds it; None when there is none by this id."""
    for regions in list(apigatewayv2_backends.values()):
        # Not by [], which would make a region that no one has asked for.
        held = regions.get(region)
        if held is not None and api_id in held.apis:
            return held.apis[api_id]
    return None


def mappings(domain: str) -> list[Any]:
    """Return a custom domain's API mappings with the APIs, in whichever account and region: (mapping, Api)."""
    found = []
    for regions in list(apigatewayv2_backends.values()):
        for held in list(regions.values()):
            if domain in held.domain_names:
                for mapping in held.get_api_mappings(domain):
                    if mapping.api_id in held.apis:
                        found.append((mapping, held.apis[mapping.api_id]))
    return found


def endpoint(api_id: str, region: str, gateway_port: int) -> str:
    """Return the address at which the demo gateway serves an API."""
    return f"http://{api_id}.execute-api.{region}.localhost:{gateway_port}"


def rename(api: Api, api_id: str, gateway_port: int) -> None:
    """Give an API that moto has just made its id, its ARN and its address."""
    held, old, tags = api.backend, api.arn, api.backend.get_tags(api.arn)
    del held.apis[api.api_id]
    held.tagger.delete_all_tags_for_resource(old)
    region = held.region_name
    api.arn = old.removesuffix(api.api_id) + api_id
    api.api_id, api.api_endpoint = api_id, endpoint(api_id, region, gateway_port)
    held.apis[api_id] = api
    held.tag_resource(api.arn, tags)


def policy(api: Api) -> CorsPolicy:
    """Return an API's CORS configuration."""
    return as_policy(api.cors_configuration)


def as_policy(wire: dict[str, Any] | None) -> CorsPolicy:
    """Return the policy of a CorsConfiguration as it goes over the wire. Raises PolicyError."""
    if wire is None:
        return CorsPolicy.off()
    return CorsPolicy.from_aws({_WIRE[name]: value for name, value in wire.items() if name in _WIRE})


def merged(before: dict[str, Any] | None, sent: dict[str, Any]) -> dict[str, Any]:
    """Return what AWS holds after `sent`: missing members stay, lists come whole, header names in lower case."""
    after = dict(before or {})
    for name, value in sent.items():
        if name in _WIRE and value is not None:
            lowered = name in ("allowHeaders", "exposeHeaders") and isinstance(value, list)
            after[name] = [str(one).lower() for one in value] if lowered else value
    return after


def deployments(api: Api) -> list[dict[str, Any]]:
    """Return an API's deployments, which moto does not know."""
    if "deployments" not in vars(api):
        api.deployments = []
    held: list[dict[str, Any]] = api.deployments
    return held
