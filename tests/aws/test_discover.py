"""What is read of an account's HTTP APIs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from apis.aws import Mapping, NotFound, Reach, Unreachable, details, domains, get_api, list_apis
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import control, new_api


def id_of(reach: Reach, region: str, name: str) -> str:
    return next(one.api_id for one in list_apis(reach, region) if one.name == name)


def test_http_apis_are_listed_and_websocket_ones_are_not(reach: Reach) -> None:
    seen = {one.name: one for one in list_apis(reach, "us-east-1")}
    assert "my-frontend-app-api" in seen
    assert "live-prices" not in seen
    shop = seen["shop-checkout"]
    assert shop.cors == {
        "AllowOrigins": ["https://shop.example.com", "https://www.shop.example.com"],
        "AllowHeaders": ["authorization", "content-type", "x-cart-id"],
        "AllowMethods": ["GET", "POST", "DELETE"],
        "ExposeHeaders": ["x-request-id"],
        "MaxAge": 600,
        "AllowCredentials": True,
    }
    assert shop.tags["managed-by"] == "terraform"
    assert shop.created_at == datetime(2024, 11, 5, 13, 40, tzinfo=UTC)
    assert shop.endpoint.startswith(f"http://{shop.api_id}.execute-api.us-east-1.localhost:")


def test_off_and_empty_are_named(reach: Reach) -> None:
    assert get_api(reach, "us-east-1", "abc123def4").cors is None
    assert get_api(reach, "eu-west-1", id_of(reach, "eu-west-1", "profile-service")).cors == {}


def test_every_page_is_read(reach: Reach, called: Callable[[], list[Any]]) -> None:
    whole = [one.api_id for one in list_apis(reach, "us-east-1")]
    assert [one.api_id for one in list_apis(reach, "us-east-1", page_size=2)] == whole
    assert len([one for one in called() if one.operation == "GetApis"]) >= 4


def test_a_role_shows_the_other_account(reach: Reach, partner: Reach) -> None:
    ours = {one.name for one in list_apis(reach, "eu-west-1")}
    theirs = {one.name for one in list_apis(partner, "eu-west-1")}
    assert theirs == {"payments-api", "partner-portal"}
    assert not ours & theirs


def test_an_api_that_is_gone(demo: Demo, reach: Reach) -> None:
    with new_api(demo) as gone:
        assert get_api(reach, "us-east-1", gone).api_id == gone
    with pytest.raises(NotFound, match=gone) as found:
        get_api(reach, "us-east-1", gone)
    assert (found.value.code, found.value.status) == ("NotFoundException", 404)


def test_routes_stages_integrations_and_authorizers(reach: Reach, partner: Reach) -> None:
    found = details(reach, "us-east-1", id_of(reach, "us-east-1", "shop-checkout"))
    routes = {route["key"]: route for route in found.routes}
    assert found.authorizers is not None
    assert found.integrations is not None
    [authorizer] = found.authorizers
    assert (authorizer["name"], authorizer["type"]) == ("jwt-customers", "JWT")
    assert authorizer["issuer"] == "https://login.example.com/"
    cart = routes["GET /cart"]
    assert (cart["authorization"], cart["authorizer"]) == ("JWT", authorizer["id"])
    assert routes["GET /health"]["authorization"] == "NONE"
    targets = {f"integrations/{one['id']}": one["uri"] for one in found.integrations}
    assert targets[cart["target"]].endswith(":function:cart-read")
    assert [(stage["name"], stage["auto_deploy"]) for stage in found.stages] == [("$default", True)]
    portal = details(partner, "eu-west-1", id_of(partner, "eu-west-1", "partner-portal"))
    assert {stage["name"]: stage["auto_deploy"] for stage in portal.stages} == {"staging": True, "prod": False}


def test_an_endpoint_may_lack_operations(reach: Reach, api: str, faults: Faults) -> None:
    faults.add("missing", operation="GetAuthorizers")
    faults.add("missing", operation="GetIntegrations")
    found = details(reach, "us-east-1", api)
    assert (found.authorizers, found.integrations) == (None, None)
    assert [route["key"] for route in found.routes] == ["GET /items"]


def test_custom_domains_lead_to_apis(demo: Demo, reach: Reach) -> None:
    [domain] = domains(reach, "us-east-1")
    assert domain.name == f"api.shop.localhost:{demo.gateway_port}"
    assert domain.scheme == "http"
    assert set(domain.mappings) == {
        Mapping(id_of(reach, "us-east-1", "shop-checkout"), "", "$default"),
        Mapping(id_of(reach, "us-east-1", "shop-catalog"), "catalog", "$default"),
    }
    assert domains(reach, "eu-west-1") == []


def test_a_real_domain_is_called_by_https(demo: Demo, reach: Reach) -> None:
    aws, region = control(demo, "ca-central-1"), "ca-central-1"
    aws.create_domain_name(DomainName="api.example.com", MutualTlsAuthentication={"TruststoreUri": "s3://b/ca.pem"})
    with new_api(demo, region=region) as api:
        aws.create_api_mapping(ApiId=api, DomainName="api.example.com", Stage="$default", ApiMappingKey="v1/orders")
        [domain] = domains(reach, region)
        assert (domain.name, domain.scheme, domain.mutual_tls) == ("api.example.com", "https", True)
        assert domain.mappings == (Mapping(api, "v1/orders", "$default"),)
    aws.delete_domain_name(DomainName="api.example.com")


def test_what_is_not_awss_answer_is_not_taken_for_an_empty_account(reach: Reach, faults: Faults) -> None:
    faults.add("garbage")
    with pytest.raises(Unreachable, match="not from AWS"):
        list(list_apis(reach, "us-east-1"))
    with pytest.raises(Unreachable, match="not from AWS"):
        get_api(reach, "us-east-1", "abc123def4")
