"""The demo's control plane answers as AWS's does, where moto alone would not."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import PARTNER, call, control, new_api

pytestmark = pytest.mark.once

FULL = {
    "AllowOrigins": ["https://app.example.com"],
    "AllowHeaders": ["content-type"],
    "AllowMethods": ["GET"],
    "ExposeHeaders": ["x-one"],
    "MaxAge": 60,
    "AllowCredentials": True,
}


def refused(do: Any, **given: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as found:
        do(**given)
    return {**found.value.response["Error"], "Status": found.value.response["ResponseMetadata"]["HTTPStatusCode"]}


def test_update_keeps_the_fields_that_are_left_out(demo: Demo, aws: Any) -> None:
    with new_api(demo, CorsConfiguration=FULL) as api:
        answer = aws.update_api(ApiId=api, CorsConfiguration={"AllowOrigins": ["https://other.example.com"]})
        expected = {**FULL, "AllowOrigins": ["https://other.example.com"]}
        assert answer["CorsConfiguration"] == expected
        assert aws.get_api(ApiId=api)["CorsConfiguration"] == expected


def test_an_empty_configuration_clears_nothing_and_deleting_clears(demo: Demo, aws: Any) -> None:
    with new_api(demo, CorsConfiguration=FULL) as api:
        assert aws.update_api(ApiId=api, CorsConfiguration={})["CorsConfiguration"] == FULL
        answer = aws.delete_cors_configuration(ApiId=api)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert "CorsConfiguration" not in aws.get_api(ApiId=api)


def test_an_update_of_something_else_leaves_cors_alone(demo: Demo, aws: Any) -> None:
    with new_api(demo, CorsConfiguration=FULL) as api:
        assert aws.update_api(ApiId=api, Description="new words")["CorsConfiguration"] == FULL


def test_off_and_empty_are_two_states(demo: Demo, aws: Any) -> None:
    with new_api(demo) as off, new_api(demo, CorsConfiguration={}) as empty:
        assert "CorsConfiguration" not in aws.get_api(ApiId=off)
        assert aws.get_api(ApiId=empty)["CorsConfiguration"] == {}


def test_header_names_come_back_in_lower_case_and_methods_do_not(demo: Demo, aws: Any) -> None:
    sent = {"AllowHeaders": ["Content-Type", "X-API-Key"], "ExposeHeaders": ["X-Total"], "AllowMethods": ["GET"]}
    with new_api(demo, CorsConfiguration=sent) as api:
        held = aws.get_api(ApiId=api)["CorsConfiguration"]
        assert held == {
            "AllowHeaders": ["content-type", "x-api-key"],
            "ExposeHeaders": ["x-total"],
            "AllowMethods": ["GET"],
        }


@pytest.mark.parametrize(
    ("cors", "message"),
    [
        (
            {"AllowOrigins": ["*"], "AllowCredentials": True},
            "allow-credentials is not supported if 'allow-origin' is *",
        ),
        ({"AllowOrigins": ["localhost:3000"]}, "Invalid format for origin localhost:3000"),
        ({"AllowOrigins": ["capacitor://localhost"]}, "Invalid format for origin capacitor://localhost"),
        ({"AllowOrigins": ["null"]}, "Invalid format for origin null"),
        ({"AllowOrigins": ["https://*.example.com"]}, "Invalid format for origin https://*.example.com"),
        ({"MaxAge": 86401}, "max-age must be between -1 and 86400"),
    ],
)
def test_what_aws_refuses_is_refused_in_its_words(demo: Demo, aws: Any, cors: dict[str, Any], message: str) -> None:
    with new_api(demo) as api:
        error = refused(aws.update_api, ApiId=api, CorsConfiguration=cors)
        assert error == {"Code": "BadRequestException", "Message": message, "Status": 400}
        assert "CorsConfiguration" not in aws.get_api(ApiId=api)
    assert refused(aws.create_api, Name="no", ProtocolType="HTTP", CorsConfiguration=cors)["Message"] == message


def test_the_merged_configuration_is_what_is_judged(demo: Demo, aws: Any) -> None:
    with new_api(demo, CorsConfiguration=FULL) as api:
        error = refused(aws.update_api, ApiId=api, CorsConfiguration={"AllowOrigins": ["*"]})
        assert error["Message"] == "allow-credentials is not supported if 'allow-origin' is *"
        both = {"AllowOrigins": ["*"], "AllowCredentials": False}
        assert aws.update_api(ApiId=api, CorsConfiguration=both)["CorsConfiguration"]["AllowOrigins"] == ["*"]


def test_websocket_apis_have_no_cors(demo: Demo, aws: Any) -> None:
    given = {"Name": "ws", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}
    words = "CORS configuration is only supported for HTTP APIs"
    assert refused(aws.create_api, **given, CorsConfiguration={"AllowOrigins": ["*"]})["Message"] == words


def test_ids_statuses_and_addresses_are_those_of_aws(demo: Demo, aws: Any) -> None:
    made = aws.create_api(Name="shape", ProtocolType="HTTP", Tags={"team": "web"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert re.fullmatch(r"[a-z0-9]{10}", made["ApiId"])
    assert made["ApiEndpoint"] == demo.invoke_url(made["ApiId"])
    assert aws.get_api(ApiId=made["ApiId"])["Tags"] == {"team": "web"}
    arn = f"arn:aws:apigateway:us-east-1::/apis/{made['ApiId']}"
    assert aws.get_tags(ResourceArn=arn)["Tags"] == {"team": "web"}
    assert aws.delete_api(ApiId=made["ApiId"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = refused(aws.get_api, ApiId=made["ApiId"])
    assert error["Code"] == "NotFoundException"
    assert error["Message"] == f"Invalid API identifier specified {made['ApiId']}"


def test_lists_come_in_pages(demo: Demo) -> None:
    aws = control(demo, "eu-central-1")
    made = [aws.create_api(Name=f"page-{n}", ProtocolType="HTTP")["ApiId"] for n in range(5)]
    first = aws.get_apis(MaxResults="2")
    second = aws.get_apis(MaxResults="2", NextToken=first["NextToken"])
    third = aws.get_apis(MaxResults="2", NextToken=second["NextToken"])
    assert [len(page["Items"]) for page in (first, second, third)] == [2, 2, 1]
    assert "NextToken" not in third
    seen = [api["ApiId"] for page in (first, second, third) for api in page["Items"]]
    assert seen == made
    assert refused(aws.get_apis, NextToken="nonsense")["Code"] == "BadRequestException"
    for api in made:
        aws.delete_api(ApiId=api)


def test_quick_create_makes_the_route_and_the_stage(demo: Demo, aws: Any) -> None:
    target = "arn:aws:lambda:us-east-1:123456789012:function:hello"
    made = aws.create_api(Name="quick", ProtocolType="HTTP", Target=target)
    assert [route["RouteKey"] for route in aws.get_routes(ApiId=made["ApiId"])["Items"]] == ["$default"]
    assert [stage["StageName"] for stage in aws.get_stages(ApiId=made["ApiId"])["Items"]] == ["$default"]
    assert call(demo.gateway_port, "GET", made["ApiEndpoint"] + "/anything").status == 200
    aws.delete_api(ApiId=made["ApiId"])


def test_a_stage_without_auto_deploy_is_deployed_by_hand(demo: Demo, aws: Any) -> None:
    with new_api(demo) as api:
        aws.create_stage(ApiId=api, StageName="prod")
        made = aws.create_deployment(ApiId=api, StageName="prod", Description="by hand")
        assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
        assert aws.get_stage(ApiId=api, StageName="prod")["DeploymentId"] == made["DeploymentId"]
        assert [one["DeploymentId"] for one in aws.get_deployments(ApiId=api)["Items"]] == [made["DeploymentId"]]
        assert "AutoDeploy" in refused(aws.create_deployment, ApiId=api, StageName="$default")["Message"]
        assert aws.update_stage(ApiId=api, StageName="prod", AutoDeploy=True)["AutoDeploy"]
        assert refused(aws.create_deployment, ApiId=api, StageName="nope")["Code"] == "NotFoundException"


def test_authorizers_are_listed(demo: Demo, aws: Any) -> None:
    with new_api(demo) as api:
        made = aws.create_authorizer(
            ApiId=api,
            Name="tokens",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": "https://login.example.com/", "Audience": ["web"]},
        )
        [found] = aws.get_authorizers(ApiId=api)["Items"]
        assert (found["AuthorizerId"], found["Name"]) == (made["AuthorizerId"], "tokens")


def test_a_definition_brings_its_cors(demo: Demo, aws: Any) -> None:
    definition = """
openapi: "3.0.1"
info: {title: from-a-file, version: "1"}
paths: {}
x-amazon-apigateway-cors: {allowOrigins: ["https://app.example.com"], allowHeaders: ["Content-Type"]}
"""
    with new_api(demo, CorsConfiguration=FULL) as api:
        held = aws.reimport_api(ApiId=api, Body=definition)["CorsConfiguration"]
        assert held == {"AllowOrigins": ["https://app.example.com"], "AllowHeaders": ["content-type"]}
        bad = definition.replace("https://app.example.com", "app.example.com")
        assert "Invalid format for origin" in refused(aws.reimport_api, ApiId=api, Body=bad)["Message"]


def test_operations_that_are_not_there_say_so_at_once(demo: Demo, aws: Any) -> None:
    demo.calls.clear()
    error = refused(aws.export_api, ApiId="abc123def4", OutputType="JSON", Specification="OAS30")
    assert error == {"Code": "NotImplementedException", "Message": "The demo AWS has no ExportApi.", "Status": 501}
    assert [one.operation for one in demo.calls].count("ExportApi") == 1


def test_any_keys_and_none_will_do(demo: Demo) -> None:
    unsigned = boto3.client(
        "apigatewayv2", region_name="us-east-1", endpoint_url=demo.endpoint, config=Config(signature_version=UNSIGNED)
    )
    assert unsigned.get_api(ApiId="abc123def4")["Name"] == "my-frontend-app-api"
    assert control(demo, key="x").get_api(ApiId="abc123def4")["Name"] == "my-frontend-app-api"


def test_a_role_leads_to_the_other_account_and_no_other_role_does(demo: Demo) -> None:
    sts = control(demo, service="sts")
    assert sts.get_caller_identity()["Account"] == "123456789012"
    role = "arn:aws:iam::210987654321:role/corsdash-demo"
    found = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    assert control(demo, key=found["AccessKeyId"], service="sts").get_caller_identity()["Account"] == "210987654321"
    theirs = {api["Name"] for api in control(demo, "eu-west-1", found["AccessKeyId"]).get_apis()["Items"]}
    ours = {api["Name"] for api in control(demo, "eu-west-1").get_apis()["Items"]}
    assert "payments-api" in theirs - ours
    assert not theirs & ours
    error = refused(sts.assume_role, RoleArn="arn:aws:iam::210987654321:role/other", RoleSessionName="test")
    assert error["Code"] == "AccessDenied"
    assert "is not authorized to perform: sts:AssumeRole" in error["Message"]


def test_accounts_cannot_touch_each_others_apis(demo: Demo, aws: Any) -> None:
    [theirs] = control(demo, key=PARTNER).get_apis()["Items"]
    assert refused(aws.get_api, ApiId=theirs["ApiId"])["Code"] == "NotFoundException"


def test_no_page_can_call_the_control_plane(demo: Demo) -> None:
    for method, path in (("OPTIONS", "/v2/apis"), ("GET", "/v2/apis"), ("POST", "/_demo/faults")):
        asked = urllib.request.Request(
            demo.endpoint + path,
            method=method,
            headers={"Origin": "https://evil.example", "Content-Type": "text/plain"},
        )
        with pytest.raises(urllib.error.HTTPError) as found:
            urllib.request.urlopen(asked, timeout=5)
        assert found.value.code == 403
        assert not [name for name in found.value.headers if name.lower().startswith("access-control-")]


def test_bodies_that_are_no_json_are_refused(demo: Demo) -> None:
    for body in (b"not json", b"[1]", b'{"corsConfiguration": "all"}', b'{"corsConfiguration": {"allowOrigins": "x"}}'):
        asked = urllib.request.Request(f"{demo.endpoint}/v2/apis/abc123def4", body, method="PATCH")
        with pytest.raises(urllib.error.HTTPError) as found:
            urllib.request.urlopen(asked, timeout=5)
        assert (found.value.code, found.value.headers["x-amzn-ErrorType"]) == (400, "BadRequestException")


def test_faults_can_be_asked_for_over_http_and_calls_are_reported(demo: Demo, aws: Any, faults: Faults) -> None:
    page = f"{demo.endpoint}/_demo/faults"
    wanted = b'{"kind": "refuse", "operation": "GetApi", "times": 1}'
    urllib.request.urlopen(urllib.request.Request(page, wanted, method="POST"), timeout=5).close()
    demo.calls.clear()
    assert refused(aws.get_api, ApiId="abc123def4")["Code"] == "AccessDeniedException"
    assert aws.get_api(ApiId="abc123def4")["ApiId"] == "abc123def4"
    with urllib.request.urlopen(f"{demo.endpoint}/_demo/calls", timeout=5) as answer:
        assert answer.read().count(b'"operation": "GetApi"') == 2
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(page, b'{"kind": "haunt"}', method="POST"), timeout=5)
