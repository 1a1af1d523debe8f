"""The seed: plants the demo's APIs into moto's store, past the checks of AWS, always under the same ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.moto_api._internal import mock_random

from apis.demo.emulator import store
from apis.demo.emulator.operations import domain_target
from apis.demo.seed_apis import APIS, DOMAINS, START, SeedApi, id_of


def plant(gateway_port: int) -> None:
    """Make every API and custom domain. moto's store should be empty."""
    # The ids of routes, integrations and authorizers are moto's own: the same ones each time, too.
    mock_random.seed(START)
    ids = {one.name: _plant(one, gateway_port).api_id for one in APIS}
    mock_random.seed()
    for domain in DOMAINS:
        held = store.backend(domain.account, domain.region)
        target = {"apiGatewayDomainName": domain_target(domain.region, gateway_port), "domainNameStatus": "AVAILABLE"}
        held.create_domain_name(domain.name, [{**target, "endpointType": "REGIONAL"}], {}, {})
        for path, api in domain.mappings.items():
            held.create_api_mapping(ids[api], path, domain.name, "$default")


def _plant(one: SeedApi, gateway_port: int) -> Any:
    held = store.backend(one.account, one.region)
    expression = "$request.body.action" if one.protocol == "WEBSOCKET" else ""
    api = held.create_api(
        "", one.cors, one.description, False, one.disable_execute_api_endpoint, one.name, one.protocol, expression,
        dict(one.tags), one.version,
    )  # fmt: skip
    store.rename(api, id_of(one), gateway_port)
    api.created_date = datetime.fromisoformat(one.created)
    authorizers = {name: _authorizer(api, name, one) for name in one.authorizers}
    for key, function, *rest in one.routes:
        integration = api.create_integration(
            connection_type="INTERNET",
            description="",
            integration_method="POST",
            integration_type="AWS_PROXY",
            integration_uri=f"arn:aws:lambda:{one.region}:{one.account}:function:{function}",
            payload_format_version="2.0",
        )
        authorizer = authorizers[rest[0]] if rest else None
        kind = {"JWT": "JWT", "REQUEST": "CUSTOM"}[authorizer.authorizer_type] if authorizer else "NONE"
        api.create_route(
            False, [], key, f"integrations/{integration.id}", authorization_type=kind,
            authorizer_id=authorizer.id if authorizer else None,
        )  # fmt: skip
    for name, auto_deploy in one.stages.items():
        stage = api.create_stage({"stageName": name, "autoDeploy": auto_deploy})
        stage.created = stage.updated = api.created_date
        if not auto_deploy:
            stage.deployed_cors = store.policy(api)
    return api


def _authorizer(api: Any, name: str, one: SeedApi) -> Any:
    jwt = name.startswith("jwt")
    function = f"arn:aws:lambda:{one.region}:{one.account}:function:{name}"
    return api.create_authorizer(
        auth_creds_arn=None,
        auth_payload_format_version=None if jwt else "2.0",
        auth_result_ttl=None if jwt else 300,
        authorizer_type="JWT" if jwt else "REQUEST",
        authorizer_uri=None if jwt else f"arn:aws:apigateway:{one.region}:lambda:path/functions/{function}/invocations",
        enable_simple_response=None if jwt else True,
        identity_source=["$request.header.Authorization"],
        identity_validation_expr=None,
        jwt_config={"audience": [one.name], "issuer": "https://login.example.com/"} if jwt else None,
        name=name,
    )
