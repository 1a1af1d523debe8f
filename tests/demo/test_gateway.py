"""The stand-in gateway answers calls to the APIs as API Gateway would, by what the control plane holds."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import PARTNER, call, control, new_api, preflight

pytestmark = pytest.mark.once

APP = "https://app.example.com"


def seeded(demo: Demo, name: str, region: str = "us-east-1", key: str = "anything") -> str:
    """The invoke URL of one of the demo's own APIs."""
    apis = control(demo, region, key).get_apis()["Items"]
    return next(str(api["ApiEndpoint"]) for api in apis if api["Name"] == name)


def test_an_api_without_cors_has_no_preflight(demo: Demo) -> None:
    with new_api(demo, "GET /items") as api:
        answer = preflight(demo.gateway_port, demo.invoke_url(api) + "/items", APP)
        assert (answer.status, answer.body, answer.cors) == (404, b'{"message":"Not Found"}', {})
        assert answer.headers["apigw-requestid"]
        assert call(demo.gateway_port, "GET", demo.invoke_url(api) + "/items", {"Origin": APP}).cors == {}


def test_a_change_is_live_at_once(demo: Demo, aws: Any) -> None:
    with new_api(demo, "GET /items") as api:
        url = demo.invoke_url(api) + "/items"
        aws.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": [APP], "AllowMethods": ["GET"], "MaxAge": 5})
        answer = preflight(demo.gateway_port, url, APP)
        assert (answer.status, answer.body) == (204, b"")
        assert answer.cors == {
            "access-control-allow-methods": "GET",
            "access-control-allow-origin": APP,
            "access-control-max-age": "5",
        }
        assert "content-length" not in answer.headers
        stranger = preflight(demo.gateway_port, url, "https://evil.example")
        assert (stranger.status, stranger.cors) == (204, {})
        aws.delete_cors_configuration(ApiId=api)
        assert preflight(demo.gateway_port, url, APP).status == 404


def test_the_call_itself_gets_the_backend_and_the_gateways_headers(demo: Demo) -> None:
    cors = {"AllowOrigins": ["*"], "ExposeHeaders": ["x-request-id"]}
    with new_api(demo, "GET /things", CorsConfiguration=cors) as api:
        answer = call(demo.gateway_port, "GET", demo.invoke_url(api) + "/things?page=2", {"Origin": APP})
        assert answer.status == 200
        assert answer.cors == {"access-control-allow-origin": "*", "access-control-expose-headers": "x-request-id"}
        assert b'"path": "/things"' in answer.body
        head = call(demo.gateway_port, "POST", demo.invoke_url(api) + "/things", {"Origin": APP}, b"{}")
        assert (head.status, head.body) == (404, b'{"message":"Not Found"}')


def test_a_token_is_wanted_where_the_route_says_so(demo: Demo) -> None:
    url = seeded(demo, "shop-checkout") + "/cart"
    origin = {"Origin": "https://shop.example.com"}
    without = call(demo.gateway_port, "GET", url, origin)
    assert (without.status, without.body) == (401, b'{"message":"Unauthorized"}')
    assert without.cors["access-control-allow-origin"] == "https://shop.example.com"
    assert call(demo.gateway_port, "GET", url, {**origin, "Authorization": "Bearer x"}).status == 200
    assert preflight(demo.gateway_port, url, origin["Origin"], "GET", "authorization").status == 204


def test_a_route_for_any_method_swallows_the_preflight(demo: Demo) -> None:
    url = seeded(demo, "account-service") + "/profile"
    answer = preflight(demo.gateway_port, url, APP, "PUT", "content-type")
    assert answer.status == 401
    assert answer.cors["access-control-allow-origin"] == APP


def test_an_empty_configuration_throws_away_what_the_backend_says(demo: Demo) -> None:
    url = seeded(demo, "profile-service", "eu-west-1") + "/profiles/7"
    answer = call(demo.gateway_port, "GET", url, {"Origin": APP})
    assert (answer.status, answer.cors) == (200, {})


def test_without_cors_the_functions_own_headers_pass(demo: Demo) -> None:
    url = seeded(demo, "legacy-reports", "ap-southeast-2", PARTNER) + "/reports"
    answer = preflight(demo.gateway_port, url, APP)
    assert answer.status == 204
    assert answer.cors["access-control-allow-origin"] == "*"
    assert call(demo.gateway_port, "GET", url, {"Origin": APP}).cors["access-control-allow-origin"] == "*"


def test_a_stage_has_its_prefix(demo: Demo) -> None:
    url = seeded(demo, "partner-portal", "eu-west-1", PARTNER)
    origin = "https://partners.example.com"
    assert preflight(demo.gateway_port, url + "/staging/figures", origin).status == 204
    assert preflight(demo.gateway_port, url + "/figures", origin).status == 404
    assert b'"path": "/figures"' in call(demo.gateway_port, "GET", url + "/prod/figures").body


def test_custom_domains_lead_to_their_apis_by_path(demo: Demo) -> None:
    root = f"http://api.shop.localhost:{demo.gateway_port}"
    catalog = call(demo.gateway_port, "GET", root + "/catalog/products/3", {"Origin": APP})
    assert catalog.cors == {"access-control-allow-origin": "*"}
    assert b'"path": "/products/3"' in catalog.body
    checkout = preflight(demo.gateway_port, root + "/cart", "https://shop.example.com")
    assert checkout.cors["access-control-allow-credentials"] == "true"
    assert call(demo.gateway_port, "GET", root + "/catalogue").status == 404


def test_the_longest_mapping_wins(demo: Demo, aws: Any) -> None:
    with new_api(demo, "GET /deep") as deep, new_api(demo, "$default") as root:
        aws.create_domain_name(DomainName="long.localhost")
        for api, key in ((deep, "v1/orders"), (root, ""), (root, "v1")):
            aws.create_api_mapping(ApiId=api, DomainName="long.localhost", Stage="$default", ApiMappingKey=key)
        url = f"http://long.localhost:{demo.gateway_port}/v1/orders/deep"
        assert call(demo.gateway_port, "GET", url).headers["x-request-id"].startswith(deep)
        other = call(demo.gateway_port, "GET", url.replace("orders", "orderses"))
        assert other.headers["x-request-id"].startswith(root)
        assert b'"path": "/orderses/deep"' in other.body
        aws.delete_domain_name(DomainName="long.localhost")


def test_websocket_apis_are_not_served(demo: Demo, aws: Any) -> None:
    kind = {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    with new_api(demo, "$default", **kind) as api:
        assert call(demo.gateway_port, "GET", demo.invoke_url(api) + "/").status == 404


def test_a_disabled_address_answers_at_the_custom_domain_only(demo: Demo) -> None:
    url = seeded(demo, "store-locator", "ap-southeast-2") + "/stores"
    assert call(demo.gateway_port, "GET", url).status == 404
    assert call(demo.gateway_port, "GET", f"http://stores.shop.localhost:{demo.gateway_port}/stores").status == 200


@pytest.mark.parametrize("host", ["nosuchapi1.execute-api.us-east-1.localhost", "unknown.localhost", "127.0.0.1", "a"])
def test_other_names_lead_nowhere(demo: Demo, host: str) -> None:
    assert call(demo.gateway_port, "GET", f"http://{host}/items").status == 404


def test_an_api_is_served_in_its_own_region_only(demo: Demo) -> None:
    assert call(demo.gateway_port, "GET", "http://abc123def4.execute-api.us-east-1.localhost/items").status == 200
    assert call(demo.gateway_port, "GET", "http://abc123def4.execute-api.eu-west-1.localhost/items").status == 404


def test_a_connection_is_kept_for_the_next_call(demo: Demo) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", demo.gateway_port, timeout=5)
    host = {"Host": "abc123def4.execute-api.us-east-1.localhost"}
    sockets = set()
    for method, body in (
        ("GET", None),
        ("POST", b'{"name": "Pen"}'),
        ("OPTIONS", None),
        ("HEAD", None),
        ("BREW", None),
    ):
        connection.request(method, "/items", body, host)
        connection.getresponse().read()
        sockets.add(id(connection.sock))
    assert len(sockets) == 1
    assert connection.sock is not None
    connection.close()


def test_bodies_over_the_quota_are_refused(demo: Demo) -> None:
    url = "http://abc123def4.execute-api.us-east-1.localhost/items"
    assert call(demo.gateway_port, "POST", url, {"Content-Length": str(11 * 1024 * 1024)}).status == 413


def test_the_gateway_can_be_made_to_fail(demo: Demo, faults: Faults) -> None:
    with new_api(demo, "GET /items", CorsConfiguration={"AllowOrigins": ["*"]}) as api:
        url = demo.invoke_url(api) + "/items"
        faults.add("broken", operation="Invoke", api=api, times=1)
        assert call(demo.gateway_port, "GET", url).status == 503
        faults.add("drop", operation="Invoke", api=api, times=1)
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            call(demo.gateway_port, "GET", url)
        assert call(demo.gateway_port, "GET", url).status == 200
